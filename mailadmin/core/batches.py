"""Working through many keys with bounded memory and bounded statements."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from django.db import models

T = TypeVar("T")
M = TypeVar("M", bound=models.Model)

SIZE = 500
"""Fits SQLite's parameter limit, and one packet of every server."""


def in_batches(items: Iterable[T], size: int = SIZE) -> Iterator[list[T]]:
    """Yield the items in lists of at most `size`."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def in_key_order(rows: models.QuerySet[M], size: int = SIZE) -> Iterator[M]:
    """Yield rows in the order of their keys, `size` in one query, so that memory stays the same however many there are.

    Rows that were yielded may be deleted meanwhile.
    """
    ordered = rows.order_by("pk")
    batch = list(ordered[:size])
    while batch:
        last = batch[-1].pk
        yield from batch
        batch = list(ordered.filter(pk__gt=last)[:size]) if len(batch) == size else []
