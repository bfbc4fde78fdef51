"""What only a form leads to, in Chromium: axe finds nothing there either; and colours that the system forces."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import ENGINE
from tests.e2e.people import field
from tests.e2e.screens import LOOKS, PEOPLE, cookies_of, faults, misfits, peopled_panel, session
from tests.operations.cases import PASSWORD
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel
from tests.servers.postgres import Postgres
from tests.servers.sqlite import SQLite

pytestmark = pytest.mark.slow

BOTH = "berta@example.com"
"""An admin and a mailbox of one password."""


@pytest.fixture(scope="module")
def peopled(database_server: MariaDB | Postgres | SQLite) -> Iterator[Panel]:
    with peopled_panel(database_server, f"answers_{ENGINE}") as panel:
        panel.manage("admin_user", "create", BOTH, "--superadmin", "--password-stdin", stdin=PASSWORD)
        yield panel


def good(page: Page, heading: str) -> None:
    """The page of this heading is there, and nothing is wrong with it."""
    expect(page.get_by_role("heading", name=heading).first).to_be_visible()
    assert faults(page) + misfits(page) == []


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/login/")
    field(page, "Address").fill(username)
    field(page, "Password").fill(password)
    press(page, "Sign in")


@pytest.fixture
def pages(peopled: Panel, window: Callable[..., Any]) -> list[Page]:
    """A tab of a superadmin on a light desk, and one on a dark phone."""
    found = []
    for dark, viewport in (LOOKS[0], LOOKS[3]):
        view = window(base_url=peopled.url, dark=dark, viewport=viewport)
        view.context.add_cookies(cookies_of(session(peopled, PEOPLE["superadmin"])))
        found.append(view.page())
    return found


def test_at_sign_in(peopled: Panel, window: Callable[..., Any]) -> None:
    desk = window(base_url=peopled.url).page()
    sign_in(desk, BOTH, "not the password")
    expect(desk.get_by_role("alert").first).to_be_visible()
    good(desk, "Sign in")
    sign_in(desk, BOTH, PASSWORD)
    good(desk, "Continue as")


def test_forms_that_are_refused(pages: list[Page]) -> None:
    desk, phone = pages
    for page, path, button in [
        (desk, "/domains/example.com/mailboxes/new/", "Create mailbox"),
        (phone, "/domains/example.com/aliases/new/", "Create alias"),
        (phone, "/mailboxes/anna@example.com/delete/", "Delete mailbox"),
        (desk, "/domains/new/", "Create domain"),
    ]:
        page.goto(path)
        press(page, button)
        expect(page.locator("[aria-invalid=true]").first).to_be_visible()
        good(page, "")


def test_a_mailbox_handed_over_with_its_password(pages: list[Page]) -> None:
    _desk, phone = pages
    phone.goto("/domains/example.com/mailboxes/new/")
    field(phone, "Address").fill("carla")
    phone.get_by_role("radio", name="One is made and shown once").check()
    press(phone, "Create mailbox")
    expect(phone.locator("#handover-password")).to_be_visible()
    good(phone, "Mailbox created")


def test_a_switch_with_its_way_back(pages: list[Page]) -> None:
    for page in pages:
        page.goto("/domains/example.com/mailboxes/")
        page.get_by_role("button", name="anna@example.com active").click()
        expect(page.get_by_role("button", name="Undo")).to_be_visible()
        good(page, "example.com")


def test_many_rows_before_they_change(pages: list[Page]) -> None:
    for page in pages:
        page.goto("/domains/example.com/mailboxes/")
        page.get_by_role("checkbox", name="Select anna@example.com").check()
        good(page, "example.com")
        press(page, "Delete")
        good(page, "What will change")


def test_forced_colours_leave_state_and_focus_to_see(peopled: Panel, window: Callable[..., Any]) -> None:
    """As with high contrast of Windows: backgrounds are gone, so a switch, a place and the focus need lines."""
    view = window(base_url=peopled.url, forced_colors="active")
    view.context.add_cookies(cookies_of(session(peopled, PEOPLE["superadmin"])))
    page = view.page()
    page.goto("/domains/example.com/mailboxes/")
    seen = page.evaluate("""() => {
        const style = (selector, part) => getComputedStyle(document.querySelector(selector), part);
        const [track, knob] = [style(".switch__track"), style(".switch__track", "::after")];
        document.querySelector(".tabs a").focus({ focusVisible: true });
        const [here, other] = [style(".tabs [aria-current]"), style(".tabs a:not([aria-current])")];
        const [rail, beside] = [style(".rail [aria-current]"), style(".rail a:not([aria-current]):not(.brand)")];
        return {
            border: parseFloat(track.borderTopWidth),
            knob: knob.backgroundColor !== track.backgroundColor,
            tab: here.borderBottomColor !== other.borderBottomColor,
            rail: rail.outlineStyle !== beside.outlineStyle,
            focus: parseFloat(style(":focus").outlineWidth),
        };
    }""")
    assert seen == {"border": 1, "knob": True, "tab": True, "rail": True, "focus": 2}
