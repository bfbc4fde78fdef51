"""In which schemes the passwords are stored, and which of them Dovecot would refuse. No password is kept or shown."""

from collections import Counter
from collections.abc import Iterator

from django.conf import settings

from mailadmin.adopt.finding import Database
from mailadmin.core.passwords import scheme_of
from mailadmin.core.passwords.stored import CRYPT_SCHEMES, PLAIN_SCHEMES

_CHUNK = 10_000
# What this panel reads and Dovecot does not know by a prefix of this name.
_ONLY_HERE = frozenset({"MD5RAW", "YESCRYPT"})


def count_schemes(db: Database, table: str) -> dict[str, int]:
    """Return the rows of mailbox or admin by scheme, the most frequent first."""
    counts: Counter[str] = Counter()
    for passwords in _chunks(db, table):
        counts.update(map(scheme_of, passwords))
    return dict(counts.most_common())


def _chunks(db: Database, table: str) -> Iterator[list[str]]:
    """Yield the passwords in the order of the names, so that memory does not grow with the table."""
    last = ""
    while True:
        rows = db.rows(
            f"SELECT username, password FROM {table} WHERE username > %s ORDER BY username LIMIT {_CHUNK}", [last]
        )
        if not rows:
            return
        yield [row[1] or "" for row in rows]
        last = rows[-1][0]


def dovecot_refuses(scheme: str) -> bool:
    """Return whether Dovecot, configured as `manage.py mailconfig` does, would refuse a password of the scheme.

    scheme: as scheme_of names it. A password without prefix is read in MAILADMIN_PASSWORD_DEFAULT_SCHEME.
    """
    if scheme in {"EMPTY", "DISABLED"}:
        return True
    default = settings.MAILADMIN_PASSWORD_DEFAULT_SCHEME.upper() or "CRYPT"
    if scheme == "UNKNOWN":
        return default not in PLAIN_SCHEMES
    name, _colon, bare = scheme.partition(":")
    name = name.partition(".")[0]
    if not bare:
        return name in _ONLY_HERE
    return name != default and not (default == "CRYPT" and name in CRYPT_SCHEMES)
