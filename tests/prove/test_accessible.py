"""Every screen as each role, light and dark, on a desk and on a phone; and every form that refuses what it is sent."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.conftest import ENGINE
from tests.e2e.screens import PEOPLE, Screen, complaints, faults, pages_in_all_looks, peopled_panel, screens, session
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel
from tests.servers.postgres import Postgres
from tests.servers.sqlite import SQLite


@pytest.fixture(scope="module")
def peopled(database_server: MariaDB | Postgres | SQLite) -> Iterator[Panel]:
    with peopled_panel(database_server, f"screens_grid_{ENGINE}") as panel:
        yield panel


@pytest.mark.parametrize("role", ["", *PEOPLE])
def test_each_screen_in_every_look(role: str, peopled: Panel, window: Callable[..., Any]) -> None:
    web = session(peopled, PEOPLE.get(role, ""))
    pages = pages_in_all_looks(window, peopled, web)
    found: list[str] = []
    for screen in screens({role: web}):
        for page in pages:
            found += complaints(page, screen)
            found += complaints_of_refused_form(page, screen)
    assert not found, "\n".join(found)


def complaints_of_refused_form(page: Page, screen: Screen) -> list[str]:
    """Send the page's form emptied, where it has one that names its verb, and look at the answer.

    What is deleted or changed without a field to type in is left alone: the other screens need it.
    """
    typed = page.locator("main form.form:has(input[required]:not([type=checkbox], [type=radio]))").first
    if not typed.count():
        return []
    for box in typed.locator("input[required]:not([type=checkbox], [type=radio], [type=hidden]):visible").all():
        box.fill("")
    with page.expect_navigation():
        typed.locator("button[type=submit]").first.click()
    return [f"{screen.label} {screen.path}, refused: {text}" for text in faults(page)]
