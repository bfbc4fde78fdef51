"""Working through many keys with bounded memory and bounded statements."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

SIZE = 500
"""Fits SQLite's parameter limit, and one packet of every server."""


def in_batches(items: Iterable[T], size: int = SIZE) -> Iterator[list[T]]:
    """Yield the items in lists of at most `size`."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
