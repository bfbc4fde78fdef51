"""Somebody forgot the password: asks on the phone, gets a mail at another address, and chooses a new one."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import PHONE, field, fits, follow, sign_in, told
from tests.e2e.screens import faults
from tests.servers.mariadb import MariaDB
from tests.servers.panel import ROOT, Panel
from tests.servers.postgres import Postgres
from tests.servers.processes import Process
from tests.servers.sink import Sink
from tests.servers.sqlite import SQLite

pytestmark = pytest.mark.slow

ANNA, OTHER = "anna@forgot.example", "anna@elsewhere.example"
PASSWORD, CHOSEN = "correct horse battery", "Leuchtturm am stillen Ufer"


@pytest.fixture
def panel(database_server: MariaDB | Postgres | SQLite, sink: Sink, tmp_path: Path) -> Iterator[Panel]:
    """A panel that sends its mail to the sink, with a worker of its own."""
    server = Panel(database_server.create_database("recovery"), threads=8)
    server.env |= {
        "MAILADMIN_SMTP_URL": f"smtp://127.0.0.1:{sink.port}",
        "MAILADMIN_MAIL_FROM": "panel@forgot.example",
        "MAILADMIN_URL": server.url,
        "MAILADMIN_JOB_POLL": "0.1",
    }
    with server:
        server.manage("domain", "create", "forgot.example")
        server.manage("mailbox", "create", ANNA, "--password-stdin", stdin=PASSWORD)
        worker = Process([sys.executable, ROOT / "manage.py", "worker"], tmp_path / "worker", env=server.env)
        yield server
        worker.stop()


def set_recovery_address(page: Page) -> None:
    expect(page.get_by_text("only your admin can help you then")).to_be_visible()
    follow(page, "Set an address")
    assert faults(page) == []
    field(page, "Recovery address").fill(OTHER)
    field(page, "Current password").fill(PASSWORD)
    page.get_by_role("button", name="Save address").click()
    told(page, f"Links to choose a new password go to {OTHER}.")


def ask_for_link(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Forgot your password?").click()
    fits(page)
    assert faults(page) == []
    expect(field(page, "Address")).to_be_focused()
    field(page, "Address").fill(ANNA)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look at your other address")).to_be_visible()
    fits(page)
    assert faults(page) == []


def choose_password(page: Page, link: str) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    fits(page)
    assert faults(page) == []
    field(page, "New password").fill(CHOSEN)
    page.get_by_role("button", name="Set password").click()
    told(page, "Your password is set. Sign in with it.")
    fits(page)
    expect(field(page, "Address")).to_have_value(ANNA)
    field(page, "Password").fill(CHOSEN)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ANNA)


def test_forgotten_asked_mailed_chosen(panel: Panel, sink: Sink, window: Callable[..., Any]) -> None:
    desk = window(base_url=panel.url).page()
    sign_in(desk, ANNA, PASSWORD)
    set_recovery_address(desk)
    phone = window(base_url=panel.url, viewport=PHONE, allowed=["404"]).page()
    ask_for_link(phone)
    mail = sink.wait_for(lambda received: OTHER in received.recipients)
    link = re.search(rf"{panel.url}/set-up/[\w-]+/", mail.message.get_content())
    assert link, mail.content
    choose_password(phone, link[0])
    desk.reload()
    expect(desk).to_have_title("Sign in · Mailadmin")
    phone.goto(link[0])
    expect(phone.get_by_role("heading", name="This link does not work")).to_be_visible()
    fits(phone)
    assert faults(phone) == []
