"""The columns of a list: which there are, which the URL asks for, and what each tells in an export."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.utils.html import escape

from mailadmin.core.http import next_url
from mailadmin.core.lists import list_url

R = TypeVar("R")

Cell = Callable[[R], object]
_NOT_KEPT = ("columns", "after", "before", "format")


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """A column: `cells` maps its headings in an export to what stands there; on pages it may draw them as one.

    A fixed column cannot be left out; one that is not `shown` is there only when somebody asks for it.
    """

    key: str
    label: str
    cells: Mapping[str, Cell[R]] = field(default_factory=dict)
    shown: bool = True
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Columns(Generic[R]):
    """What partials/columns.html and the table need: `"name" in columns` says whether a column is shown."""

    known: Sequence[Column[R]]
    chosen: Sequence[Column[R]]
    is_default: bool
    here: str
    """The address of the list, as the URL or the switch that was pressed in it tells."""
    keep: list[tuple[str, str]]
    """The other parameters of the list, for the form that chooses columns."""
    default_url: str
    csv_url: str
    labels: Mapping[str, str] = field(init=False)
    """The label of each column by its key, escaped: every row says them."""
    _keys: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", {column.key: escape(column.label) for column in self.known})
        object.__setattr__(self, "_keys", frozenset(column.key for column in self.chosen))

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    @property
    def choices(self) -> list[dict[str, Any]]:
        """Return the columns that can be left out: key, label, and whether each is shown."""
        return [
            {"key": column.key, "label": column.label, "checked": column.key in self}
            for column in self.known
            if not column.fixed
        ]

    @property
    def secondary(self) -> str:
        """Return the class of the columns that narrow screens leave out, unless somebody chose them."""
        return "secondary" if self.is_default else ""


def chosen_columns(request: HttpRequest, known: Sequence[Column[R]]) -> Columns[R]:
    """Return the columns that the URL asks for (`columns`: keys with commas between, or the parameter repeated).

    An empty `columns` asks for the fixed ones alone. What is no column is left out of account. The answer to a switch
    shows the columns of the list that it stands in.
    """
    here = request.get_full_path() if request.method in ("GET", "HEAD") else next_url(request)
    query = request.GET if request.method in ("GET", "HEAD") else QueryDict(urlsplit(here).query)
    asked = [key for text in query.getlist("columns") for key in text.split(",") if key]
    keys = {column.key for column in known}.intersection(asked)
    is_default = "columns" not in query or bool(asked and not keys)
    chosen = [column for column in known if column.fixed or (column.shown if is_default else column.key in keys)]
    return Columns(
        known=known,
        chosen=chosen,
        is_default=is_default,
        here=here,
        keep=[(name, str(value)) for name, value in request.GET.items() if name not in _NOT_KEPT and value],
        default_url=list_url(request, columns=None),
        csv_url=list_url(request, format="csv", size=None),
    )
