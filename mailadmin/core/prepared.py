"""Queries whose SQL is made once: Django takes ten times as long to make it as a database to find a key.

For the few that nearly every page asks. What such a query means is written as any other, scope included.
"""

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from mailadmin.core.actor import Actor

P = ParamSpec("P")
R = TypeVar("R")


_MOST_KEPT = 120
"""Values of a query that is kept, some more than a page has rows: each length of a tuple is a query of its own."""


class Prepared(Generic[P, R]):
    """What `prepared` makes of a function: called with the same arguments, it returns the rows."""

    def __init__(self, build: Callable[P, QuerySet[Any, R]]) -> None:
        self._build = build
        self._made: dict[tuple[object, ...], _Made[R]] = {}

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        values: list[Any] = []
        shape = tuple(_shape(argument, values) for argument in args)
        made = self._made.get(shape)
        if made is None:
            made = _compiled(self._build(*_slotted(args)))  # type: ignore[call-arg]
            if len(values) <= _MOST_KEPT:
                self._made[shape] = made
        return made.rows(values)

    def first(self, *args: P.args, **kwargs: P.kwargs) -> R | None:
        """Return the first row, or None."""
        return next(iter(self(*args, **kwargs)), None)


def prepared(build: Callable[P, QuerySet[Any, R]]) -> Prepared[P, R]:
    """Make the SQL of a query once for each shape of its arguments.

    build: takes its arguments by position and returns a query of rows, or of some of their values as tuples. Text,
    whole numbers, tuples of text and the name of an actor are values, which it may only compare with columns; the kind
    of an actor, the length of a tuple and any other argument make another query.
    """
    return Prepared(build)


class _Slot(Expression):
    """Where the SQL takes one of the values."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


@dataclass(frozen=True, slots=True)
class _Made(Generic[R]):
    """A query as SQL, and how its rows become objects; no SQL where it can find nothing."""

    sql: str = ""
    params: tuple[Any, ...] = ()
    model: type[Model] | None = None
    names: tuple[str, ...] = ()
    annotations: tuple[tuple[str, int], ...] = ()
    converters: tuple[tuple[int, Any, Any], ...] = ()

    def rows(self, values: list[Any]) -> list[R]:
        if not self.sql:
            return []
        params: list[Any] = [values[param.number] if isinstance(param, _Slot) else param for param in self.params]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            found = cursor.fetchall()
        return [self._row(row) for row in found]

    def _row(self, row: Sequence[Any]) -> Any:
        cells = list(row)
        for place, convert, expression in self.converters:
            cells[place] = convert(cells[place], expression, connection)
        if self.model is None:
            return tuple(cells)
        made = self.model.from_db(connection.alias, self.names, cells[: len(self.names)])
        for name, place in self.annotations:
            setattr(made, name, cells[place])
        return made


def _shape(argument: Any, values: list[Any]) -> object:
    """Return what of an argument makes another query, and add its values."""
    if isinstance(argument, Actor):
        values.append(argument.username)
        return argument.kind
    if isinstance(argument, tuple):
        values.extend(argument)
        return len(argument)
    # Not a value all the same, which keeps the places of the others.
    values.append(argument)
    return _Slot if _is_value(argument) else argument


def _slotted(args: Iterable[Any]) -> list[Any]:
    """Return the arguments with slots for their values."""
    slotted: list[Any] = []
    number = 0
    for argument in args:
        if isinstance(argument, Actor):
            slotted.append(Actor(argument.kind, _Slot(number)))  # type: ignore[arg-type]
        elif isinstance(argument, tuple):
            slotted.append(tuple(_Slot(number + place) for place in range(len(argument))))
        else:
            slotted.append(_Slot(number) if _is_value(argument) else argument)
        number += len(argument) if isinstance(argument, tuple) else 1
    return slotted


def _is_value(argument: object) -> bool:
    return isinstance(argument, str | int) and not isinstance(argument, bool | enum.Enum)


def _compiled(queryset: QuerySet[Any, R]) -> _Made[R]:
    compiler: Any = queryset.query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return _Made()
    columns = [expression for expression, _sql, _alias in compiler.select]
    converters = tuple(
        (place, convert, column)
        for place, (steps, column) in compiler.get_converters(columns).items()
        for convert in steps
    )
    if not queryset.query.default_cols:
        return _Made(sql, tuple(params), converters=converters)
    places = compiler.klass_info["select_fields"]
    assert places == list(range(len(places))), sql
    names = tuple(columns[place].target.attname for place in places)
    annotations = tuple(compiler.annotation_col_map.items())
    return _Made(sql, tuple(params), queryset.model, names, annotations, converters)
