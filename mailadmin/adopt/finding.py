"""What one look at the rows has found, and the SQL that all of them share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from mailadmin.adopt.reading import Schema

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth knowing: how many rows, a few of them, and what adopting does with them."""

    name: str
    title: str
    count: int
    examples: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Database:
    """The connection with the schema that was read from it."""

    connection: BaseDatabaseWrapper
    schema: Schema

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, list(parameters))
            return list(cursor.fetchall())

    def number(self, sql: str) -> int:
        return int(self.rows(sql)[0][0] or 0)

    def found(self, name: str, title: str, answer: str, column: str, source: str) -> Finding | None:
        """Return the finding of the rows after FROM, the column for its examples; None where there is none."""
        count = self.number(f"SELECT COUNT(*) FROM {source}")
        if not count:
            return None
        rows = self.rows(f"SELECT {column} FROM {source} LIMIT {EXAMPLES}")
        return Finding(name, title, count, tuple(str(row[0]) for row in rows), answer)

    def same(self, left: str, right: str) -> str:
        """Return the condition that two columns, written table.column, are equal, by the index of the right one.

        Of two collations MariaDB makes an error, so the left one is read in the right one's.
        """
        if self.schema.vendor != "mysql":
            return f"{left} = {right}"
        ours, theirs = (self.schema.collation_of(*name.split(".")) for name in (left, right))
        if ours == theirs:
            return f"{left} = {right}"
        charset = theirs.partition("_")[0]
        return f"CONVERT({left} USING {charset}) COLLATE {theirs} = {right}"

    def is_on(self, column: str) -> str:
        return column if self.schema.vendor == "postgresql" else f"{column} = 1"
