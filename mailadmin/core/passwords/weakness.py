"""Which stored forms of a password are weak, and why: one table, from which also comes what a database is asked."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mailadmin.core.passwords.stored import parse_stored
from mailadmin.core.passwords.verifying import configured_default

READABLE = _("It is kept as it was typed: whoever reads the database has it.")
UNSALTED = _("A quick hash without salt: common passwords are looked up in a list.")
QUICK = _("A quick hash: a graphics card tries billions of passwords a second.")
MD5 = _("MD5-CRYPT: a graphics card tries millions of passwords a second.")
DES = _("DES: only the first eight characters count, and all of them can be tried.")
CHALLENGE = _("MD5 without salt: whoever reads the database signs in with it as it is.")
UNKNOWN = _("In a form that is unknown here: its owner cannot sign in.")

# What is in neither this table nor the expression below is UNKNOWN.
WEAK: dict[str, str | Promise] = {
    "PLAIN": READABLE,
    "CLEAR": READABLE,
    "CLEARTEXT": READABLE,
    "PLAIN-MD4": UNSALTED,
    "PLAIN-MD5": UNSALTED,
    "LDAP-MD5": UNSALTED,
    "MD5": UNSALTED,
    "MD5RAW": UNSALTED,
    "SHA": UNSALTED,
    "SHA256": UNSALTED,
    "SHA512": UNSALTED,
    "SMD5": QUICK,
    "SSHA": QUICK,
    "SSHA256": QUICK,
    "SSHA512": QUICK,
    "MD5-CRYPT": MD5,
    "DES-CRYPT": DES,
    "CRAM-MD5": CHALLENGE,
    "DIGEST-MD5": CHALLENGE,
}

_ENCODED = r"(\.(HEX|B64|BASE64))?"
_NAMES = r"ARGON2ID?|BLF-CRYPT|SHA(256|512)-CRYPT|YESCRYPT|PBKDF2|SCRAM-SHA-(1|256)"
# The beginnings of what crypt(3) makes for bcrypt, SHA-256, SHA-512 and yescrypt, in Base64 and in hexadecimal.
_CRYPT_B64 = r"JDJ[hi5]|JDUk|JDYk|JHkk|JGd5J"
_CRYPT_HEX = r"2432(61|62|79)24|243524|243624|247924|24677924"
STRONG = (
    r"(?i)^($|[!*]"
    rf"|\{{({_NAMES}){_ENCODED}\}}"
    r"|(\{CRYPT\})?\$(2[aby]|5|6|g?y)\$|\$argon2id?\$"
    rf"|\{{CRYPT\.(B64|BASE64)\}}({_CRYPT_B64})|\{{CRYPT\.HEX\}}({_CRYPT_HEX}))"
)
"""What fits is not weak: nothing, what is switched off, and the slow salted forms.

An expression that Python, MariaDB, MySQL and PostgreSQL read alike.
"""


def weakness_of(stored: str) -> str:
    """Return in words why a stored password is weak, "" where it is not."""
    if re.search(STRONG, stored):
        return ""
    return str(WEAK.get(_scheme(stored), UNKNOWN))


def is_salted_hash(stored: str) -> bool:
    """Return whether a stored password may be kept after it was replaced: a hash with a salt, weak or not."""
    if not stored or stored[0] in "!*":
        return False
    return bool(re.search(STRONG, stored)) or WEAK.get(_scheme(stored)) in (QUICK, MD5)


def is_weak(scheme: str) -> bool:
    """Say whether a scheme is weak; `CRYPT` is told by its values alone. scheme: as scheme_of names it."""
    name = scheme.partition(":")[0].partition(".")[0]
    return name in WEAK or name == "UNKNOWN"


def _scheme(stored: str) -> str:
    parsed = parse_stored(stored, configured_default())
    if parsed is None or parsed.scheme != "CRYPT":
        return parsed.scheme if parsed else ""
    try:
        inner = parse_stored(parsed.raw().decode())
    except ValueError:
        return ""
    return inner.scheme if inner and inner.bare else ""
