"""Filters that no index answers: a list is looked through part by part, for as long as somebody waits."""

import time
from collections.abc import Callable
from itertools import chain, repeat
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)
Place = tuple[Any, Any]
"""A row's value in the column of the order, and its key."""

SECONDS = 1.0
"""How long a page looks for rows; it ends with the part of that moment."""

# What fits often is found in the first part; a later one takes MariaDB some tens of milliseconds.
_FIRST, _LATER = 500, 5_000


def look_through(
    found: QuerySet[M],
    everything: QuerySet[M],
    place: Place | None,
    number: int,
    *,
    columns: tuple[str, str],
    beyond: Callable[[Place], Q],
    up_to: Callable[[Place], Q],
) -> tuple[list[M], Place | None]:
    """Return the first rows after a place that fit, and how far was looked where the time ended before.

    found: the rows that fit, everything: those they are looked for among, both in the order of the list, which an index
    has. columns: that of the order, and the key. beyond and up_to: the condition of the rows after a place, and of
    those before it and at it.
    """
    rows: list[M] = []
    end = time.monotonic() + SECONDS
    for part in chain([_FIRST], repeat(_LATER)):
        rest = everything if place is None else everything.filter(beyond(place))
        edge: Place | None = next(iter(rest.values_list(*columns)[part - 1 : part]), None)
        here = found if place is None else found.filter(beyond(place))
        if edge is not None:
            here = here.filter(up_to(edge))
        rows += here[: number - len(rows)]
        if edge is None or len(rows) >= number:
            break
        place = edge
        if time.monotonic() > end:
            return rows, place
    return rows, None
