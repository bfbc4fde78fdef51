"""Every screen of the panel, found by its URL configuration, as each role sees it."""

import itertools
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.e2e.web import Web
from tests.operations.cases import PASSWORD
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel
from tests.servers.postgres import Postgres
from tests.servers.sqlite import SQLite
from tests.test_walk import OBJECTS, all_routes, fill

WIDE, PHONE = (1280, 900), (390, 844)
LOOKS = list(itertools.product((False, True), (WIDE, PHONE)))
"""Dark or not, and the size: the grid in which every screen has to hold."""

# Who looks: the role's name, and the account in the world of tests.operations.cases.
PEOPLE = {"superadmin": "alice@ops.example", "admin": "bob@example.com", "user": "anna@example.com"}
POPULATE = "from tests.operations.cases import populate; populate()"

ZOOMED = (320, 256)
"""A window of 1280 by 1024 at 400%: WCAG 2.2, 1.4.10."""

# Beside the WCAG rules and best practices that axe applies anyway.
AXE_OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


SHAPE, MISFITS = (Path(__file__).with_name(name).read_text() for name in ("shape.js", "misfits.js"))


class Screen(NamedTuple):
    """A page as one role sees it; `role` is "" for strangers."""

    role: str
    name: str
    path: str

    @property
    def label(self) -> str:
        return f"{self.role or 'stranger'}-{self.name}"


@contextmanager
def peopled_panel(server: MariaDB | Postgres | SQLite, database: str) -> Iterator[Panel]:
    """Run a panel on a new database of the server, with something to show on every screen."""
    with Panel(server.create_database(database), threads=8) as panel:
        panel.manage("shell", "-c", POPULATE)
        yield panel


def pages_in_all_looks(window: Callable[..., Any], panel: Panel, web: Web) -> list[Page]:
    """Return a tab for each of LOOKS, all of one session."""
    pages = []
    for dark, viewport in LOOKS:
        view = window(base_url=panel.url, dark=dark, viewport=viewport)
        view.context.add_cookies(cookies_of(web))
        pages.append(view.page())
    return pages


def session(panel: Panel, username: str, password: str = PASSWORD) -> Web:
    """Return a session with the panel, nobody's for the name ""."""
    web = Web(panel.url)
    return web.sign_in(username, password) if username else web


def cookies_of(web: Web) -> list[Any]:
    """Return the session's cookies as a browser takes them."""
    return [{"name": cookie.name, "value": cookie.value or "", "url": web.url} for cookie in web.cookies]


def screens(sessions: Mapping[str, Web], objects: Mapping[str, tuple[str, str]] = OBJECTS) -> Iterator[Screen]:
    """Yield what each role can open by GET, and once per role what it is told of a page that it cannot."""
    for role, web in sessions.items():
        refused: set[int] = set()
        for name, route in all_routes():
            path = _path(name, fill(route, objects=objects))
            status = _status(web, path)
            if status == 200:
                yield Screen(role, name, path)
            elif status in (403, 404) and status not in refused:
                refused.add(status)
                yield Screen(role, f"refused_{status}", path)


def _path(name: str, path: str) -> str:
    return f"{path}?q=an" if name == "search" else path


def _status(web: Web, path: str) -> int:
    """Return the status of a page, 0 for what is none: another type, or a redirect to another page."""
    answer = web.head(path)
    landed = urllib.parse.urlsplit(answer.url)
    same = urllib.parse.urlsplit(path).path == landed.path
    return answer.status if same and answer.content_type == "text/html" else 0


def complaints(page: Page, screen: Screen, known: set[str] | None = None) -> list[str]:
    """Open a screen and return what axe finds there, and what `misfits` does.

    known: the shapes of pages that axe has seen; one of them is not looked at again.
    """
    page.goto(screen.path)
    found = [] if known is not None and _is_known(page, known) else faults(page)
    return [f"{screen.label} {screen.path}: {text}" for text in found + misfits(page)]


def _is_known(page: Page, known: set[str]) -> bool:
    shape = page.evaluate(SHAPE)
    is_known = shape in known
    known.add(shape)
    return is_known


def misfits(page: Page) -> list[str]:
    """Return what is too wide at 400% zoom or too small for a finger there, and what moves though nothing shall."""
    size = page.viewport_size
    page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    found: list[str] = page.evaluate(MISFITS)
    if size:
        page.set_viewport_size(size)
    return found


def faults(page: Page) -> list[str]:
    """Return what axe finds in the page that is open, and whether it is wider than the window."""
    page.evaluate(AXE_SCRIPT)
    result = page.evaluate("options => axe.run(options)", AXE_OPTIONS)
    found = [_violation(rule, node) for rule in result["violations"] for node in rule["nodes"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the window")
    return found


def _violation(rule: Mapping[str, Any], node: Mapping[str, Any]) -> str:
    reasons = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
    return f"{rule['id']} at {node['target']}: {'; '.join(reasons)}"
