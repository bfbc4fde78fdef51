"""PBKDF2 and SCRAM values in Dovecot's own notation."""

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from hmac import compare_digest

from mailadmin.core.passwords.randomness import salt, text_salt

# About 30 ms here and 90 ms in Dovecot, at each login; SCRAM's rounds are paid by each mail program too.
ROUNDS = 100_000
MAX_ROUNDS = 5_000_000

_PBKDF2 = re.compile(rb"\$1\$([^$]{1,128})\$(\d{1,9})\$([0-9a-fA-F]{40})")
_SCRAM = re.compile(rb"(\d{1,9}),([A-Za-z0-9+/=]{1,172}),([A-Za-z0-9+/=]{1,88}),([A-Za-z0-9+/=]{1,88})")
_SCRAM_ALGORITHMS = {"SCRAM-SHA-1": "sha1", "SCRAM-SHA-256": "sha256"}


def pbkdf2_matches(password: bytes, value: bytes) -> bool:
    """Say whether a password fits `$1$salt$rounds$hex` (SHA-1; the salt is the text itself)."""
    parts = _PBKDF2.fullmatch(value)
    if not parts or not 1 <= int(parts[2]) <= MAX_ROUNDS:
        return False
    return compare_digest(_pbkdf2(password, parts[1], int(parts[2])), bytes.fromhex(parts[3].decode()))


def pbkdf2_string(password: bytes) -> str:
    """Make a PBKDF2 value."""
    seasoning = text_salt(16)
    return f"$1${seasoning}${ROUNDS}${_pbkdf2(password, seasoning.encode(), ROUNDS).hex()}"


def scram_matches(scheme: str, password: bytes, value: bytes) -> bool:
    """Say whether a password fits `rounds,salt,StoredKey,ServerKey` (Base64). Source: RFC 5802 section 3.

    Raises ValueError for damaged Base64.
    """
    parts = _SCRAM.fullmatch(value)
    if not parts or not 1 <= int(parts[1]) <= MAX_ROUNDS:
        return False
    seasoning, stored_key, server_key = (b64decode(part, validate=True) for part in parts.groups()[1:])
    expected = _scram_keys(_SCRAM_ALGORITHMS[scheme], password, seasoning, int(parts[1]))
    return compare_digest(b"".join(expected), stored_key + server_key)


def scram_string(scheme: str, password: bytes) -> str:
    """Make a SCRAM value."""
    seasoning = salt(16)
    keys = _scram_keys(_SCRAM_ALGORITHMS[scheme], password, seasoning, ROUNDS)
    return ",".join([str(ROUNDS), *(b64encode(part).decode() for part in (seasoning, *keys))])


def _pbkdf2(password: bytes, seasoning: bytes, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha1", password, seasoning, rounds)


def _scram_keys(algorithm: str, password: bytes, seasoning: bytes, rounds: int) -> tuple[bytes, bytes]:
    salted = hashlib.pbkdf2_hmac(algorithm, password, seasoning, rounds)
    client_key = hmac.digest(salted, b"Client Key", algorithm)
    return hashlib.new(algorithm, client_key).digest(), hmac.digest(salted, b"Server Key", algorithm)
