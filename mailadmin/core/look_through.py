"""Filters that no index answers: a list is looked through part by part, for as long as somebody waits."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from mailadmin.core.statement_limit import TookTooLong, statement_limit

M = TypeVar("M", bound=Model)
Place = tuple[Any, Any]
"""A row's value in the column of the order, and its key."""

SECONDS = 1.0
"""How long a page looks for rows; the part of that moment is stopped."""

# What fits often is found in the first part, which is looked through however long it takes.
_FIRST = 500
# A part has at most so many times the rows of the one before it, and as many as fit, at the speed of that one, into
# this share of the time left: the next rows may be further away, on a disk.
_GROWTH, _SHARE = 5, 0.5
# Rather than through a part of more rows than these we look through an index that has the columns, where there is one,
# for at most so many keys in any order as one statement can put in order.
_MANY, _FEW = 5_000, 500


@dataclass(frozen=True, slots=True)
class Search(Generic[M]):
    """What is looked for.

    found: the rows that fit, everything: those they are looked for among, both in the order of the list, which an index
    has. columns: that of the order, and the key. beyond and up_to: the condition of the rows after a place, and of
    those before it and at it. covered: rows that all that fit are among, and that one index decides about. by_key: the
    rows that fit, in order, to be found by their keys.
    """

    found: QuerySet[M]
    everything: QuerySet[M]
    columns: tuple[str, str]
    beyond: Callable[[Place], Q]
    up_to: Callable[[Place], Q]
    covered: QuerySet[M] | None
    by_key: QuerySet[M]

    def after(self, place: Place | None, rows: QuerySet[M]) -> QuerySet[M]:
        return rows if place is None else rows.filter(self.beyond(place))


@dataclass(frozen=True, slots=True)
class Looked(Generic[M]):
    """The rows, and how far was looked where the time ended before; `known` are all rows that fit, by their keys."""

    rows: list[M]
    looked_to: Place | None = None
    known: QuerySet[M] | None = None


def look_through(search: Search[M], start: Place | None, number: int) -> Looked[M]:
    """Return the first rows after a place that fit."""
    began = time.monotonic()
    end = began + SECONDS
    size = _FIRST
    rows, place = _part(search, start, size, number)
    if place is None or len(rows) >= number:
        return Looked(rows)
    took = time.monotonic() - began
    while (size := min(size * _GROWTH, int(size / took * (end - time.monotonic()) * _SHARE))) >= _FIRST:
        if size > _MANY and search.covered is not None:
            known = _known(search, search.covered, (end - time.monotonic()) * _SHARE)
            if known is not None:
                return Looked(list(search.after(start, known)[:number]), known=known)
            search = replace(search, covered=None)
        began = time.monotonic()
        try:
            with statement_limit(end - began):
                more, edge = _part(search, place, size, number - len(rows))
        except TookTooLong:
            break
        took = time.monotonic() - began
        rows += more
        if edge is None or len(rows) >= number:
            return Looked(rows)
        place = edge
    return Looked(rows, looked_to=place)


def _part(search: Search[M], place: Place | None, size: int, number: int) -> tuple[list[M], Place | None]:
    """Return the first rows that fit of the next part, and where that ends; None where the list ends in it."""
    rest = search.after(place, search.everything)
    edge: Place | None = next(iter(rest.values_list(*search.columns)[size - 1 : size]), None)
    here = search.after(place, search.found)
    if edge is not None:
        here = here.filter(search.up_to(edge))
    return list(here[:number]), edge


def _known(search: Search[M], covered: QuerySet[M], seconds: float) -> QuerySet[M] | None:
    """Return all rows that fit by the keys that the index has of them; None for too many, or where it is too long."""
    try:
        with statement_limit(seconds):
            keys = list(covered.order_by().values_list("pk", flat=True)[: _FEW + 1])
    except TookTooLong:
        return None
    return search.by_key.filter(pk__in=keys) if len(keys) <= _FEW else None
