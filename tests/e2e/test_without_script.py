"""Everything people come for, in Chromium with JavaScript switched off: a story for each thing, on the demo company."""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.demo import PASSWORD, PEOPLE, demo_panel
from tests.e2e.people import (
    PHONE,
    choose_own_password,
    create_domain,
    create_domain_admin,
    field,
    fits,
    follow,
    go_to,
    open_tab,
    sign_in,
    sign_out,
    told,
)
from tests.servers.panel import Panel

pytestmark = pytest.mark.slow

STUDIO = "studiorossi.example"
BOOKSHOP = "livraria-saudade.example"
NEW_PASSWORD = "seven patient herons"
Visit = Callable[[str], Page]


@pytest.fixture(scope="module")
def demo() -> Iterator[Panel]:
    with demo_panel() as panel:
        yield panel


@pytest.fixture
def visit(demo: Panel, window: Callable[..., Any]) -> Visit:
    """Sign in as one of PEOPLE in a window of their own, the user on a phone."""

    def signed_in(role: str) -> Page:
        size = {"viewport": PHONE} if role == "user" else {}
        page: Page = window(base_url=demo.url, javascript=False, **size).page()
        enter(page, role)
        return page

    return signed_in


def enter(page: Page, role: str, password: str = PASSWORD) -> None:
    """Sign in; the admins have a mailbox of the same name and password, and say what they come as."""
    sign_in(page, PEOPLE[role], password)
    if role != "user":
        page.get_by_role("button", name="Admin: manage domains").click()


def press(page: Page, button: str) -> None:
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()


def row(page: Page, name: str) -> Locator:
    return page.locator("#list tbody tr").filter(has_text=name)


def follow_address(page: Page, address: str) -> None:
    """Follow the link to it; an address may break after its @, which is a space to whoever looks for its name."""
    page.get_by_role("main").get_by_role("link").filter(has_text=address).first.click()


def names(page: Page) -> list[str]:
    return page.locator("#list tbody th a").all_inner_texts()


