"""Lists: keyset paging, sort and page size, all in the URL.

A page is found by the last row of the one before, so that the thousandth page costs what the first does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import models
from django.http import HttpRequest, QueryDict

from mailadmin.core.batches import SIZE
from mailadmin.core.bounded import Bounded, bounded_count
from mailadmin.core.index_hints import without_primary_key
from mailadmin.core.look_through import Looked, Place, Search, look_through
from mailadmin.core.places import PLACE, Order, asked_place, place_of, token_of
from mailadmin.core.search import search_text
from mailadmin.core.statement_limit import TookTooLong, statement_limit

M = TypeVar("M", bound=models.Model)

SIZES = (25, 50, 100, 200)
DEFAULT_SIZE = 50
COUNTING_SECONDS = 0.3
"""How long the rows that a filter leaves are counted."""
_SPANS = (2_000, 20_000, 200_000)
# What belongs to one answer, not to the list.
_PASSING = (*PLACE, "format")


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """One page of a list, and the addresses of its neighbours, sort orders and sizes."""

    rows: list[M]
    previous_url: str
    next_url: str
    size: int
    sizes: list[dict[str, Any]]
    """The sizes to choose from; empty where the whole list fits the smallest."""
    sorts: dict[str, dict[str, str]]
    """Per sort name: `url` that sorts by it (turned round when it already does) and the present `direction`."""
    go_on_url: str = ""
    """Where the list goes on that was looked through no further, for want of time; empty where it was."""
    known: models.QuerySet[M] | None = None
    """The rows of the whole list by their keys, where finding the page told these."""
    rest: models.QuerySet[M] | None = None
    """The rows after a first page."""

    @property
    def is_whole(self) -> bool:
        """Return whether the list ends where it begins: no other page."""
        return not self.previous_url and not self.next_url and not self.go_on_url


def list_page(
    request: HttpRequest,
    rows: models.QuerySet[M],
    *,
    sorts: Mapping[str, str],
    default: str,
    descending: bool = False,
    within: bool = False,
    nearby: bool = False,
    among: models.QuerySet[M] | None = None,
    covered: models.QuerySet[M] | None = None,
) -> Page[M]:
    """Return the page that the URL asks for (`sort`, `after` or `before`, `size`).

    `sorts` maps sort names to columns; the primary key breaks ties. `within` tells that the rows are a part of the
    table with indexes of its own, such as those of one domain; `nearby`, that they are of several such parts, which no
    one index has in the order of the (numbered) primary key; `among`, that no index answers which rows these are, and
    among which they are to be looked for; `covered`, rows that they all are among and that one index decides about,
    all columns of the condition being in it. What the URL cannot mean is left out of account.
    """
    name, reverse = _sort(request.GET, sorts, default, descending)
    size = _size(request.GET)
    column = sorts[name]
    cursor, backwards = asked_place(request.GET, rows.model, column)
    order = Order(column, rows.model._meta.pk.attname, upwards=reverse == backwards)
    looked = _find(rows, order, cursor, size + 1, within=within, nearby=nearby, among=among, covered=covered)
    more, found = len(looked.rows) > size, looked.rows[:size]
    if backwards:
        found.reverse()
    has_next = more if not backwards else True
    has_previous = more if backwards else cursor is not None
    way = "before" if backwards else "after"
    is_first = cursor is None and bool(found)
    return Page(
        rows=found,
        previous_url=_url(request, before=token_of(place_of(found[0], column))) if found and has_previous else "",
        next_url=_url(request, after=token_of(place_of(found[-1], column))) if found and has_next else "",
        size=size,
        sizes=_sizes(request) if more or cursor is not None or len(found) > SIZES[0] else [],
        sorts={key: _sort_link(request, key, name, reverse, default, descending) for key in sorts},
        go_on_url=_url(request, **{way: token_of(looked.looked_to)}) if looked.looked_to else "",
        known=looked.known,
        rest=_beyond(rows, order, place_of(found[-1], column), within=within) if is_first else None,
    )


def _find(
    rows: models.QuerySet[M],
    order: Order,
    start: Place | None,
    number: int,
    *,
    within: bool,
    nearby: bool,
    among: models.QuerySet[M] | None,
    covered: models.QuerySet[M] | None,
) -> Looked[M]:
    """Return the first rows after a place, and how far was looked where the time ended; the rest as in list_page."""
    if among is not None:
        search = Search(
            found=order.of(_part_of_table(rows, within=within)),
            everything=order.of(_part_of_table(among, within=within)),
            columns=(order.column, order.pk),
            beyond=order.beyond,
            up_to=order.up_to,
            covered=covered,
            by_key=order.of(rows),
        )
        return look_through(search, start, number)
    if nearby and order.column == order.pk:
        ordered = order.of(rows if start is None else rows.filter(order.beyond(start)))
        return Looked(_nearby(ordered, start[1] if start else None, number, downwards=not order.upwards))
    return Looked(list(order.of(_beyond(rows, order, start, within=within))[:number]))


def _beyond(rows: models.QuerySet[M], order: Order, start: Place | None, *, within: bool) -> models.QuerySet[M]:
    """Return the rows after a place."""
    return _part_of_table(rows if start is None else rows.filter(order.beyond(start)), within=within)


def _part_of_table(rows: models.QuerySet[M], *, within: bool) -> models.QuerySet[M]:
    return without_primary_key(rows) if within else rows


def _nearby(ordered: models.QuerySet[M], start: int | None, number: int, *, downwards: bool) -> list[M]:
    """Return the first rows from a key on, looked for close to it before further away.

    Parts of a table that have no common order would otherwise all be read to be sorted.
    """
    pk = ordered.model._meta.pk.attname
    if start is None:
        start = ordered.model._default_manager.aggregate(last=models.Max(pk))["last"] or 0
    for span in _SPANS:
        bound = {f"{pk}__gt": start - span} if downwards else {f"{pk}__lt": start + span}
        found = list(ordered.filter(**bound)[:number])
        if len(found) == number:
            return found
    return list(ordered[:number])


def matching(page: Page[M], rows: models.QuerySet[M]) -> Bounded:
    """Return how many rows a filter leaves, up to the largest page, or as many as the page shows where counting takes
    too long; not counted where the page shows them all, nor those that a first page shows.
    """
    shown, most = len(page.rows), SIZES[-1]
    if page.is_whole:
        return Bounded(shown)
    if page.go_on_url:
        return Bounded(shown + 1, shown)
    try:
        with statement_limit(COUNTING_SECONDS):
            if page.known is None and page.rest is not None:
                return Bounded(shown + bounded_count(page.rest, most - shown), most)
            return bounded_count(rows if page.known is None else page.known, most)
    except TookTooLong:
        return Bounded(shown + 1, shown)


def list_batches(
    request: HttpRequest, rows: models.QuerySet[M], *, sorts: Mapping[str, str], default: str, descending: bool = False
) -> Iterator[list[M]]:
    """Yield the whole list in the order that the URL asks for, one query for each batch of rows.

    The parameters are those of list_page. A row that is written meanwhile is in it or not; none is in it twice,
    unless its sort column changes.
    """
    name, reverse = _sort(request.GET, sorts, default, descending)
    order = Order(sorts[name], rows.model._meta.pk.attname, upwards=not reverse)
    ordered = order.of(rows)
    batch = list(ordered[:SIZE])
    while batch:
        yield batch
        if len(batch) < SIZE:
            return
        batch = list(ordered.filter(order.beyond(place_of(batch[-1], order.column)))[:SIZE])


def list_url(request: HttpRequest, **changes: str | None) -> str:
    """Return this list's address with some parameters changed, from its first page."""
    return _url(request, **changes)


