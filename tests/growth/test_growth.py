"""No page's cost grows with the tables: rows read as MariaDB counts them, and the number of queries.

Left out: what is bounded otherwise (fragments typed into a list's filter by time, exports by batches), and LIVE.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from domains.models import ALL_DOMAINS, DomainAdmin
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Admin
from tests import test_walk
from tests.growth.population import ADMIN, BIG, GRANTED, START, SUPERADMIN, USER, fill
from tests.people import make_domains, signed_in

# Rows are committed, so that the server's statistics are those of a server at work.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.mysql]

SMALL = 1_000
LARGE = 10_000
SLACK = 600
"""Rows that a page may read more of the large tables, where the planner chooses another index for some page's worth."""

OBJECTS = test_walk.OBJECTS | {
    "domain": (BIG, ""),
    "alias_domain": ("d1000002.example", ""),
    "username": ("adm1000002@ops.example", ""),
    "mailbox": (USER, ""),
    "alias": (f"u1000004-team@{BIG}", ""),
    "job": ("job-1000002", ""),
}
# What no link on the page leads to.
LOG_FILTERS = [
    {"action": "edit_mailbox"},
    {"action": "sign_in_failed"},
    {"action": "delete_domain"},
    {"who": SUPERADMIN},
    {"who": ADMIN},
    {"who": "adm1000002@ops.example"},
    {"target": USER},
    {"domain": BIG},
    {"domain": "small7.example"},
    {"from": "2026-01-01T06:00"},
    {"until": "2026-01-01T06:00"},
    {"from": "2026-01-01T03:00", "until": "2026-01-01T06:00"},
    {"who": SUPERADMIN, "action": "delete_domain"},
    {"who": SUPERADMIN, "domain": BIG},
    {"action": "edit_alias", "domain": BIG},
]
EXTRA: dict[str, list[dict[str, str]]] = {
    "log": LOG_FILTERS,
    "domain_log": [one for one in LOG_FILTERS if "domain" not in one],
    "search": [{"q": "u10000"}, {"q": "d1000"}, {"q": "adm1"}, {"q": USER}, {"q": "nobody"}],
    "password_strength": [{}],
}
# The lists whose order no link tells: their column and whether the newest comes first.
UNTOLD_ORDER = {"log": "-id", "domain_log": "-id", "job_list": "-id"}


LIVE = {"mailbox_create", "alias_create", "domain_delete"}
"""The pages that count rows as they are now: a limit before something is made, a domain before it goes."""

LOOKED_FOR = {"show": {"never-used", "weak-password"}}
"""Filters of admins that no index answers, and that fit none here: they end with their time."""


@dataclass(frozen=True)
class Cost:
    """What one page cost."""

    queries: int
    rows: int


def measured(client: Client, path: str, query: dict[str, str]) -> tuple[str, Cost]:
    """Return the page, empty where there is none, and what it cost."""
    before = rows_read()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path, query)
    rows = rows_read() - before - OWN_ROWS
    is_page = answer.status_code == 200 and "html" in answer.get("Content-Type", "")
    return answer.content.decode() if is_page else "", Cost(len(captured), max(rows, 0))


def rows_read() -> int:
    """Return how many rows the connection has read from tables and indexes by now, as the server counts."""
    with connection.cursor() as cursor:
        counters = "Variable_name LIKE 'Handler_read%' OR Variable_name = 'Handler_icp_attempts'"
        cursor.execute(f"SHOW SESSION STATUS WHERE {counters}")
        return sum(int(value) for _name, value in cursor.fetchall())


OWN_ROWS = 0
LATE = ", late"


