"""The password scheme of an adopted database, as long as the old panel reads the passwords too.

A PostfixAdmin of version 3 reads what its own setting `encrypt` writes, and often nothing else: new passwords are
written as most rows are, weak as that may be, until somebody says that the old panel is gone.
"""

from django.db import connection

from mailadmin.core import adoption
from mailadmin.core.passwords import parse_write_scheme

GONE = "gone"
"""Kind of the line of the record that says that the old panel is no longer used."""

# What is never written here, and what a panel that left it reads as well (tried with PostfixAdmin 3.3.13): whatever
# makes DES asks crypt(3), which knows the newer forms too.
_READ_ALIKE = {
    "DES-CRYPT:bare": "SHA512-CRYPT:bare",
    "YESCRYPT:bare": "SHA512-CRYPT:bare",
    "DES-CRYPT": "CRYPT",
    "YESCRYPT": "CRYPT",
}
# Any other has a prefix, which PostfixAdmin 4 and the setting `dovecot:` of version 3 go by.
_WITH_PREFIX = "SHA512-CRYPT"
_NO_SCHEME = frozenset({"EMPTY", "DISABLED", "UNKNOWN"})


def adopted_scheme() -> str:
    """Return the scheme that new passwords take while the old panel is in use, as MAILADMIN_PASSWORD_SCHEME takes it.

    "" on a fresh install, once the old panel is gone, and where no row had a scheme.
    """
    lines = adoption.recorded(connection)
    if any(line.kind == GONE for line in lines):
        return ""
    return next((line.name for line in lines if line.kind == "scheme"), "")


def is_old_panel_in_use() -> bool:
    """Return whether the database was adopted and nobody has said that its old panel is gone."""
    lines = adoption.recorded(connection)
    return adoption.Addition("origin", "", adoption.ADOPTED) in lines and all(line.kind != GONE for line in lines)


def dominant(counts: dict[str, int]) -> str:
    """Return the scheme to write of which most rows are, or which their panel reads as well; "" when there is none.

    counts: rows by scheme, named as scheme_of names them.
    """
    written: dict[str, int] = {}
    for name, rows in counts.items():
        if name not in _NO_SCHEME:
            likeness = written_like(name)
            written[likeness] = written.get(likeness, 0) + rows
    return max(written, key=lambda name: (written[name], name), default="")


def written_like(name: str) -> str:
    """Return the scheme in which new passwords are written beside those of a scheme; the same where that can be.

    name: as scheme_of names it.
    """
    try:
        parse_write_scheme(name)
    except ValueError:
        return _READ_ALIKE.get(name, _WITH_PREFIX)
    return name
