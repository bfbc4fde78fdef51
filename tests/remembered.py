"""Rows that many tests begin with: made by the operations once, then copied, which takes a tenth of the time."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection

Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]

FRESH_SECONDS = 600
"""Links of an hour are among the rows."""


def remembered(make: Callable[[], None]) -> Callable[[], None]:
    """Run the function the first time, and write the rows that it made at every later call."""
    kept: Rows = {}
    made = 0.0

    @wraps(make)
    def write() -> None:
        nonlocal kept, made
        if kept and time.monotonic() - made < FRESH_SECONDS:
            _insert(kept)
            return
        before = _all_rows()
        make()
        kept, made = _added(before, _all_rows()), time.monotonic()

    return write


def _all_rows() -> Rows:
    """Return the rows of all tables, those that others refer to first."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in _in_order(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = [column[0] for column in cursor.description], list(cursor.fetchall())
    return found


def _in_order(cursor: Any) -> list[str]:
    refers = {
        table: {relation[1] for relation in connection.introspection.get_relations(cursor, table).values()} - {table}
        for table in connection.introspection.table_names(cursor)
    }
    ordered: list[str] = []
    while left := [table for table in refers if table not in ordered]:
        ordered += [table for table in left if refers[table] <= set(ordered)]
    return ordered


def _added(before: Rows, after: Rows) -> Rows:
    """Return the new rows; a table whose rows were changed is left to the trigger that changed them."""
    added: Rows = {}
    for table, (columns, rows) in after.items():
        there = before[table][1]
        new = [row for row in rows if row not in there]
        if new and all(row in rows for row in there):
            added[table] = columns, new
    return added


def _insert(rows: Rows) -> None:
    with connection.cursor() as cursor:
        for table, (columns, values) in rows.items():
            names = ", ".join(map(connection.ops.quote_name, columns))
            marks = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(values))
            insert = f"INSERT INTO {connection.ops.quote_name(table)} ({names}) VALUES {marks}"
            cursor.execute(insert, [value for row in values for value in row])