def test_signing_in_and_out(demo: Panel, window: Callable[..., Any]) -> None:
    page = window(base_url=demo.url, javascript=False).page()
    page.goto("/domains/?state=off")
    field(page, "Address").fill(PEOPLE["superadmin"])
    field(page, "Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    field(page, "Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Admin: manage domains").click()
    expect(page).to_have_url(re.compile(r"/domains/\?state=off$"))
    sign_out(page)
    page.goto("/domains/")
    expect(page).to_have_title(re.compile("^Sign in"))


def test_the_theme_is_the_systems(demo: Panel, window: Callable[..., Any]) -> None:
    """The choice needs JavaScript, and is not offered without it."""
    colours = []
    for dark in (False, True):
        page = window(base_url=demo.url, javascript=False, dark=dark).page()
        enter(page, "superadmin")
        page.locator("summary", has_text="Account menu of").click()
        expect(page.get_by_role("link", name="Change password")).to_be_visible()
        expect(page.get_by_role("group", name="Appearance")).to_be_hidden()
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours[0] != colours[1]


def test_a_domain_its_admin_and_the_first_password(visit: Visit) -> None:
    page = visit("superadmin")
    create_domain(page, "gaertner.example")
    create_domain_admin(page, "rosa@gaertner.example", PASSWORD, "gaertner.example")
    # A second domain is granted to the same admin, and taken away again.
    page.goto("/domains/cafelumiere.example/admins/")
    field(page, "Grant to admin").fill("rosa@gaertner.example")
    press(page, "Grant")
    expect(row(page, "rosa@gaertner.example")).to_be_visible()
    row(page, "rosa@gaertner.example").get_by_role("button", name="Revoke").click()
    expect(row(page, "rosa@gaertner.example")).to_have_count(0)
    sign_out(page)
    sign_in(page, "rosa@gaertner.example", PASSWORD)
    choose_own_password(page, PASSWORD, NEW_PASSWORD)
    go_to(page, "Domains")
    expect(page).to_have_title(re.compile("^Domains"))
    assert names(page) == ["gaertner.example"]


def test_a_domain_is_changed_and_deleted(visit: Visit) -> None:
    page = visit("superadmin")
    create_domain(page, "short-lived.example")
    open_tab(page, "short-lived.example", "Settings")
    field(page, "Description").fill("Gone tomorrow")
    field(page, "Mailboxes").fill("lots")
    press(page, "Save settings")
    expect(page.get_by_role("alert")).to_be_visible()
    field(page, "Mailboxes").fill("3")
    press(page, "Save settings")
    expect(page.get_by_text("Gone tomorrow")).to_be_visible()
    open_tab(page, "short-lived.example", "Settings")
    follow(page, "Delete…")
    field(page, "Type short-lived.example to delete it").fill("short-lived.example")
    press(page, "Delete domain")
    page.goto("/domains/?q=short-lived")
    expect(page.get_by_text("No domain matches")).to_be_visible()


def test_an_alias_domain(visit: Visit) -> None:
    page = visit("superadmin")
    create_domain(page, "saudade.example")
    page.goto(f"/domains/{BOOKSHOP}/")
    open_tab(page, BOOKSHOP, "Alias domains")
    follow(page, "New alias domain")
    field(page, "Alias domain").fill("saudade.example")
    press(page, "Create alias domain")
    expect(row(page, "saudade.example")).to_be_visible()
    row(page, "saudade.example").get_by_role("button", name="saudade.example active").click()
    expect(row(page, "saudade.example").get_by_role("button", name="active")).to_have_attribute("aria-pressed", "false")
    follow(page, "Edit saudade.example")
    field(page, "Description").fill("The short one")
    page.get_by_role("main").get_by_role("button", name="Save").click()
    expect(row(page, "saudade.example")).to_contain_text("The short one")
    follow(page, "Delete saudade.example")
    press(page, "Delete alias domain")
    told(page, "Alias domain saudade.example deleted.")
    expect(page.get_by_text("No alias domains")).to_be_visible()


def test_the_life_of_a_mailbox(visit: Visit) -> None:
    page = visit("superadmin")
    name = f"tiago@{BOOKSHOP}"
    page.goto(f"/domains/{BOOKSHOP}/")
    follow(page, "New mailbox")
    field(page, "Address").fill("tiago")
    field(page, "Name").fill("Tiago")
    page.get_by_role("radio", name="One is made and shown once").check()
    press(page, "Create mailbox")
    expect(page.get_by_role("heading", name="Mailbox created")).to_be_visible()
    expect(page.locator("#handover-password")).to_be_visible()
    follow(page, "Done")
    follow(page, "Edit")
    field(page, "Name").fill("Tiago Araújo")
    field(page, "Quota").fill("2 GB")
    press(page, "Save mailbox")
    told(page, f"{name} is saved.")
    follow(page, "Set password")
    field(page, "Password").fill(NEW_PASSWORD)
    field(page, "Password again").fill(NEW_PASSWORD)
    press(page, "Set password")
    follow(page, "Change forwarding")
    field(page, "Send to").fill("tiago@elsewhere.example")
    page.get_by_role("main").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Kept here and sent on to:")).to_be_visible()
    page.locator(".card", has=page.get_by_role("heading", name="Vacation")).get_by_role("link").click()
    field(page, "Reply automatically").check()
    field(page, "Subject").fill("Away")
    field(page, "Text").fill("Back soon.")
    press(page, "Save vacation reply")
    told(page, "Replies, without an end date.")
    field(page, "Reply automatically").uncheck()
    press(page, "Save vacation reply")
    page.goto(f"/mailboxes/{name}/")
    press(page, "Switch off")
    expect(page.get_by_role("main").get_by_role("button", name="Switch on")).to_be_visible()
    follow(page, "Delete")
    field(page, f"Type {name} to delete it").fill(name)
    press(page, "Delete mailbox")
    page.goto(f"/domains/{BOOKSHOP}/mailboxes/?q=tiago")
    expect(page.get_by_text("No mailbox matches")).to_be_visible()


def test_the_life_of_an_alias(visit: Visit) -> None:
    page = visit("superadmin")
    name = f"leitura@{BOOKSHOP}"
    page.goto(f"/domains/{BOOKSHOP}/")
    open_tab(page, BOOKSHOP, "Aliases")
    follow(page, "New alias")
    field(page, "Address").fill("leitura")
    press(page, "Create alias")
    expect(page.get_by_role("alert")).to_be_visible()
    field(page, "Mail goes to").fill(f"joao@{BOOKSHOP}\nclube@elsewhere.example")
    press(page, "Create alias")
    told(page, f"Alias {name} created.")
    page.goto(f"/aliases/{name}/")
    follow(page, "Edit")
    field(page, "Mail goes to").fill(f"joao@{BOOKSHOP}")
    press(page, "Save alias")
    expect(page.get_by_role("main")).not_to_contain_text("clube@elsewhere.example", use_inner_text=True)
    press(page, "Switch off")
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("main").get_by_role("button", name="Switch off")).to_be_visible()
    follow(page, "Delete")
    field(page, f"Type {name} to delete it").fill(name)
    press(page, "Delete alias")
    page.goto(f"/domains/{BOOKSHOP}/aliases/?q=leitura")
    expect(page.get_by_text("No alias matches")).to_be_visible()


