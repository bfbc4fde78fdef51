"""Adding a column to somebody else's SQLite table without losing what we do not know of it.

Django would make the table anew from the model, which drops the owner's own columns. SQLite adds most columns in place;
for a key or a default that is computed, the table is made anew from what it says of itself, and the old one is kept.
"""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.expressions import Value

from mailadmin.core import adoption

if TYPE_CHECKING:
    AnyField = models.Field[Any, Any]
else:
    AnyField = models.Field

COPY_PREFIX = "mailadmin_before_"


def add_column(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model], field: AnyField) -> None:
    """Add the column, in place where SQLite can."""
    default = getattr(field, "_db_default_expression", None)
    computed = field.has_db_default() and not isinstance(default, Value)
    if field.primary_key or computed:
        _rebuild(schema_editor, model, field)
    else:
        BaseDatabaseSchemaEditor.add_field(schema_editor, model, field)


def _rebuild(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model], field: AnyField) -> None:
    table, quote = model._meta.db_table, schema_editor.quote_name
    copy = COPY_PREFIX + table
    definition, parameters = schema_editor.column_sql(model, field, include_default=True)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"PRAGMA table_info({quote(table)})")
        columns = cursor.fetchall()
        lines = [
            *map(_line, columns),
            f"{quote(str(field.column))} {definition}",
            *_keys(cursor, table, columns, field),
        ]
        indexes = _indexes(cursor, table)
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = %s", [copy])
        kept = cursor.fetchone() is not None
    adoption.note(schema_editor.connection, "copy", table, copy)
    if kept:
        # A second column of the kind: the first copy is the original.
        copy = f"{copy}_now"
    for name, _sql in indexes:
        schema_editor.execute(f"DROP INDEX {quote(name)}")
    schema_editor.execute(f"ALTER TABLE {quote(table)} RENAME TO {quote(copy)}")
    schema_editor.execute(f"CREATE TABLE {quote(table)} ({', '.join(lines)})", parameters)
    names = ", ".join(f'"{column[1]}"' for column in columns)
    schema_editor.execute(f"INSERT INTO {quote(table)} ({names}) SELECT {names} FROM {quote(copy)}")
    for _name, sql in indexes:
        schema_editor.execute(sql)
    if kept:
        schema_editor.execute(f"DROP TABLE {quote(copy)}")


def _line(column: tuple[Any, ...]) -> str:
    _number, name, kind, not_null, default, _key = column
    return f'"{name}" {kind}{" NOT NULL" if not_null else ""}{f" DEFAULT {default}" if default is not None else ""}'


def _keys(cursor: Any, table: str, columns: list[tuple[Any, ...]], field: AnyField) -> list[str]:
    """Return the table's own primary key and unique keys; a primary key that gives way to a new one stays unique."""
    keys = []
    primary = [column[1] for column in sorted(columns, key=lambda column: column[5]) if column[5]]
    if primary:
        keys.append(f"{'UNIQUE' if field.primary_key else 'PRIMARY KEY'} ({_listed(primary)})")
    cursor.execute(f"PRAGMA index_list('{table}')")
    for index in cursor.fetchall():
        if index[3] == "u":
            cursor.execute(f"PRAGMA index_info('{index[1]}')")
            keys.append(f"UNIQUE ({_listed([row[2] for row in cursor.fetchall()])})")
    return keys


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _indexes(cursor: Any, table: str) -> list[tuple[str, str]]:
    cursor.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL", [table]
    )
    return list(cursor.fetchall())
