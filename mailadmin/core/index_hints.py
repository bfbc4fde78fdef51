"""Which index MariaDB shall not take, where its choice reads a list from its beginning to show its end."""

from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.sql.datastructures import BaseTable

M = TypeVar("M", bound=Model)


class _WithoutPrimaryKey(BaseTable):
    """The table of a query with the hint after its name."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        sql, parameters = super().as_sql(compiler, connection)
        return f"{sql} IGNORE INDEX (PRIMARY)", tuple(parameters)


def without_primary_key(rows: QuerySet[M]) -> QuerySet[M]:
    """Return the same rows, found by an index of their conditions that ends in the primary key.

    Near the end of a list MariaDB reckons the primary key the cheapest way to the rows after a key, then takes such
    an index after all, without the key: it reads the whole list up to there.
    """
    if connection.vendor != "mysql":
        return rows
    hinted = rows.all()
    alias = hinted.query.get_initial_alias()
    hinted.query.alias_map[alias] = _WithoutPrimaryKey(rows.model._meta.db_table, alias)
    return hinted
