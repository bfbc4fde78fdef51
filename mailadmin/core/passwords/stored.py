"""What a stored password string says about itself: its scheme, its encoding, its value."""

import re
from base64 import b64decode
from binascii import unhexlify
from typing import NamedTuple

# Bytes in the raw value of each digest scheme; 0 where a salt of any length follows, which is always Base64.
DIGEST_SIZES = {
    "MD5": 16,
    "MD5RAW": 16,
    "PLAIN-MD5": 16,
    "LDAP-MD5": 16,
    "PLAIN-MD4": 16,
    "DIGEST-MD5": 16,
    "CRAM-MD5": 32,
    "SHA": 20,
    "SHA256": 32,
    "SHA512": 64,
    "SMD5": 0,
    "SSHA": 0,
    "SSHA256": 0,
    "SSHA512": 0,
}
CRYPT_SCHEMES = frozenset(
    {
        "CRYPT",
        "DES-CRYPT",
        "MD5-CRYPT",
        "SHA256-CRYPT",
        "SHA512-CRYPT",
        "BLF-CRYPT",
        "YESCRYPT",
    }
)
PLAIN_SCHEMES = frozenset({"PLAIN", "CLEAR", "CLEARTEXT"})
TEXT_SCHEMES = CRYPT_SCHEMES | PLAIN_SCHEMES | {"ARGON2I", "ARGON2ID", "PBKDF2", "SCRAM-SHA-1", "SCRAM-SHA-256"}
KNOWN_SCHEMES = TEXT_SCHEMES | DIGEST_SIZES.keys()
ENCODINGS = frozenset({"HEX", "B64", "BASE64"})
SAME_AS = {"SHA1": "SHA", "HMAC-MD5": "CRAM-MD5"}

_PREFIX = re.compile(r"\{([A-Za-z0-9-]{1,32})(?:\.([A-Za-z0-9]{1,8}))?\}")
_MODULAR_NAMES = {
    "$1$": "MD5-CRYPT",
    "$2a$": "BLF-CRYPT",
    "$2b$": "BLF-CRYPT",
    "$2y$": "BLF-CRYPT",
    "$5$": "SHA256-CRYPT",
    "$6$": "SHA512-CRYPT",
    "$y$": "YESCRYPT",
    "$gy$": "YESCRYPT",
    "$argon2i$": "ARGON2I",
    "$argon2id$": "ARGON2ID",
}
# "$1$" as it begins in each encoding.
_MD5_CRYPT_STARTS = {"HEX": "243124", "B64": "JDEk", "BASE64": "JDEk"}
_MODULAR = re.compile(r"\$[a-z0-9]{1,8}\$")
_DES = re.compile(r"[./0-9A-Za-z]{13}")
_HEX_MD5 = re.compile(r"[0-9A-Fa-f]{32}")


class Stored(NamedTuple):
    """A stored password taken apart. `encoding` is "" where the scheme's own form is meant."""

    scheme: str
    encoding: str
    value: str
    bare: bool

    def raw(self) -> bytes:
        """The value as bytes, decoded as Dovecot decodes it.

        Raises ValueError when the value does not fit its encoding.
        """
        if self.encoding == "HEX":
            return unhexlify(self.value)
        if self.encoding:
            return b64decode(self.value, validate=True)
        size = DIGEST_SIZES.get(self.scheme)
        if size is None:
            return self.value.encode()
        # Dovecot tells hexadecimal from Base64 by length: `{SHA256}` may hold either.
        return unhexlify(self.value) if size and len(self.value) == 2 * size else b64decode(self.value, validate=True)


def parse_stored(stored: str, default_scheme: str = "") -> Stored | None:
    """Take a stored password apart.

    stored: the column's content. default_scheme: what a value without prefix is when its form does not say it, as
    Dovecot's default_pass_scheme; "" or "CRYPT" means that only forms known by sight are read.
    Returns None for an empty, switched-off (`!...`, `*...`) or unknown value.
    """
    if not stored or stored[0] in "!*":
        return None
    prefix = _PREFIX.match(stored)
    if prefix:
        return _prefixed(prefix, stored[prefix.end() :])
    scheme = _bare_scheme(stored, default_scheme)
    return _named(scheme, stored, bare=True) if scheme else None


def scheme_of(stored: str) -> str:
    """Name a stored password's scheme for reports and for adopting a database.

    Returns the form that `MAILADMIN_PASSWORD_SCHEME` takes (`ARGON2ID`, `SHA512-CRYPT.B64`, `SHA512-CRYPT:bare`), or
    "EMPTY", "DISABLED" or "UNKNOWN". Never returns any part of an unknown value: it may be a password in clear.
    """
    if not stored:
        return "EMPTY"
    if stored[0] in "!*":
        return "DISABLED"
    parsed = parse_stored(stored)
    if parsed is None:
        return "UNKNOWN"
    return parsed.scheme + (f".{parsed.encoding}" if parsed.encoding else "") + (":bare" if parsed.bare else "")


def _prefixed(prefix: re.Match[str], value: str) -> Stored | None:
    encoding = (prefix[2] or "").upper()
    if encoding and encoding not in ENCODINGS:
        return None
    return _named(prefix[1].upper(), value, encoding=encoding)


def _named(name: str, value: str, *, encoding: str = "", bare: bool = False) -> Stored | None:
    scheme = SAME_AS.get(name, name)
    if scheme == "MD5" and value.startswith(_MD5_CRYPT_STARTS.get(encoding, "$1$")):
        scheme = "MD5-CRYPT"  # Dovecot's MD5 is both: Courier's digest and the old crypt form.
    return Stored(scheme, encoding, value, bare) if scheme in KNOWN_SCHEMES else None


def _bare_scheme(stored: str, default_scheme: str) -> str:
    modular = _MODULAR.match(stored)
    if modular and modular[0] in _MODULAR_NAMES:
        return _MODULAR_NAMES[modular[0]]
    if default_scheme and default_scheme.upper() != "CRYPT":
        return default_scheme.upper()
    if _DES.fullmatch(stored):
        return "DES-CRYPT"
    return "PLAIN-MD5" if _HEX_MD5.fullmatch(stored) else ""