def _sort(query: QueryDict, sorts: Mapping[str, str], default: str, descending: bool) -> tuple[str, bool]:
    asked = query.get("sort", "")
    name = asked.removeprefix("-")
    return (name, asked.startswith("-")) if name in sorts else (default, descending)


def _size(query: QueryDict) -> int:
    try:
        size = int(query.get("size", ""))
    except ValueError:
        return DEFAULT_SIZE
    return size if size in SIZES else DEFAULT_SIZE


def _sizes(request: HttpRequest) -> list[dict[str, Any]]:
    return [{"size": number, "url": _url(request, size=str(number))} for number in SIZES]


def _sort_link(
    request: HttpRequest, key: str, current: str, reverse: bool, default: str, descending: bool
) -> dict[str, str]:
    turned = key == current and not reverse
    direction = "" if key != current else "descending" if reverse else "ascending"
    is_default = key == default and turned == descending
    return {"url": _url(request, sort=None if is_default else f"{'-' if turned else ''}{key}"), "direction": direction}


def _url(request: HttpRequest, **changes: str | None) -> str:
    query = request.GET.copy()
    if "columns" in query:
        # Tick boxes repeat the parameter; links say it once.
        query["columns"] = _columns(query)
    for name in (*_PASSING, *changes):
        query.pop(name, None)
    for name, value in changes.items():
        if value is not None:
            query[name] = value
    return f"?{query.urlencode(safe=',')}" if query else request.path


def _columns(query: QueryDict) -> str:
    return ",".join(text for text in query.getlist("columns") if text)


@dataclass(frozen=True, slots=True)
class Filters:
    """What partials/filters.html shows above a list, read from the URL."""

    q: str
    chosen: str
    """The key of the chip in force, or empty."""
    chips: list[dict[str, Any]]
    keep: dict[str, str]
    clear_url: str
    """Where nothing filters; empty when nothing does."""


def list_filters(request: HttpRequest, parameter: str, choices: Mapping[str, str]) -> Filters:
    """Return the search word (`q`) and the chips of one URL parameter; `choices` maps its values to their labels.

    The chip in force leads back to the list without it. Values that are no choice are left out of account.
    """
    q, asked = search_text(request.GET.get("q", "")), request.GET.get(parameter, "")
    chosen = asked if asked in choices else ""
    chips = [
        {"label": label, "active": key == chosen, "url": _url(request, **{parameter: None if key == chosen else key})}
        for key, label in choices.items()
    ]
    keep = {name: request.GET[name] for name in (parameter, "sort", "size") if request.GET.get(name)}
    if "columns" in request.GET:
        keep["columns"] = _columns(request.GET)
    return Filters(q, chosen, chips, keep, _url(request, q=None, **{parameter: None}) if q or chosen else "")
