"""Going back: what adopting added is taken away again, and nothing else.

What the record names goes from PostfixAdmin's tables; our own tables and Django's go whole. Own aliases that have ended
are switched off first: their end goes with our table. The record goes last, so
that an undo that was stopped can be run again.
"""

from collections.abc import Iterator

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from aliases.models import OwnAlias
from aliases.owned import switch_off_ended
from mailadmin.adopt.applying import UNDO
from mailadmin.adopt.editor import Say
from mailadmin.adopt.reading import Schema, read_schema
from mailadmin.adopt.structure import is_ours
from mailadmin.core import adoption
from mailadmin.core.adoption import TABLE, Addition
from mailadmin.core.errors import Invalid
from mailadmin.mailserver import sieve
from mailadmin.mailserver.dialects import VENDOR_ENGINES

_DJANGO = "django_migrations"


def require_undoable() -> list[Addition]:
    """Return the record; raises Invalid where there is none to go by."""
    lines = adoption.recorded(connection)
    if adoption.origin(connection) == adoption.FRESH:
        raise Invalid.of("adopt", "These tables are our own: nobody else's would be left.")
    if Addition("origin", "", adoption.ADOPTED) not in lines:
        raise Invalid.of("adopt", "There is no record of an adoption, so nothing can be told apart and taken back.")
    return lines


def told(lines: list[Addition]) -> Iterator[str]:
    """Yield what goes, for the question before."""
    schema = read_schema(connection)
    copies = {line.name for line in lines if line.kind == "copy"}
    yield f"our own tables: {', '.join(name for name in _own_tables(schema) if name not in copies)}"
    for kind, plural in (("table", "tables"), ("column", "columns"), ("index", "indexes")):
        names = [line.table + (f".{line.name}" if line.name else "") for line in lines if line.kind == kind]
        if names:
            yield f"{plural} that we added: {', '.join(names)}"


def undo(say: Say) -> None:
    """Take away what adopting added; raises Invalid where there is no record of it."""
    lines = require_undoable()
    adoption.note(connection, *UNDO)
    if OwnAlias._meta.db_table in read_schema(connection).tables:
        say("Own aliases that have ended")
        switch_off_ended()
    say("Views and triggers")
    for statement in sieve.drop_statements(VENDOR_ENGINES[connection.vendor]):
        _execute(statement)
    for kind, take in (("index", _drop_index), ("copy", _put_back)):
        for line in lines:
            if line.kind == kind:
                say(f"{kind.capitalize()} {line.table}.{line.name}")
                take(line)
    # A copy has those columns that were added before it was made.
    for table in sorted({line.table for line in lines if line.kind == "column"}):
        say(f"Columns of {table}")
        _drop_columns(table, [line.name for line in lines if (line.kind, line.table) == ("column", table)])
    for line in lines:
        if line.kind == "row":
            _delete_row(line)
    say("Tables")
    present = read_schema(connection).tables
    _drop([line.table for line in lines if line.kind == "table" and line.table in present])
    _drop_own_tables()


def _drop_index(line: Addition) -> None:
    schema = read_schema(connection)
    if line.table in schema.tables and line.name.lower() in schema.tables[line.table].indexes:
        index, table = connection.ops.quote_name(line.name), connection.ops.quote_name(line.table)
        _execute(f"DROP INDEX {index} ON {table}" if connection.vendor == "mysql" else f"DROP INDEX {index}")


def _drop_columns(table: str, names: list[str]) -> None:
    """Drop those of the columns that are there, in one statement where the engine has one."""
    schema = read_schema(connection)
    drops = [f"DROP COLUMN {connection.ops.quote_name(name)}" for name in names if schema.has(table, name.lower())]
    together = [", ".join(drops)] if drops and connection.vendor != "sqlite" else drops
    for drop in together:
        _execute(f"ALTER TABLE {connection.ops.quote_name(table)} {drop}")


def _delete_row(line: Addition) -> None:
    """Delete a row that we added to a table of names and values, PostfixAdmin's `config`."""
    if line.table in read_schema(connection).tables:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(line.table)} WHERE name = %s", [line.name])


def _put_back(line: Addition) -> None:
    """Give SQLite's remade table the place of its first form, with the rows of today."""
    schema = read_schema(connection)
    if line.name not in schema.tables:
        return
    original, now = schema.tables[line.name], schema.tables[line.table]
    names = ", ".join(f'"{column.name}"' for key, column in original.columns.items() if key in now.columns)
    indexes = [row[1] for row in _indexes(line.table)]
    with transaction.atomic():
        _execute(f'DELETE FROM "{line.name}"')
        _execute(f'INSERT INTO "{line.name}" ({names}) SELECT {names} FROM "{line.table}"')
        _execute(f'DROP TABLE "{line.table}"')
        _execute(f'ALTER TABLE "{line.name}" RENAME TO "{line.table}"')
        for statement in indexes:
            _execute(statement)


def _indexes(table: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL", [table]
        )
        return list(cursor.fetchall())


def _own_tables(schema: Schema) -> list[str]:
    """Return our own tables and Django's, but for the record; Django's stay where another program uses them too."""
    names = {name for name, table in schema.tables.items() if is_ours(name) and not table.is_view} - {TABLE}
    return sorted(name for name in names if not (name.startswith(("django_", "auth_")) and _others_use_django(schema)))


def _others_use_django(schema: Schema) -> bool:
    from django.apps import apps

    if _DJANGO not in schema.tables:
        return False
    ours = {config.label for config in apps.get_app_configs()}
    return any(app not in ours for app, _name in MigrationRecorder(connection).applied_migrations())


def _drop_own_tables() -> None:
    names = _own_tables(read_schema(connection))
    # Without its migrations the panel cannot be used on the rest by mistake.
    _drop([name for name in names if name == _DJANGO])
    _drop([name for name in names if name != _DJANGO])
    _drop([TABLE])


def _drop(names: list[str]) -> None:
    quoted = [connection.ops.quote_name(name) for name in names]
    if not quoted:
        return
    if connection.vendor == "postgresql":
        _execute(f"DROP TABLE {', '.join(quoted)}")
        return
    with connection.constraint_checks_disabled():
        for name in quoted:
            _execute(f"DROP TABLE {name}")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
