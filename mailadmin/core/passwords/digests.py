"""One-pass digests with and without salt, and passwords in clear."""

import hashlib
from hmac import compare_digest

from passlib.hash import hex_md4

from mailadmin.core.passwords.randomness import salt

SALTED = {"SMD5": "md5", "SSHA": "sha1", "SSHA256": "sha256", "SSHA512": "sha512"}
UNSALTED = {
    "MD5": "md5",
    "MD5RAW": "md5",
    "PLAIN-MD5": "md5",
    "LDAP-MD5": "md5",
    "SHA": "sha1",
    "SHA256": "sha256",
    "SHA512": "sha512",
}


def matches(scheme: str, password: bytes, raw: bytes) -> bool:
    """Say whether a password fits a decoded digest. Source: RFC 2307, Dovecot's password schemes."""
    if scheme == "PLAIN-MD4":
        return bool(hex_md4.verify(password, raw.hex()))
    if scheme in UNSALTED:
        return compare_digest(_digest(UNSALTED[scheme], password), raw)
    algorithm = SALTED[scheme]
    size = hashlib.new(algorithm).digest_size
    # Without a salt it is another scheme, which Dovecot refuses here too.
    return len(raw) > size and compare_digest(_digest(algorithm, password + raw[size:]), raw[:size])


def salted(scheme: str, password: bytes) -> bytes:
    """Make the raw value of a salted scheme: the digest, then 8 bytes of salt."""
    seasoning = salt(8)
    return _digest(SALTED[scheme], password + seasoning) + seasoning


def unsalted(scheme: str, password: bytes) -> bytes:
    """Make the raw value of a scheme without salt, for an old panel that reads nothing else."""
    return _digest(UNSALTED[scheme], password)


def _digest(algorithm: str, text: bytes) -> bytes:
    # MD5 and SHA-1 are what old tables hold: read here, never chosen by us.
    return hashlib.new(algorithm, text, usedforsecurity=False).digest()
