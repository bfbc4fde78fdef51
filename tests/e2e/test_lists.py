"""Lists in a real browser: columns, the file, and the way back from a switch; with and without JavaScript."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import BOSS_PASSWORD, PHONE, fits, sign_in, told
from tests.servers.panel import Panel

DOMAIN = "lists.example"
LIST = f"/domains/{DOMAIN}/mailboxes/"
ANNA = f"anna@{DOMAIN}"
BOSS = f"boss@{DOMAIN}"


@pytest.fixture(scope="module")
def url(panel: Panel) -> str:
    """A panel with a domain of two mailboxes."""
    panel.manage("admin_user", "create", BOSS, "--superadmin", "--password-stdin", stdin=BOSS_PASSWORD)
    panel.manage("domain", "create", DOMAIN)
    for address in (ANNA, f"bruno@{DOMAIN}"):
        panel.manage("mailbox", "create", address, "--password-stdin", stdin="three quiet rivers")
    return panel.url


def switch(page: Page, state: str) -> None:
    """The switch of anna shows this state."""
    pressed = "true" if state == "On" else "false"
    expect(page.get_by_role("button", name=f"{ANNA} active")).to_have_attribute("aria-pressed", pressed)


@pytest.mark.parametrize("javascript", [True, False])
def test_undo(window: Callable[..., Any], url: str, javascript: bool) -> None:
    page = window(base_url=url, javascript=javascript).page()
    sign_in(page, BOSS, BOSS_PASSWORD)
    page.goto(f"{LIST}?sort=-address&columns=state")
    page.get_by_role("button", name=f"{ANNA} active").click()
    told(page, f"{ANNA} is off: mail to it is refused, and its owner cannot sign in.")
    switch(page, "Off")
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    told(page, f"{ANNA} is on: it receives mail, and its owner can sign in.")
    switch(page, "On")
    assert page.url.endswith(f"{LIST}?sort=-address&columns=state")
    if javascript:
        expect(page.get_by_role("button", name=f"{ANNA} active")).to_be_focused()
    # Its own page has no list: there the way back is the form itself.
    page.goto(f"/mailboxes/{ANNA}/")
    page.get_by_role("button", name="Switch off").click()
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Switch off")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_columns_and_file(window: Callable[..., Any], url: str, javascript: bool) -> None:
    page = window(base_url=url, javascript=javascript, viewport=PHONE).page()
    sign_in(page, BOSS, BOSS_PASSWORD)
    page.goto(f"{LIST}?state=active")
    page.locator("summary", has_text="Columns").click()
    fits(page)
    page.get_by_role("checkbox", name="Created").check()
    page.get_by_role("checkbox", name="Name").uncheck()
    page.get_by_role("button", name="Show these columns").click()
    expect(page.locator("td[data-label=Created]")).to_have_count(2)
    expect(page.locator("td[data-label=Name]")).to_have_count(0)
    fits(page)
    with page.expect_download() as file:
        page.get_by_role("link", name="CSV").click()
    text = Path(file.value.path()).read_text(encoding="utf-8-sig")
    heads, *rows = csv.reader(text.splitlines())
    assert heads == ["Address", "Used (bytes)", "Quota (bytes)", "State", "On vacation", "Created"]
    assert [row[0] for row in rows] == [ANNA, f"bruno@{DOMAIN}"]
