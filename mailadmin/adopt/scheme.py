"""The password scheme that most rows of an adopted database have."""

from django.db import connection

from mailadmin.core import adoption
from mailadmin.core.passwords import parse_write_scheme


def adopted_scheme() -> str:
    """Return the scheme that new passwords take while the old panel is in use, as MAILADMIN_PASSWORD_SCHEME takes it.

    "" on a fresh install, and where no row had a scheme that is written here.
    """
    lines = adoption.recorded(connection)
    return next((line.name for line in lines if line.kind == "scheme"), "")


def dominant(counts: dict[str, int]) -> str:
    """Return the scheme of most rows among those that can be written; "" when there is none.

    counts: rows by scheme, named as scheme_of names them.
    """
    names = [name for name in counts if _is_writable(name)]
    return max(names, key=lambda name: (counts[name], name), default="")


def _is_writable(name: str) -> bool:
    try:
        parse_write_scheme(name)
    except ValueError:
        return False
    return True