def test_a_list_is_filtered_sorted_paged_and_taken_home(visit: Visit) -> None:
    page = visit("superadmin")
    page.goto("/domains/nordlicht.example/mailboxes/")
    page.get_by_role("columnheader", name="Address").get_by_role("link").click()
    expect(page).to_have_url(re.compile("sort=-address"))
    assert len(names(page)) == 6 and names(page) == sorted(names(page), reverse=True)
    page.get_by_label("Filter by address or name").fill("lindqvist")
    press(page, "Filter")
    expect(page).to_have_url(re.compile("q=lindqvist"))
    assert names(page) == ["mara.lindqvist@nordlicht.example"]
    page.get_by_role("main").get_by_role("link", name="Clear").click()
    page.locator("summary", has_text="Columns").click()
    page.get_by_role("checkbox", name="Created").check()
    press(page, "Show these columns")
    expect(page.get_by_role("columnheader", name="Created")).to_be_visible()
    with page.expect_download() as file:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.reader(Path(file.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 7 and "Created" in rows[0]


def test_pages_of_a_long_list(demo: Panel, visit: Visit) -> None:
    page = visit("superadmin")
    page.goto("/log/")
    size = page.locator(".log__entry").count()
    first = page.locator(".log__entry").first.inner_text()
    page.get_by_role("link", name="Next").click()
    assert page.locator(".log__entry").first.inner_text() != first
    page.get_by_role("link", name="Previous").click()
    assert page.locator(".log__entry").count() == size
    assert page.locator(".log__entry").first.inner_text() == first


def test_many_rows_are_seen_before_they_change(visit: Visit) -> None:
    page = visit("admin")
    page.goto(f"/domains/{STUDIO}/mailboxes/")
    for name in ("niccolo", "cantieri"):
        page.get_by_label(f"Select {name}@{STUDIO}").check()
    page.get_by_role("form", name="Change many").get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("2 will change:")).to_be_visible()
    page.get_by_role("main").locator("button[name=confirm]").click()
    told(page, "2 changed.")
    page.get_by_role("button", name=f"niccolo@{STUDIO} active").click()
    told(page, f"niccolo@{STUDIO} is on: it receives mail, and its owner can sign in.")
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name=f"niccolo@{STUDIO} active")).to_have_attribute("aria-pressed", "false")
    # All that match, with a value to enter on the way.
    page.goto(f"/domains/{STUDIO}/mailboxes/?state=off")
    page.get_by_label("Select all 2 that match").check()
    page.get_by_role("form", name="Change many").get_by_role("button", name="Set quota").click()
    field(page, "Quota").fill("1 GB")
    press(page, "Show what will change")
    page.get_by_role("main").locator("button[name=confirm]").click()
    told(page, "2 changed.")


def test_search_and_the_history_of_what_was_found(visit: Visit) -> None:
    page = visit("superadmin")
    page.get_by_role("search").get_by_label(re.compile("^Search")).fill("cantieri")
    page.keyboard.press("Enter")
    follow_address(page, f"cantieri@{STUDIO}")
    follow(page, "Whole history")
    page.get_by_role("main").get_by_label("Who", exact=True).fill(PEOPLE["admin"])
    press(page, "Show")
    expect(page).to_have_url(re.compile("who=giulia"))
    assert page.locator(".log__entry").count() > 0
    assert all(PEOPLE["admin"] in text for text in page.locator(".log__who").all_inner_texts())
    page.locator(".log__entry summary").filter(has_text="Mailbox changed").last.click()
    expect(page.get_by_role("cell", name="Cantieri e sicurezza").locator("visible=true").first).to_be_visible()


def test_a_user_on_a_phone(visit: Visit) -> None:
    page = visit("user")
    fits(page)
    page.get_by_role("region", name="Vacation reply").get_by_role("link").click()
    fits(page)
    field(page, "Reply automatically").check()
    field(page, "From").fill("")
    field(page, "Until").fill("")
    field(page, "Subject").fill("En congé")
    field(page, "Text").fill("À bientôt !")
    press(page, "Save vacation reply")
    told(page, "Replies, without an end date.")
    page.goto("/account/")
    page.get_by_role("combobox", name="Language").select_option("fr")
    press(page, "Save language")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.get_by_role("combobox", name="Langue").select_option("en")
    page.get_by_role("region", name="Langue").get_by_role("button").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Password").click()
    field(page, "Current password").fill(PASSWORD)
    field(page, "New password").fill(NEW_PASSWORD)
    press(page, "Change password")
    told(page, "Password changed.")
    sign_out(page)
    enter(page, "user", NEW_PASSWORD)
