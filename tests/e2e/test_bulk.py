"""Changing many rows in Chromium: ticked, looked at, then done; very many as a job, left, come back to, cancelled."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mailadmin.accounts.services import create_admin
from mailadmin.core.actor import Actor
from tests.e2e.people import BOSS, BOSS_PASSWORD, go_to, sign_in, told
from tests.jobs.firm import active, make_firm
from tests.servers.mariadb import MariaDB
from tests.servers.panel import ROOT, Panel
from tests.servers.postgres import Postgres
from tests.servers.processes import Process
from tests.servers.sqlite import SQLite

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LIST = "/domains/example.com/mailboxes/"
MANY = 600


@pytest.fixture(scope="module")
def served(django_db_setup: None, database_server: MariaDB | Postgres | SQLite) -> Iterator[Panel]:
    """A panel on the database of the tests."""
    from django.db import connection

    name = str(connection.settings_dict["NAME"])
    with Panel(f"sqlite:///{name}" if isinstance(database_server, SQLite) else database_server.url(name)) as panel:
        yield panel


@pytest.fixture
def panel_here(transactional_db: None, served: Panel) -> Panel:
    """That panel with one superadmin and nothing else."""
    create_admin(Actor.cli(), username=BOSS, password=BOSS_PASSWORD, superadmin=True)
    return served


@pytest.fixture
def work(panel_here: Panel, tmp_path: Path) -> Iterator[Callable[[float], None]]:
    """Start a worker that rests so many seconds after each chunk of rows."""
    started: list[Process] = []

    def start(pause: float) -> None:
        env = panel_here.env | {"MAILADMIN_JOB_POLL": "0.1", "MAILADMIN_JOB_PAUSE": str(pause)}
        started.append(Process([sys.executable, ROOT / "manage.py", "worker"], tmp_path / "worker.log", env=env))

    yield start
    for process in started:
        process.stop()


def open_list(panel: Panel, window: Callable[..., Any], javascript: bool) -> Page:
    page: Page = window(base_url=panel.url, javascript=javascript).page()
    sign_in(page, BOSS, BOSS_PASSWORD)
    page.goto(LIST)
    return page


def choose(page: Page, change: str) -> None:
    page.get_by_role("form", name="Change many").get_by_role("button", name=change).click()


def confirm(page: Page) -> None:
    page.get_by_role("main").locator("button[name=confirm]").click()


def queue(page: Page) -> None:
    """Switch off all that match, as a job."""
    page.get_by_label(f"Select all {MANY}").check()
    choose(page, "Switch off")
    expect(page.get_by_text(f"{MANY} will change:")).to_be_visible()
    expect(page.get_by_text("You see how far it is, and can leave the page and come back.")).to_be_visible()
    confirm(page)
    expect(page).to_have_url(re.compile(r"/jobs/[^/]+/$"))


def percent(page: Page) -> float:
    return float(page.get_by_role("progressbar").get_attribute("value") or 0)


def come_back(page: Page) -> None:
    """Leave the job for a while, and find it again in the menu."""
    go_to(page, "Overview")
    page.locator("summary", has_text="Account menu of").click()
    page.get_by_role("link", name="Jobs").click()
    page.locator("#list tbody a").first.click()


@pytest.mark.parametrize("javascript", [True, False])
def test_ticked_rows_are_looked_at_then_changed(
    panel_here: Panel, window: Callable[..., Any], javascript: bool
) -> None:
    names = make_firm(5)
    page = open_list(panel_here, window, javascript)
    for name in names[:2]:
        page.get_by_label(f"Select {name}").check()
    choose(page, "Switch off")
    expect(page.get_by_text("2 will change:")).to_be_visible()
    for name in names[:2]:
        expect(page.get_by_role("main").get_by_role("listitem").filter(has_text=name)).to_be_visible()
    assert active() == 5
    confirm(page)
    told(page, "2 changed.")
    expect(page).to_have_url(re.compile(re.escape(LIST) + "$"))
    assert active() == 3


def test_a_look_at_all_that_match_is_only_a_look(panel_here: Panel, window: Callable[..., Any]) -> None:
    make_firm(5)
    page = open_list(panel_here, window, javascript=True)
    page.get_by_label("Filter by address or name").fill("m00002")
    expect(page.get_by_label("Select the one that matches")).to_be_visible()
    page.get_by_label("Select the one that matches").check()
    choose(page, "Delete")
    expect(page.get_by_text("What is deleted cannot be brought back here.")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Cancel").click()
    expect(page).to_have_url(re.compile(re.escape(LIST) + "$"))
    assert active() == 5


@pytest.mark.parametrize("javascript", [True, False])
def test_a_job_shows_how_far_it_is_and_can_be_left(
    panel_here: Panel, window: Callable[..., Any], work: Callable[[float], None], javascript: bool
) -> None:
    make_firm(MANY)
    page = open_list(panel_here, window, javascript)
    queue(page)
    expect(page.get_by_role("heading", name="Waiting for its turn")).to_be_visible()
    work(0.7)
    seen = set()
    while page.get_by_role("progressbar").count():
        seen.add(percent(page))
        if javascript:
            page.wait_for_timeout(200)
        elif page.get_by_role("link", name="Show how far it is now").count():
            page.get_by_role("link", name="Show how far it is now").click()
        if len(seen) == 2:
            assert active() == MANY, "nothing changes before all are checked"
            come_back(page)
            seen.add(-1.0)
    assert len(seen) >= 3, "the progress was seen at two places at least"
    expect(page.get_by_role("heading", name="The result")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text=f"{MANY} changed.")).to_be_visible()
    assert active() == 0


@pytest.mark.parametrize("javascript", [True, False])
def test_a_job_is_cancelled_and_changes_nothing(
    panel_here: Panel, window: Callable[..., Any], work: Callable[[float], None], javascript: bool
) -> None:
    make_firm(MANY)
    page = open_list(panel_here, window, javascript)
    queue(page)
    work(1)
    page.get_by_role("button", name="Cancel this job").click()
    while not page.get_by_role("heading", name="The result").count():
        page.wait_for_timeout(200)
        if not javascript:
            page.reload()
    expect(page.get_by_role("main").get_by_text("Cancelled").first).to_be_visible()
    assert active() == MANY
