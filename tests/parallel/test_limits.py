"""Limits that requests at the same moment cannot pass together: 40 of them, through two processes of four threads."""

import html
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.web import Web
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel
from tests.servers.postgres import Postgres
from tests.servers.sqlite import SQLite

REQUESTS = 40
LIMIT = 10
PASSWORD = "correct horse battery"
BOSS = "boss@ops.example"

Database = MariaDB | Postgres | SQLite


@pytest.fixture
def running(database_server: Database) -> Iterator[Callable[..., Panel]]:
    """Start a panel of two processes of four threads on a new database."""
    panels: list[Panel] = []

    def start(name: str, wsgi: str = "mailadmin.wsgi:application") -> Panel:
        panel = Panel(database_server.create_database(name), workers=2, threads=4, wsgi=wsgi).start()
        panels.append(panel)
        panel.manage("admin_user", "create", BOSS, "--superadmin", "--password-stdin", stdin=PASSWORD)
        return panel

    yield start
    for panel in panels:
        panel.stop()


def together(panel: Panel, path: str, fields: Callable[[int], dict[str, str]], web: Web | None = None) -> list[str]:
    """Send the form REQUESTS times at once, as the superadmin or whoever `web` is; returns the pages that came back."""
    web = web or Web(panel.url).sign_in(BOSS, PASSWORD)
    token = web.token(path)
    with ThreadPoolExecutor(REQUESTS) as pool:
        answers = list(pool.map(lambda number: web.post(path, token=token, **fields(number)), range(REQUESTS)))
    assert {status for status, _page in answers} == {200}, "never an error page"
    return [html.unescape(page) for _status, page in answers]


def mailbox(number: int, quota: str = "") -> dict[str, str]:
    name = f"person{number}"
    return {"local_part": name, "name": "", "password": PASSWORD, "repeat": PASSWORD, "quota": quota, "active": "on"}


def refusals(pages: list[str], sentence: str) -> int:
    return sum(sentence in page for page in pages)


def test_mailboxes(running: Callable[..., Panel]) -> None:
    panel = running("limit_mailboxes")
    panel.manage("domain", "create", "few.example", "--mailboxes", str(LIMIT))
    pages = together(panel, "/domains/few.example/mailboxes/new/", mailbox)
    assert len(panel.manage_json("mailbox", "list", "--domain", "few.example")) == LIMIT
    assert refusals(pages, f"{LIMIT} of {LIMIT} mailboxes are in use in few.example.") == REQUESTS - LIMIT


def test_aliases(running: Callable[..., Panel]) -> None:
    panel = running("limit_aliases")
    panel.manage("domain", "create", "few.example", "--aliases", str(LIMIT))
    pages = together(
        panel,
        "/domains/few.example/aliases/new/",
        lambda number: {"address": f"list{number}", "targets": "somebody@else.example", "active": "on"},
    )
    assert len(panel.manage_json("alias", "list", "--domain", "few.example")) == LIMIT
    assert refusals(pages, f"{LIMIT} of {LIMIT} aliases are in use in few.example.") == REQUESTS - LIMIT


def test_own_aliases(running: Callable[..., Panel]) -> None:
    panel = running("limit_own_aliases")
    panel.manage("domain", "create", "few.example")
    panel.manage("mailbox", "create", "anna@few.example", "--password-stdin", stdin=PASSWORD)
    rule = f"from domains.models import DomainRules as R; R.objects.create(domain='few.example', own_aliases={LIMIT})"
    panel.manage("shell", "-c", rule)
    web = Web(panel.url).sign_in("anna@few.example", PASSWORD)
    pages = together(panel, "/account/aliases/new/", lambda number: {"address": f"anna{number}"}, web)
    assert len(panel.manage_json("alias", "list", "--domain", "few.example")) == LIMIT
    said = f"{LIMIT} of {LIMIT} own aliases are in use. Delete one"
    assert refusals([page for page in pages if "<h1>New alias</h1>" in page], said) == REQUESTS - LIMIT


def test_domain_quota(running: Callable[..., Panel]) -> None:
    panel = running("limit_quota")
    panel.manage("domain", "create", "few.example", "--quota", "1000 MB")
    pages = together(panel, "/domains/few.example/mailboxes/new/", lambda number: mailbox(number, "100 MB"))
    sizes = [row["quota"] for row in panel.manage_json("mailbox", "list", "--domain", "few.example")]
    assert sum(sizes) == 1000 * 1024**2
    assert len(sizes) == LIMIT
    assert refusals(pages, "are promised to other mailboxes of few.example") == REQUESTS - LIMIT


def test_without_the_guard_the_limit_is_passed(running: Callable[..., Panel], database_server: Database) -> None:
    """What the guard is for. SQLite has one writer at a time, guard or not: there is nothing to show."""
    panel = running("limit_unguarded", wsgi="tests.parallel.unguarded:application")
    counts = []
    for attempt in range(5):
        name = f"few{attempt}.example"
        panel.manage("domain", "create", name, "--mailboxes", str(LIMIT))
        together(panel, f"/domains/{name}/mailboxes/new/", mailbox)
        counts.append(len(panel.manage_json("mailbox", "list", "--domain", name)))
        if counts[-1] > LIMIT:
            break
    if isinstance(database_server, SQLite):
        assert set(counts) == {LIMIT}
    else:
        assert max(counts) > LIMIT, f"limit {LIMIT}, found {counts}: these tests cannot fail"
