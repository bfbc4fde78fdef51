"""Search by the keyboard alone, at a desk's and at a phone's width; by mouse; and without JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.people import BOSS_PASSWORD, PHONE, fits, sign_in
from tests.e2e.screens import faults
from tests.servers.panel import Panel

DOMAIN = "seek.example"
BOSS = f"boss@{DOMAIN}"
ALIAS = f"team-joanna@{DOMAIN}"
PEOPLE = {f"joanna@{DOMAIN}": "Joanna Verdi", f"joan@{DOMAIN}": "Joan Smith", f"office@{DOMAIN}": "Joanne’s office"}


@pytest.fixture(scope="module")
def url(panel: Panel) -> str:
    """A panel with a few mailboxes and an alias."""
    panel.manage("admin_user", "create", BOSS, "--superadmin", "--password-stdin", stdin=BOSS_PASSWORD)
    panel.manage("domain", "create", DOMAIN)
    for address, name in PEOPLE.items():
        own = ("--name", name, "--password-stdin")
        panel.manage("mailbox", "create", address, *own, stdin="three quiet rivers")
    panel.manage("alias", "create", ALIAS, "--target", f"joanna@{DOMAIN}")
    return panel.url


def result(page: Page, address: str) -> Locator:
    """Return the link to an address on the page of results."""
    return page.get_by_role("main").locator(f'a[href$="/{address}/"]')


def option(page: Page, address: str) -> Locator:
    """Return the match in the list under the search box."""
    return page.locator(f'[role=option][href$="/{address}/"]')


def marked(page: Page) -> str:
    """Return the words of the match that the search box points at."""
    marks = page.locator('[role=option][aria-selected="true"]')
    name = page.get_by_role("combobox").get_attribute("aria-activedescendant")
    if not name:
        expect(marks).to_have_count(0)
        return ""
    expect(marks).to_have_count(1)
    expect(marks).to_have_id(name)
    expect(marks).to_be_in_viewport()
    return marks.inner_text().split()[0]


@pytest.mark.parametrize("viewport", [(1280, 900), PHONE])
def test_search_by_the_keyboard(window: Callable[..., Any], url: str, viewport: tuple[int, int]) -> None:
    page = window(base_url=url, viewport=viewport, dark=viewport == PHONE).page()
    sign_in(page, BOSS, BOSS_PASSWORD)
    page.goto("/domains/")
    box, matches = page.get_by_role("combobox", name="Search domains"), page.get_by_role("listbox")
    link = page.get_by_role("link", name="Skip to content")
    link.focus()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("joan", delay=20)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("group", name="Mailboxes", exact=True).get_by_role("option")).to_have_count(2)
    # What has it inside follows, without what is there already.
    inside = page.get_by_role("group", name="Mailboxes with “joan” inside").get_by_role("option")
    expect(inside).to_have_count(1)
    expect(inside).to_contain_text(f"office@{DOMAIN}")
    expect(page.locator("#search-said")).to_have_text("4 matches")
    fits(page)
    assert faults(page) == []

    assert marked(page) == ""
    seen = []
    for _ in range(5):
        page.keyboard.press("ArrowDown")
        seen.append(marked(page))
    assert seen == [f"joan@{DOMAIN}", f"joanna@{DOMAIN}", f"office@{DOMAIN}", ALIAS, "All"]
    page.keyboard.press("ArrowUp")
    assert marked(page) == ALIAS
    assert faults(page) == []

    page.keyboard.press("Escape")
    expect(matches).to_be_hidden()
    expect(box).to_be_focused()
    expect(box).to_have_value("joan")
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    page.keyboard.press("Control+k")
    expect(box).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(matches).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert marked(page) == f"joanna@{DOMAIN}"
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/mailboxes/joanna@{DOMAIN}/")

    # Without a match chosen, Enter leads to all results; there too the fragments come by themselves.
    page.keyboard.press("/")
    page.keyboard.type("joan")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/search/?q=joan")
    expect(result(page, f"office@{DOMAIN}")).to_be_visible()
    expect(page.get_by_role("heading", name="Further matches")).to_be_visible()
    fits(page)


def test_words_that_find_nothing_and_none_at_all(window: Callable[..., Any], url: str) -> None:
    page = window(base_url=url).page()
    sign_in(page, BOSS, BOSS_PASSWORD)
    box, matches = page.get_by_role("combobox", name="Search domains"), page.get_by_role("listbox")
    box.fill("qqqq")
    expect(matches).to_contain_text("No matches")
    expect(page.locator("#search-said")).to_have_text("No matches")
    assert faults(page) == []
    box.fill("")
    expect(matches).to_be_hidden()
    # A page of the panel, by touch or mouse.
    box.fill("lo")
    page.get_by_role("option", name="Log", exact=True).click()
    page.wait_for_url(f"{url}/log/")


def test_nothing_moves_while_the_rest_is_loaded(window: Callable[..., Any], url: str) -> None:
    page = window(base_url=url).page()
    sign_in(page, BOSS, BOSS_PASSWORD)
    page.get_by_role("combobox", name="Search domains").fill("joan")
    first = option(page, f"joanna@{DOMAIN}")
    expect(first).to_be_visible()
    before = first.bounding_box()
    expect(option(page, f"office@{DOMAIN}")).to_be_visible()
    assert first.bounding_box() == before
    assert page.evaluate("document.activeElement.id") == "search"
    # In a low window the list scrolls; the keys reach its end.
    page.set_viewport_size({"width": 1280, "height": 300})
    assert page.evaluate("(list => list.scrollHeight > list.clientHeight)(document.getElementById('search-hits'))")
    page.keyboard.press("ArrowUp")
    assert marked(page) == ALIAS
    assert faults(page) == []


def test_search_without_javascript(window: Callable[..., Any], url: str) -> None:
    page = window(base_url=url, javascript=False, viewport=PHONE).page()
    sign_in(page, BOSS, BOSS_PASSWORD)
    page.get_by_label("Search domains").fill("joan")
    page.get_by_label("Search domains").press("Enter")
    expect(result(page, f"joanna@{DOMAIN}")).to_be_visible()
    expect(result(page, f"office@{DOMAIN}")).to_have_count(0)
    page.get_by_role("link", name="Search inside addresses and names too").click()
    expect(result(page, f"office@{DOMAIN}")).to_be_visible()
    fits(page)
