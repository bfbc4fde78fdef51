"""The live schema as the server tells it: tables, columns, indexes. Only reads."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

ENGINES = {"mysql": "MariaDB", "postgresql": "PostgreSQL", "sqlite": "SQLite"}


@dataclass(slots=True)
class Column:
    """A column; `collation` is "" where the type or the engine has none."""

    name: str
    type: str
    null: bool
    default: str | None
    collation: str


@dataclass(slots=True)
class Table:
    """A table or view. `columns` and `indexes` are by name in lower case; an index is its columns in order."""

    name: str
    is_view: bool
    engine: str
    collation: str
    columns: dict[str, Column] = field(default_factory=dict)
    indexes: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Schema:
    vendor: str
    server: str
    collation: str
    tables: dict[str, Table]
    triggers: list[str]

    def has(self, table: str, *columns: str) -> bool:
        """Return whether the table and all of the columns are there."""
        return table in self.tables and all(column in self.tables[table].columns for column in columns)

    def collation_of(self, table: str, column: str) -> str:
        return self.tables[table].columns[column].collation


@contextlib.contextmanager
def only_reading(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let nothing of this connection write while the block runs: the server itself refuses it."""
    switched = _on_sqlite(connection) if connection.vendor == "sqlite" else _on_server(connection)
    with switched:
        yield


@contextlib.contextmanager
def _on_server(connection: BaseDatabaseWrapper) -> Iterator[None]:
    statement = "SET SESSION TRANSACTION READ {}"
    if connection.vendor == "postgresql":
        statement = "SET SESSION CHARACTERISTICS AS TRANSACTION READ {}"
    with connection.cursor() as cursor:
        cursor.execute(statement.format("ONLY"))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(statement.format("WRITE"))


@contextlib.contextmanager
def _on_sqlite(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Connect anew, for the ordinary connection changes the file's journal mode."""
    options = connection.settings_dict["OPTIONS"]
    before = options.get("init_command")
    connection.close()
    options["init_command"] = "PRAGMA query_only=ON;"
    try:
        yield
    finally:
        connection.close()
        options["init_command"] = before


def read_schema(connection: BaseDatabaseWrapper) -> Schema:
    """Return the schema of the connection's database."""
    with connection.cursor() as cursor:
        return _READERS[connection.vendor](cursor)


def count_rows(connection: BaseDatabaseWrapper, table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")
        return int(cursor.fetchone()[0])


def _mysql(cursor: Any) -> Schema:
    cursor.execute("SELECT VERSION(), @@collation_database")
    server, collation = cursor.fetchone()
    cursor.execute(
        "SELECT table_name, table_type, engine, table_collation FROM information_schema.tables"
        " WHERE table_schema = DATABASE()"
    )
    tables = {
        name.lower(): Table(name, "VIEW" in kind, engine or "", of_table or "")
        for name, kind, engine, of_table in cursor.fetchall()
    }
    cursor.execute(
        "SELECT table_name, column_name, column_type, is_nullable, column_default, collation_name"
        " FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position"
    )
    for table, name, kind, null, default, of_column in cursor.fetchall():
        column = Column(name, str(kind), null == "YES", default, of_column or "")
        tables[table.lower()].columns[name.lower()] = column
    cursor.execute(
        "SELECT table_name, index_name, column_name FROM information_schema.statistics"
        " WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index"
    )
    _add_indexes(tables, cursor.fetchall())
    cursor.execute("SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()")
    return Schema("mysql", f"{server}", collation, tables, [row[0] for row in cursor.fetchall()])


def _postgresql(cursor: Any) -> Schema:
    cursor.execute(
        "SELECT current_setting('server_version'), datcollate FROM pg_database WHERE datname = current_database()"
    )
    server, collation = cursor.fetchone()
    cursor.execute(
        "SELECT c.relname, c.relkind = 'v' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v')"
    )
    tables = {name: Table(name, is_view, "", "") for name, is_view in cursor.fetchall()}
    cursor.execute(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,"
        " pg_get_expr(d.adbin, d.adrelid), COALESCE(l.collname, '')"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
        " LEFT JOIN pg_collation l ON l.oid = a.attcollation"
        " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped"
        " ORDER BY c.relname, a.attnum"
    )
    for table, name, kind, null, default, of_column in cursor.fetchall():
        tables[table].columns[name.lower()] = Column(name, kind, null, default, of_column)
    cursor.execute(
        "SELECT t.relname, i.relname, a.attname FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid"
        " JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = t.relnamespace"
        " JOIN LATERAL unnest(x.indkey) WITH ORDINALITY k(number, place) ON true"
        " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number"
        " WHERE n.nspname = current_schema() ORDER BY t.relname, i.relname, k.place"
    )
    _add_indexes(tables, cursor.fetchall())
    cursor.execute("SELECT DISTINCT trigger_name FROM information_schema.triggers")
    return Schema("postgresql", server, collation, tables, [row[0] for row in cursor.fetchall()])


def _sqlite(cursor: Any) -> Schema:
    cursor.execute("SELECT sqlite_version()")
    server = cursor.fetchone()[0]
    cursor.execute(
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%%'", []
    )
    tables = {name.lower(): Table(name, kind == "view", "", "") for name, kind in cursor.fetchall()}
    for table in tables.values():
        cursor.execute(f'PRAGMA table_info("{table.name}")')
        for _number, name, kind, not_null, default, key in cursor.fetchall():
            table.columns[name.lower()] = Column(name, kind, not not_null and not key, default, "")
        cursor.execute(f'PRAGMA index_list("{table.name}")')
        for index in [row[1] for row in cursor.fetchall()]:
            cursor.execute(f'PRAGMA index_info("{index}")')
            table.indexes[index.lower()] = tuple(row[2] for row in cursor.fetchall())
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return Schema("sqlite", server, "", tables, [row[0] for row in cursor.fetchall()])


def _add_indexes(tables: dict[str, Table], rows: list[tuple[str, str, str]]) -> None:
    for table, index, column in rows:
        indexes = tables[table.lower()].indexes
        indexes[index.lower()] = (*indexes.get(index.lower(), ()), column)


_READERS = {"mysql": _mysql, "postgresql": _postgresql, "sqlite": _sqlite}
