"""What was added to a database that was another panel's before, so that it can be taken away again.

It stands in a table of its own without a model, because it is written before the first migration is done.
"""

from typing import Any, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

OWN_PREFIX = "mailadmin_"
TABLE = "mailadmin_adoption"
ADOPTED, FRESH = "adopted", "fresh"
MARKS = frozenset({"admin", "alias", "domain", "mailbox"})
"""A database with one of these tables is not empty."""
_OUR_APPS = frozenset({"accounts", "aliases", "audit", "domains", "mailboxes"})


class Addition(NamedTuple):
    """A line of the record.

    `kind` is origin, version, scheme, migration, table, column, index, copy, row, gone or undo.
    """

    kind: str
    table: str
    name: str


def begin(connection: BaseDatabaseWrapper) -> None:
    """Write down, before the first change of ours, whether the database was somebody's already.

    A database that had our tables before there was a record gets none.
    """
    tables = _tables(connection)
    if TABLE not in tables:
        if any(app in _OUR_APPS for app, _name in MigrationRecorder(connection).applied_migrations()):
            return
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TABLE {TABLE} (kind varchar(20) NOT NULL, table_name varchar(64) NOT NULL,"
                " name varchar(120) NOT NULL, PRIMARY KEY (kind, table_name, name))"
            )
    if not origin(connection):
        _insert(connection, Addition("origin", "", ADOPTED if MARKS & tables else FRESH))


def origin(connection: BaseDatabaseWrapper) -> str:
    """Return what the database was before us: ADOPTED, FRESH, or "" where nobody wrote it down."""
    return next((line.name for line in recorded(connection) if line.kind == "origin"), "")


def recorded(connection: BaseDatabaseWrapper) -> list[Addition]:
    """Return the record; nothing where there is none."""
    if TABLE not in _tables(connection):
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT kind, table_name, name FROM {TABLE} ORDER BY kind, table_name, name")
        return [Addition(*row) for row in cursor.fetchall()]


def note(connection: BaseDatabaseWrapper, kind: str, table: str, name: str = "") -> None:
    """Write down what is about to be added, once; nothing in a database that was empty before us."""
    line = Addition(kind, table, name)
    known = recorded(connection)
    if Addition("origin", "", ADOPTED) in known and line not in known:
        _insert(connection, line)


def forget(connection: BaseDatabaseWrapper, line: Addition) -> None:
    """Strike out a line of the record."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE kind = %s AND table_name = %s AND name = %s", list(line))


def _insert(connection: BaseDatabaseWrapper, line: Addition) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (kind, table_name, name) VALUES (%s, %s, %s)", list(line))


def _tables(connection: BaseDatabaseWrapper) -> set[Any]:
    with connection.cursor() as cursor:
        return set(connection.introspection.table_names(cursor))
