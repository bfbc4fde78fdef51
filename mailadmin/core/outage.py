"""Telling a database that is away from one that refuses what it is asked."""

from django.db import DatabaseError, InterfaceError, OperationalError, connection

# MariaDB and MySQL: too many connections, shutting down, killed (server); cannot connect, gone, lost (client).
_MYSQL_AWAY = {1040, 1053, 1129, 1203, 1927, 2002, 2003, 2005, 2006, 2012, 2013, 2055}
# PostgreSQL: connection exceptions, too many connections, shutting down or starting up.
_POSTGRES_AWAY = ("08", "53300", "57P")
_SQLITE_AWAY = ("unable to open database file", "database is locked", "disk i/o error")


def is_away(error: BaseException | None) -> bool:
    """Return whether the error says that the database cannot be reached or is too busy to answer."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    if connection.vendor == "mysql":
        return bool(error.args) and error.args[0] in _MYSQL_AWAY
    if connection.vendor == "postgresql":
        return _is_postgres_away(error)
    return any(words in str(error).lower() for words in _SQLITE_AWAY)


def _is_postgres_away(error: DatabaseError) -> bool:
    state = getattr(error.__cause__, "sqlstate", None)
    # libpq names no state where there is no server to name one.
    return state is None or state.startswith(_POSTGRES_AWAY)
