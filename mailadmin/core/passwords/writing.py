"""Making stored passwords in the configured scheme."""

import unicodedata
from base64 import b64encode
from collections.abc import Callable
from typing import NamedTuple

from argon2 import Type
from django.utils.translation import gettext as _

from mailadmin.core.passwords import argon, challenge, crypt3, derived, digests
from mailadmin.core.passwords.stored import ENCODINGS

DEFAULT_SCHEME = "ARGON2ID"
# What crypt(3) takes, and far above what anybody types.
MAX_PASSWORD_BYTES = 512
# The width of PostfixAdmin's password columns.
MAX_STORED = 255

# Takes the password's bytes and the address, gives the raw value: text, or the bytes of a digest.
_Maker = Callable[[bytes, str], bytes]


class UnusablePassword(ValueError):
    """A password that the scheme cannot hold as it was typed. `message` is translated."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class WriteScheme(NamedTuple):
    """The scheme setting taken apart: `NAME`, `NAME.B64`, `NAME.HEX`, or `NAME:bare` for no prefix."""

    name: str
    encoding: str
    bare: bool


def hash_password(password: str, scheme: str | None = None, *, username: str = "") -> str:
    """Make the string to store for a password.

    scheme: as the setting MAILADMIN_PASSWORD_SCHEME, which is the default. username: the full address, which
    DIGEST-MD5 needs. Raises UnusablePassword, and ValueError for a scheme that is not written here.
    Source: Dovecot's password schemes, crypt(5).
    """
    write = parse_write_scheme(configured_scheme() if scheme is None else scheme)
    if message := refusal(password, write.name):
        raise UnusablePassword(message)
    stored = _written(write, _MAKERS[write.name](password.encode(), username))
    if len(stored) > MAX_STORED:
        raise UnusablePassword(_("This password is too long to be stored."))
    return stored


def parse_write_scheme(text: str) -> WriteScheme:
    """Read a scheme setting such as `ARGON2ID`, `sha512-crypt:bare` or `SHA512-CRYPT.B64`.

    Raises ValueError, in English for the administrator, when it is not one that is written here.
    """
    full, _colon, bare = text.strip().upper().partition(":")
    name, _dot, encoding = full.partition(".")
    if name not in WRITABLE_SCHEMES:
        raise ValueError(f"Unknown password scheme {text!r}: use one of {', '.join(sorted(WRITABLE_SCHEMES))}")
    if bare not in {"", "BARE"} or (encoding and encoding not in ENCODINGS):
        raise ValueError(f"Unknown form in password scheme {text!r}: only .B64, .BASE64, .HEX and :bare exist")
    # Without prefix a value must say by its own form what it is.
    if bare and (encoding or name not in _BARE_SCHEMES):
        raise ValueError(f"Password scheme {text!r} cannot be bare: only {', '.join(sorted(_BARE_SCHEMES))} can")
    return WriteScheme(name, encoding, bool(bare))


def configured_scheme() -> str:
    """The scheme in which new passwords are written where the database does not say another."""
    from django.conf import settings

    return str(getattr(settings, "MAILADMIN_PASSWORD_SCHEME", "")) or DEFAULT_SCHEME


def refusal(password: str, name: str) -> str:
    """Why a password cannot be stored in a scheme, translated; "" when it can. name: without encoding."""
    # "Cc" is control characters, NUL among them; "Cs" is half characters that UTF-8 cannot hold.
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in password):
        return _("The password must not contain control characters.")
    if not password:
        return _("The password must not be empty.")
    most = crypt3.BCRYPT_BYTES if name == "BLF-CRYPT" else MAX_PASSWORD_BYTES
    if len(password.encode()) > most:
        return _("The password must not be longer than %(bytes)d bytes.") % {"bytes": most}
    return ""


def _written(write: WriteScheme, raw: bytes) -> str:
    encoding = write.encoding
    # A cleartext password outside ASCII does not survive a latin1 column, so it is stored encoded.
    if write.name == "PLAIN" and not raw.isascii():
        encoding = encoding or "B64"
    value = _encoded(raw, encoding or _OWN_ENCODINGS.get(write.name, ""))
    if write.bare:
        return value
    return f"{{{write.name}.{encoding}}}{value}" if encoding else f"{{{write.name}}}{value}"


def _encoded(raw: bytes, encoding: str) -> str:
    if encoding == "HEX":
        return raw.hex()
    return b64encode(raw).decode() if encoding else raw.decode()


# How a scheme that makes bytes is written when its name says nothing.
_OWN_ENCODINGS = {
    "SSHA": "B64",
    "SSHA256": "B64",
    "SSHA512": "B64",
    "CRAM-MD5": "HEX",
    "DIGEST-MD5": "HEX",
    "PLAIN-MD5": "HEX",
}
_MAKERS: dict[str, _Maker] = {
    "ARGON2ID": lambda password, _username: argon.argon2_string(password, Type.ID),
    "ARGON2I": lambda password, _username: argon.argon2_string(password, Type.I),
    "BLF-CRYPT": lambda password, _username: crypt3.bcrypt_string(password),
    "SHA512-CRYPT": lambda password, _username: crypt3.sha512_string(password),
    "SHA256-CRYPT": lambda password, _username: crypt3.sha256_string(password),
    "MD5-CRYPT": lambda password, _username: crypt3.md5_string(password),
    "CRYPT": lambda password, _username: crypt3.sha512_string(password),
    "SSHA512": lambda password, _username: digests.salted("SSHA512", password),
    "SSHA256": lambda password, _username: digests.salted("SSHA256", password),
    "SSHA": lambda password, _username: digests.salted("SSHA", password),
    "PBKDF2": lambda password, _username: derived.pbkdf2_string(password).encode(),
    "SCRAM-SHA-256": lambda password, _username: derived.scram_string("SCRAM-SHA-256", password).encode(),
    "SCRAM-SHA-1": lambda password, _username: derived.scram_string("SCRAM-SHA-1", password).encode(),
    "CRAM-MD5": lambda password, _username: challenge.cram_md5(password),
    "DIGEST-MD5": challenge.digest_md5,
    "PLAIN-MD5": lambda password, _username: digests.unsalted("PLAIN-MD5", password),
    "PLAIN": lambda password, _username: password,
}
WRITABLE_SCHEMES = frozenset(_MAKERS)
_BARE_SCHEMES = frozenset(
    {"CRYPT", "MD5-CRYPT", "SHA256-CRYPT", "SHA512-CRYPT", "BLF-CRYPT", "ARGON2I", "ARGON2ID", "PLAIN-MD5"}
)
