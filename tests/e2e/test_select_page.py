"""One box for all rows of a page; where the page is the list, it is the box for all of the list."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from mailadmin.accounts.services import create_admin
from mailadmin.core.actor import Actor
from tests.e2e.people import BOSS, BOSS_PASSWORD, sign_in
from tests.jobs.firm import make_firm
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel
from tests.servers.postgres import Postgres
from tests.servers.sqlite import SQLite

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def open_list(panel: Panel, window: Callable[..., Any], javascript: bool) -> Page:
    create_admin(Actor.cli(), username=BOSS, password=BOSS_PASSWORD, superadmin=True)
    page: Page = window(base_url=panel.url, javascript=javascript).page()
    sign_in(page, BOSS, BOSS_PASSWORD)
    page.goto("/domains/example.com/mailboxes/?size=25")
    return page


@pytest.mark.parametrize("javascript", [True, False])
def test_the_box_ticks_the_page_and_shows_what_is_ticked(
    transactional_db: None,
    database_server: MariaDB | Postgres | SQLite,
    window: Callable[..., Any],
    javascript: bool,
) -> None:
    from django.db import connection

    names = sorted(make_firm(26))[:25]
    name = str(connection.settings_dict["NAME"])
    url = f"sqlite:///{name}" if isinstance(database_server, SQLite) else database_server.url(name)
    with Panel(url) as panel:
        page = open_list(panel, window, javascript)
        box, whole = page.get_by_label("Select this page"), page.get_by_label("Select all 26")
        expect(whole).to_be_visible()
        if not javascript:
            expect(box).to_be_hidden()
            return
        rows = [page.get_by_label(f"Select {name}") for name in names]
        ticks_all(box, rows)
        expect(whole).not_to_be_checked()
        page.goto("/domains/example.com/mailboxes/?size=50")
        expect(box).to_have_count(0)
        ticks_all(whole, rows)


def ticks_all(box: Locator, rows: list[Locator]) -> None:
    """Tick and untick by the box, and see that it shows what is ticked."""
    box.check()
    for row in rows:
        expect(row).to_be_checked()
    rows[1].uncheck()
    assert box.evaluate("box => [box.checked, box.indeterminate]") == [False, True]
    rows[1].check()
    assert box.evaluate("box => [box.checked, box.indeterminate]") == [True, False]
    box.uncheck()
    for row in rows:
        expect(row).not_to_be_checked()
