"""Counts what the five commonest tasks take with the keyboard alone, here and in PostfixAdmin, and writes
docs/usability.md.

Run `python -m tests.bench.usability` after tests/bench/peer_install. Both panels stand over the same database, that of
`manage.py demo`, and are begun at their start pages by the same superadmin.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.bench.postfixadmin import PostfixAdmin
from tests.e2e.five_tasks import BOOKSHOP, NAME, PASSWORD, STUDIO, TASKS, Task
from tests.e2e.keyboard import Count, Keyboard
from tests.e2e.people import sign_in
from tests.servers.browser import Browser
from tests.servers.mariadb import MariaDB
from tests.servers.panel import ROOT, Panel

DOC = ROOT / "docs" / "usability.md"
BOSS = "boss@ops.example"
BOSS_PASSWORD = "three quiet lighthouses"
BEGIN, END = "<!-- measured -->", "<!-- end -->"


def menu(keyboard: Keyboard, entry: str) -> None:
    """Follow an entry of PostfixAdmin's menu, by its address."""
    keyboard.tab_to(keyboard.page.locator(f'.navbar a[href="{entry}"] >> visible=true').first)
    keyboard.load()


def virtual_menu(keyboard: Keyboard, entry: str) -> None:
    """Unfold the menu of mailboxes and aliases, nearer than the links of the start page, and follow an entry."""
    fold = keyboard.page.locator('.dropdown-toggle[href="list-virtual.php"]')
    keyboard.tab_to(fold)
    keyboard.press("Enter")
    keyboard.tab_to(fold.locator("xpath=..").locator(f'.dropdown-menu a[href^="{entry}"]').first)
    keyboard.load()


def enter(keyboard: Keyboard, name: str, text: str) -> None:
    keyboard.tab_to(keyboard.page.locator(f'[name="{name}"]'))
    keyboard.write(text)


def search(keyboard: Keyboard, word: str) -> None:
    """Search in its virtual list, the one place that finds a mailbox in any domain."""
    virtual_menu(keyboard, "list-virtual.php")
    enter(keyboard, "search[_]", word)
    keyboard.load()


def row(page: Page, address: str) -> Locator:
    return page.get_by_role("row").filter(has_text=address)


def says(page: Page, text: str) -> None:
    expect(page.locator("body")).to_contain_text(text)


def new_mailbox(keyboard: Keyboard) -> None:
    virtual_menu(keyboard, "edit.php?table=mailbox")
    enter(keyboard, "value[local_part]", "marta")
    enter(keyboard, "value[domain]", "livr")
    enter(keyboard, "value[password]", PASSWORD)
    enter(keyboard, "value[password2]", PASSWORD)
    enter(keyboard, "value[name]", NAME)
    # Empty is unlimited there, which a domain with a limit refuses.
    enter(keyboard, "value[quota]", "2048")
    keyboard.load()
    says(keyboard.page, f"The mailbox marta@{BOOKSHOP} has been added")


def reset_password(keyboard: Keyboard) -> None:
    search(keyboard, "joao@")
    keyboard.tab_to(row(keyboard.page, f"joao@{BOOKSHOP}").locator('a[href*="table=mailbox&edit="]'))
    keyboard.load()
    enter(keyboard, "value[password]", PASSWORD)
    enter(keyboard, "value[password2]", PASSWORD)
    keyboard.load()
    says(keyboard.page, f"joao@{BOOKSHOP} has been updated")


def add_alias(keyboard: Keyboard) -> None:
    virtual_menu(keyboard, "edit.php?table=alias")
    enter(keyboard, "value[localpart]", "clube")
    enter(keyboard, "value[domain]", "livr")
    enter(keyboard, "value[goto]", f"joao@{BOOKSHOP}")
    keyboard.tab_to(keyboard.page.locator('[name="value[active]"]'))
    keyboard.load()
    says(keyboard.page, f"clube@{BOOKSHOP}")


def end_vacation(keyboard: Keyboard) -> None:
    search(keyboard, "giulia@")
    keyboard.tab_to(row(keyboard.page, f"giulia@{STUDIO}").get_by_role("link", name="VACATION IS ON"))
    keyboard.load()
    keyboard.tab_to(keyboard.page.get_by_role("button", name="Remove away message"))
    keyboard.load()
    says(keyboard.page, f"giulia@{STUDIO} has been disabled")


def find_who_changed(keyboard: Keyboard) -> None:
    """It names who and when; what was changed is not in its log."""
    menu(keyboard, "viewlog.php")
    keyboard.tab_to(keyboard.page.locator('[name="fDomain"]'))
    with keyboard.page.expect_event("domcontentloaded"):
        keyboard.write("s")
    found = row(keyboard.page, "cantieri@").filter(has_text=f"giulia@{STUDIO}")
    expect(found.first).to_be_visible()


PEER_TASKS: dict[str, Task] = dict(
    zip(TASKS, (new_mailbox, reset_password, add_alias, end_vacation, find_who_changed), strict=True)
)


def start_here(page: Page) -> None:
    sign_in(page, BOSS, BOSS_PASSWORD)
    expect(page.get_by_role("link", name="Overview")).to_have_attribute("aria-current", "page")


def start_peer(page: Page) -> None:
    page.goto("/login.php")
    page.locator("#fUsername").fill(BOSS)
    page.locator("#fPassword").fill(BOSS_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/main.php")


def measure(browser: Browser, url: str, start: Callable[[Page], None], tasks: dict[str, Task]) -> dict[str, Count]:
    counts = {}
    for name, task in tasks.items():
        window = browser.window(base_url=url, allowed=[".*"])
        page = window.page()
        start(page)
        page.wait_for_load_state()
        keyboard = Keyboard(page)
        task(keyboard)
        counts[name] = keyboard.count
        sys.stderr.write(f"{url} {name}: {keyboard.count}, {len(keyboard.hidden)} stops without visible focus\n")
        window.close()
    return counts


def table(ours: dict[str, Count], theirs: dict[str, Count]) -> str:
    lines = [
        "| Task | Keys | Typed | Pages | PostfixAdmin: keys | typed | pages |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in TASKS:
        numbers = (*ours[name], *theirs[name])
        lines.append(f"| {name} | " + " | ".join(str(number) for number in numbers) + " |")
    sums = [sum(count[part] for count in counts.values()) for counts in (ours, theirs) for part in range(3)]
    lines.append("| *All five* | " + " | ".join(str(number) for number in sums) + " |")
    return "\n".join(lines)


def write(text: str, doc: Path = DOC) -> None:
    """Put the table between its marks."""
    before, _begin, rest = doc.read_text().partition(BEGIN)
    _old, _end, after = rest.partition(END)
    doc.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


def main() -> None:
    with MariaDB() as server, Browser() as browser:
        database = server.create_database("usability")
        with Panel(database) as panel:
            panel.manage("demo", "--password-stdin", stdin=BOSS_PASSWORD)
            panel.manage("admin_user", "create", BOSS, "--superadmin", "--password-stdin", stdin=BOSS_PASSWORD)
            before = server.dump("usability")
            ours = measure(browser, panel.url, start_here, TASKS)
        server.create_database("usability")
        server.load("usability", before)
        with PostfixAdmin(server, "usability") as peer:
            peer.create_superadmin(BOSS, BOSS_PASSWORD)
            theirs = measure(browser, peer.url, start_peer, PEER_TASKS)
    write(table(ours, theirs))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    main()
