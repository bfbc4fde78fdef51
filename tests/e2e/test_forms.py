"""Forms while they are filled in, in Chromium: what is told live, by keyboard alone, and without JavaScript."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from mailadmin.core.passwords import ALPHABET, GENERATED_LENGTH
from tests.conftest import ENGINE
from tests.e2e.people import BOSS, BOSS_PASSWORD, PHONE, field, fits, sign_in, told
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel
from tests.servers.postgres import Postgres
from tests.servers.sqlite import SQLite

pytestmark = pytest.mark.slow

DOMAIN = "forms.example"
IDN = "bücher.example"
GENERATED = re.compile(rf"[{ALPHABET}]{{{GENERATED_LENGTH}}}")
SERVER = {"MAILADMIN_MAIL_HOSTNAME": "mx.forms.example"}


@pytest.fixture(scope="module")
def forms_panel(database_server: MariaDB | Postgres | SQLite) -> Iterator[Panel]:
    with Panel(database_server.create_database(f"forms_{ENGINE}"), threads=8, settings=SERVER) as panel:
        panel.manage("admin_user", "create", BOSS, "--superadmin", "--password-stdin", stdin=BOSS_PASSWORD)
        for name in (DOMAIN, IDN):
            panel.manage("domain", "create", name)
        for name in ("anna", "otto"):
            panel.manage("mailbox", "create", f"{name}@{DOMAIN}", "--password-stdin", stdin=BOSS_PASSWORD)
        panel.manage("alias", "create", f"info@{DOMAIN}", "--target", f"anna@{DOMAIN}")
        yield panel


@pytest.fixture
def boss(forms_panel: Panel, window: Callable[..., Any]) -> Page:
    page: Page = window(base_url=forms_panel.url).page()
    sign_in(page, BOSS, BOSS_PASSWORD)
    return page


def new_mailbox(page: Page, domain: str = DOMAIN) -> None:
    page.goto(f"/domains/{domain}/mailboxes/new/")


def says(page: Page, text: str) -> None:
    """One of the live parts of the form says so."""
    expect(page.get_by_role("main").get_by_role("status").filter(has_text=text)).to_be_visible()


def test_the_address_is_shown_large_and_whether_it_is_free(boss: Page) -> None:
    new_mailbox(boss)
    field(boss, "Address").press_sequentially("Carla")
    expect(boss.locator(".result__address")).to_have_text(f"carla@{DOMAIN}")
    says(boss, f"carla@{DOMAIN} is free.")
    field(boss, "Address").fill("info")
    says(boss, "An alias with this address already exists.")
    field(boss, "Address").fill("an na")
    says(boss, "The part before the @ can have only")
    field(boss, "Address").fill("")
    expect(boss.locator(".result__state")).to_be_empty()
    expect(boss.locator(".result__address")).to_have_text(f"@{DOMAIN}")
    boss.goto(f"/domains/{DOMAIN}/aliases/new/")
    field(boss, "Address").fill("anna")
    says(boss, "A mailbox with this address already exists.")
    new_mailbox(boss, IDN)
    field(boss, "Address").fill(f"Carla@{IDN}")
    expect(boss.locator(".result__address")).to_have_text(f"carla@{IDN}")
    says(boss, f"carla@{IDN} is free.")


def test_a_new_domain_is_free_or_not(boss: Page) -> None:
    boss.goto("/domains/new/")
    field(boss, "Domain").fill("Gärtner.example")
    says(boss, "gärtner.example is free. Mail servers write it xn--grtner-bua.example.")
    field(boss, "Domain").fill(DOMAIN)
    says(boss, "This domain already exists.")


def test_strength_is_told_while_typing(boss: Page) -> None:
    new_mailbox(boss)
    sent: list[str] = []
    boss.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    field(boss, "Address").fill("carla.braun")
    says(boss, "is free")
    field(boss, "Password").fill("carla.braun99")
    says(boss, "Strength: weak. This password is too easy to guess. It is made from the address or the name.")
    field(boss, "Password").fill("slow tea, loud piano")
    says(boss, "Strength: strong.")
    asked = [text for text in sent if "strength" in text]
    assert len(asked) == 2
    assert not any("repeat" in text or "?" in text for text in asked)


def test_a_password_is_made_shown_and_copied(forms_panel: Panel, window: Callable[..., Any]) -> None:
    one = window(base_url=forms_panel.url, permissions=["clipboard-read", "clipboard-write"])
    page = one.page()
    sign_in(page, BOSS, BOSS_PASSWORD)
    page.goto("/admins/new/")
    made = set()
    for _ in range(20):
        page.get_by_role("button", name="Make a password").click()
        made.add(field(page, "Password").input_value())
    assert len(made) == 20
    assert all(GENERATED.fullmatch(password) for password in made)
    expect(field(page, "Password")).to_have_attribute("type", "text")
    says(page, "Strength: strong.")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == field(page, "Password").input_value()
    page.get_by_role("button", name="Show the password").click()
    expect(field(page, "Password")).to_have_attribute("type", "password")


def test_leaving_with_changes_asks_and_sending_does_not(boss: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    boss.on("dialog", stay)
    new_mailbox(boss)
    boss.get_by_role("link", name="Cancel").click()
    assert asked == []
    new_mailbox(boss)
    field(boss, "Name").fill("Carla")
    field(boss, "Name").fill("")
    boss.get_by_role("link", name="Cancel").click()
    assert asked == []
    new_mailbox(boss)
    field(boss, "Name").fill("Carla")
    boss.get_by_role("link", name="Cancel").click()
    expect(boss).not_to_have_title(re.compile("^New mailbox"))
    assert asked == ["beforeunload"]
    boss.goto(f"/mailboxes/otto@{DOMAIN}/edit/")
    field(boss, "Name").fill("Otto Ocker")
    boss.get_by_role("button", name="Save mailbox").click()
    told(boss, f"otto@{DOMAIN} is saved.")
    boss.goto(f"/mailboxes/otto@{DOMAIN}/delete/")
    field(boss, f"Type otto@{DOMAIN} to delete it").fill("otto")
    boss.get_by_role("link", name="Cancel").click()
    assert asked == ["beforeunload"]


def test_a_new_mailbox_by_keyboard_ends_in_a_page_to_hand_over(boss: Page) -> None:
    new_mailbox(boss)
    keys = boss.keyboard
    expect(field(boss, "Address")).to_be_focused()
    keys.type("dora")
    keys.press("Tab")
    keys.type("Dora Dietrich")
    keys.press("Tab")
    expect(boss.get_by_role("radio", name="I type one")).to_be_focused()
    keys.press("ArrowUp")
    keys.press("Tab")
    expect(boss.locator("summary", has_text="More settings")).to_be_focused()
    keys.press("Space")
    keys.press("Tab")
    expect(field(boss, "Quota")).to_be_focused()
    keys.type("2 GB")
    keys.press("Enter")
    expect(boss.get_by_role("heading", name="Mailbox created")).to_be_visible()
    main = boss.get_by_role("main")
    expect(main).to_contain_text(f"dora@{DOMAIN}")
    assert GENERATED.fullmatch(boss.locator("#handover-password").inner_text())
    expect(main).to_contain_text("IMAP: mx.forms.example, port 993, TLS from the start (SSL/TLS)")
    expect(main.get_by_role("button", name="Print")).to_be_visible()
    boss.emulate_media(media="print")
    for part in (".topbar", ".rail", "button"):
        expect(boss.locator(part).first).to_be_hidden()
    expect(main).to_contain_text("port 993")


def test_without_javascript_nothing_hangs_around(forms_panel: Panel, window: Callable[..., Any]) -> None:
    page = window(base_url=forms_panel.url, javascript=False, viewport=PHONE, dark=True).page()
    sign_in(page, BOSS, BOSS_PASSWORD)
    new_mailbox(page)
    for part in (".result", ".tools"):
        expect(page.locator(part).first).to_be_hidden()
    fits(page)
    field(page, "Address").fill("emil")
    field(page, "Password").fill("iloveyoumonkey")
    field(page, "Password again").fill("iloveyoumonkey")
    page.get_by_role("button", name="Create mailbox").click()
    expect(page.get_by_role("alert")).to_contain_text("This password is too easy to guess.")
    page.locator("summary", has_text="More settings").click()
    expect(field(page, "May send mail")).to_be_checked()
    field(page, "Quota").fill("lots")
    field(page, "Password").fill(BOSS_PASSWORD)
    field(page, "Password again").fill(BOSS_PASSWORD)
    page.get_by_role("button", name="Create mailbox").click()
    expect(field(page, "Quota")).to_be_visible()
    field(page, "Quota").fill("2 GB")
    field(page, "Password").fill(BOSS_PASSWORD)
    field(page, "Password again").fill(BOSS_PASSWORD)
    page.get_by_role("button", name="Create mailbox").click()
    told(page, f"emil@{DOMAIN} can now receive mail.")
    expect(page.get_by_role("main")).to_contain_text("mx.forms.example")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    fits(page)
