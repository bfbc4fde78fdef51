"""Rows by the million, written in batches: the fastest way that each engine's driver has."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TextIO

from django.db import connection

SIZE = 5_000
_STATEMENT = 1_000_000
"""Bytes of one INSERT on MariaDB, below the smallest max_allowed_packet that servers are set up with."""

Row = tuple[Any, ...]


class BulkRows:
    """Buffers rows by table and writes each table in batches of SIZE; each batch is committed, and none is kept.

    columns: the columns of each table, in the order of the rows.
    written: called with the table and the number of its rows after each batch.
    """

    def __init__(self, columns: Mapping[str, Sequence[str]], written: Callable[[str, int], None]) -> None:
        self.columns = columns
        self.written = written
        self._waiting: dict[str, list[Row]] = {table: [] for table in columns}

    def add(self, table: str, row: Row) -> None:
        rows = self._waiting[table]
        rows.append(row)
        if len(rows) >= SIZE:
            self._write(table)

    def flush(self) -> None:
        """Write what is left."""
        for table in self._waiting:
            self._write(table)

    def _write(self, table: str) -> None:
        rows, self._waiting[table] = self._waiting[table], []
        if rows:
            _insert(table, self.columns[table], rows)
            self.written(table, len(rows))


def _insert(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    names = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {connection.ops.quote_name(table)} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        if connection.vendor == "mysql":
            cursor.cursor.cursor.max_stmt_length = _STATEMENT
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {connection.ops.quote_name(table)} ({names}) VALUES ({marks})", rows)


class Progress:
    """One line that says how far it is: redrawn on a terminal, written once a step elsewhere."""

    WIDTH = 30

    def __init__(self, out: TextIO, total: int) -> None:
        self.out = out
        self.total = max(total, 1)
        self.done = 0
        self.started = time.monotonic()
        self._shown = -1
        self._step = 1 if out.isatty() else 10

    def add(self, rows: int) -> None:
        self.done += rows
        percent = min(100 * self.done // self.total, 100)
        if percent // self._step == self._shown // self._step and self._shown >= 0:
            return
        self._shown = percent
        bar = "#" * (self.WIDTH * percent // 100)
        seconds = time.monotonic() - self.started
        line = f"[{bar:<{self.WIDTH}}] {percent:3d} %  {self.done:,} of {self.total:,} rows  {seconds:.0f} s"
        self.out.write(f"\r{line}" if self.out.isatty() else f"{line}\n")
        self.out.flush()

    def end(self) -> None:
        if self.out.isatty():
            self.out.write("\n")