@pytest.fixture
def clients(transactional_db: None) -> dict[str, Client]:
    """The people, each signed in."""
    names = [BIG, *(f"small{number}.example" for number in range(GRANTED - 1))]
    make_domains(*names)
    for name, is_super in ((SUPERADMIN, True), (ADMIN, False)):
        Admin.objects.create(username=name, password="x", superadmin=is_super, created=START, modified=START)
        granted = [ALL_DOMAINS] if is_super else names
        DomainAdmin.objects.bulk_create(DomainAdmin(username=name, domain=one, created=START) for one in granted)
    fill(1, SMALL)
    return {
        "superadmin": signed_in(AccountKind.ADMIN, SUPERADMIN),
        "domain admin": signed_in(AccountKind.ADMIN, ADMIN),
        "user": signed_in(AccountKind.MAILBOX, USER),
    }


def every_cost(client: Client) -> dict[str, Cost]:
    """Return what every page costs, as it is opened and in each order and filter that it offers, early and late."""
    costs = {}
    for name, route in test_walk.all_routes():
        if name in LIVE:
            continue
        path = test_walk.fill(route, objects=OBJECTS)
        text, cost = measured(client, path, {})
        if not text:
            continue
        costs[path] = cost
        queries = [{}, *EXTRA.get(name, []), *offered(text, path)]
        for query in queries[1:]:
            costs[f"{path}?{urlencode(query)}"] = measured(client, path, query)[1]
        default = UNTOLD_ORDER.get(name) or default_order(queries)
        for query in queries if default else []:
            if late := late_page(client, path, query, default):
                costs[f"{path}?{urlencode(query)}".rstrip("?") + LATE] = measured(client, path, late)[1]
    return costs


def offered(text: str, path: str) -> list[dict[str, str]]:
    """Return the queries of the page's links to itself: orders and filters."""
    found = []
    for link in re.findall(r'href="([^"]*)"', text):
        page, _mark, query = html.unescape(link).partition("?")
        names = dict(parse_qsl(query))
        if any(value in LOOKED_FOR.get(name, ()) for name, value in names.items()):
            continue
        if page in ("", path) and names and not names.keys() & {"format", "after", "before", "size", "columns"}:
            found.append(names)
    return [query for number, query in enumerate(found) if query not in found[:number]]


def default_order(queries: list[dict[str, str]]) -> str:
    """Return the column by which the page is sorted already: the one that it offers to turn round."""
    return next((query["sort"][1:] for query in queries if query.get("sort", "").startswith("-")), "")


def late_page(client: Client, path: str, query: dict[str, str], default: str) -> dict[str, str]:
    """Return the query of the page a hundred rows before the end, found from there; empty where there is none."""
    order = query.get("sort", default)
    turned = order[1:] if order.startswith("-") else f"-{order}"
    text = client.get(path, query | {"sort": turned, "size": "100"}).content.decode()
    following = re.search(r"[?&;]after=([\w-]+)", text)
    return query | {"sort": order, "after": following[1]} if following else {}


def differences(small: dict[str, Cost], large: dict[str, Cost]) -> Iterator[str]:
    """Yield the pages that cost more; one that has no late page of the small tables is held to its first."""
    for page, cost in large.items():
        less = small.get(page) or small[page.removesuffix(LATE)]
        if cost.queries != less.queries or cost.rows > less.rows + SLACK:
            yield f"{page}: {less.queries} -> {cost.queries} queries, {less.rows} -> {cost.rows} rows"


def growing(clients: dict[str, Client], large: int) -> list[str]:
    """Return the pages that cost more when the tables grow from SMALL to `large`."""
    global OWN_ROWS
    next(iter(clients.values())).get("/log/")  # What is asked once per process is asked.
    before = rows_read()
    OWN_ROWS = rows_read() - before
    first = {who: every_cost(client) for who, client in clients.items()}
    assert all(len(costs) > 100 for who, costs in first.items() if who != "user")
    fill(SMALL + 1, large)
    found = []
    for who, client in clients.items():
        found += [f"{who}: {line}" for line in differences(first[who], every_cost(client))]
    return found


def test_no_page_costs_more_of_larger_tables(clients: dict[str, Client]) -> None:
    """As the person who sees all of it; `make prove` asks as the others too, of ten times as much."""
    found = growing({"superadmin": clients["superadmin"]}, LARGE)
    assert not found, "\n" + "\n".join(found)
