"""Every screen in Chromium, as each role: axe finds nothing, nothing is too wide or too small, nothing is logged."""

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest

from tests.conftest import ENGINE
from tests.e2e.screens import PEOPLE, Screen, complaints, faults, pages_in_all_looks, peopled_panel, screens, session
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel
from tests.servers.postgres import Postgres
from tests.servers.sqlite import SQLite

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def peopled(database_server: MariaDB | Postgres | SQLite) -> Iterator[Panel]:
    with peopled_panel(database_server, f"screens_{ENGINE}") as panel:
        yield panel


def test_each_screen_in_turning_looks(peopled: Panel, window: Callable[..., Any]) -> None:
    """Each screen of each role once; light and dark, desk and phone take turns. axe sees each shape of page once."""
    found: list[str] = []
    known: set[str] = set()
    seen: list[Screen] = []
    for role, username in {"": "", **PEOPLE}.items():
        web = session(peopled, username)
        pages = cycle(pages_in_all_looks(window, peopled, web))
        for screen in screens({role: web}):
            found += complaints(next(pages), screen, known)
            seen.append(screen)
    assert not found, "\n".join(found)
    named = {screen.name for screen in seen}
    assert named >= {"login", "dashboard", "domain_list", "mailbox_detail", "alias_create", "account", "refused_404"}
    assert len(seen) > 60
    assert len(known) > 40


def test_what_is_wrong_is_found(peopled: Panel, window: Callable[..., Any]) -> None:
    """The sign-in page, spoilt on purpose."""
    page = window(base_url=peopled.url).page()
    page.goto("/login/")
    assert faults(page) == []
    page.evaluate("""() => {
        document.documentElement.lang = "";
        document.querySelector("label").remove();
        document.querySelector(".muted").style.color = "#aaa";
        document.querySelector("main").style.minWidth = "200vw";
    }""")
    found = " ".join(faults(page))
    for fault in ("html-has-lang", "label at", "color-contrast", "wider than the window"):
        assert fault in found
