"""Counting rows up to where a number stops being worth the wait."""

from typing import Any

from django.db.models import QuerySet
from django.utils.formats import number_format


class Bounded(int):
    """A number of things, which reads "100+" where no more were counted; an int, so that words agree with it."""

    most: int | None

    def __new__(cls, number: int, most: int | None = None) -> "Bounded":
        bounded = super().__new__(cls, number)
        bounded.most = most
        return bounded

    @property
    def shown(self) -> str:
        if self.most is not None and self > self.most:
            return f"{number_format(self.most, force_grouping=True)}+"
        return number_format(int(self), force_grouping=True)


def bounded_count(rows: QuerySet[Any, Any], most: int) -> Bounded:
    """Count the rows, at most one more than `most`, in the order of whatever index finds them."""
    return Bounded(rows.order_by()[: most + 1].count(), most)
