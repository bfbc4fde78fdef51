"""Places in a list: the order of its rows, and the row beside which a page begins, as the URL carries it."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Q
from django.http import QueryDict

from mailadmin.core.look_through import Place

M = TypeVar("M", bound=models.Model)

PLACE = ("after", "before")
"""The parameters of a URL that hold a place."""


@dataclass(frozen=True, slots=True)
class Order:
    """How rows follow one another: by a column, and by the key where that is the same."""

    column: str
    pk: str
    upwards: bool

    def of(self, rows: models.QuerySet[M]) -> models.QuerySet[M]:
        """Return the rows in this order."""
        sign = "" if self.upwards else "-"
        return rows.order_by(*dict.fromkeys([f"{sign}{self.column}", f"{sign}{self.pk}"]))

    def beyond(self, place: Place) -> Q:
        """Return the condition of the rows after a place."""
        return _beyond(self.column, self.pk, place, greater=self.upwards)

    def up_to(self, place: Place) -> Q:
        """Return the condition of the rows before a place and at it."""
        return _beyond(self.column, self.pk, place, greater=not self.upwards, itself=True)


def _beyond(column: str, pk: str, place: Place, *, greater: bool, itself: bool = False) -> Q:
    """Return the condition of the rows on one side of a place; `itself` takes the row of that place in."""
    value, key = place
    side = "gt" if greater else "lt"
    last = Q(**{f"{pk}__{side}{'e' if itself else ''}": key})
    if column == pk:
        return last
    # Written so that an index on the column bounds the scan.
    edge = Q(**{f"{column}__{side}e": value})
    return edge & (Q(**{f"{column}__{side}": value}) | last)


def place_of(row: models.Model, column: str) -> Place:
    """Return the place of a row in the order of a column."""
    return getattr(row, column), row.pk


def token_of(place: Place) -> str:
    """Return a place as a URL carries it."""
    return base64.urlsafe_b64encode(json.dumps(place, default=str).encode()).decode().rstrip("=")


def asked_place(query: QueryDict, model: type[models.Model], column: str) -> tuple[Place | None, bool]:
    """Return the place in the list, and whether the page is the one before it."""
    for name in PLACE:
        if text := query.get(name):
            return _decode(text, model, column), name == "before"
    return None, False


def _decode(text: str, model: type[models.Model], column: str) -> Place | None:
    try:
        padded = text.encode() + b"=" * (-len(text) % 4)
        value, key = json.loads(base64.urlsafe_b64decode(padded))
        parsed = (model._meta.get_field(column).to_python(value), model._meta.pk.to_python(key))  # type: ignore[union-attr]
    except (ValueError, TypeError, binascii.Error, RecursionError, ValidationError, FieldDoesNotExist):
        return None
    if any(part is None or (isinstance(part, str) and not _is_storable(part)) for part in parsed):
        return None
    if any(isinstance(part, int) and abs(part) >= 2**63 for part in parsed):
        return None
    return parsed


def _is_storable(text: str) -> bool:
    # NUL and lone surrogates are errors to the servers, not values.
    return len(text) <= 255 and not any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in text)
