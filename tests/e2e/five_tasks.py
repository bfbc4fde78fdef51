"""The five commonest tasks of an admin at the panel, with the keyboard alone: from the overview to the change."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.keyboard import Keyboard
from tests.e2e.people import field, told

BOOKSHOP = "livraria-saudade.example"
STUDIO = "studiorossi.example"
NAME = "Marta Leal"
PASSWORD = "slow tea, 42 pianos"
Task = Callable[[Keyboard], None]


def find(keyboard: Keyboard, word: str, hit: str) -> None:
    """Open what the search finds: the slash, the word, down to it, Enter."""
    keyboard.press("/")
    keyboard.write(word)
    chosen = keyboard.page.get_by_role("option").filter(has_text=hit).first
    expect(chosen).to_be_visible()
    while chosen.get_attribute("aria-selected") != "true":
        keyboard.press("ArrowDown")
    keyboard.load()


def skip_to_content(keyboard: Keyboard) -> None:
    """Leave the navigation out: the first stop of every page offers it."""
    keyboard.tab_to(keyboard.page.get_by_role("link", name="Skip to content"))
    keyboard.press("Enter")


def fill_in(keyboard: Keyboard, label: str, text: str) -> None:
    """Type into the field of this label, where the focus may be already."""
    target = field(keyboard.page, label)
    if not target.evaluate("element => element === document.activeElement"):
        keyboard.tab_to(target)
    keyboard.write(text)


def new_mailbox(keyboard: Keyboard) -> None:
    find(keyboard, "livr", "New mailbox")
    fill_in(keyboard, "Address", "marta")
    fill_in(keyboard, "Name", NAME)
    fill_in(keyboard, "Password", PASSWORD)
    fill_in(keyboard, "Password again", PASSWORD)
    keyboard.load()
    told(keyboard.page, f"marta@{BOOKSHOP} can now receive mail.")


def reset_password(keyboard: Keyboard) -> None:
    find(keyboard, "joao@", "Set password")
    fill_in(keyboard, "Password", PASSWORD)
    fill_in(keyboard, "Password again", PASSWORD)
    keyboard.load()
    told(keyboard.page, f"joao@{BOOKSHOP} has a new password.")


def add_alias(keyboard: Keyboard) -> None:
    find(keyboard, "livr", "New alias")
    fill_in(keyboard, "Address", "clube")
    fill_in(keyboard, "Mail goes to", f"joao@{BOOKSHOP}")
    keyboard.tab_to(keyboard.page.get_by_role("button", name="Create alias"))
    keyboard.load()
    told(keyboard.page, f"Alias clube@{BOOKSHOP} created.")


def end_vacation(keyboard: Keyboard) -> None:
    find(keyboard, "giulia@", "Vacation reply")
    expect(field(keyboard.page, "Reply automatically")).to_be_focused()
    keyboard.press("Space")
    keyboard.load()
    told(keyboard.page, "No vacation reply.")


def find_who_changed(keyboard: Keyboard) -> None:
    find(keyboard, "cantieri", f"cantieri@{STUDIO}")
    entry = keyboard.page.locator(".log__entry summary").filter(has_text=f"giulia@{STUDIO}").first
    expect(entry).to_be_visible()
    skip_to_content(keyboard)
    keyboard.tab_to(entry)
    keyboard.press("Enter")
    expect(keyboard.page.get_by_role("cell", name="Cantieri e sicurezza")).to_be_visible()


TASKS: dict[str, Task] = {
    "New mailbox, with name and password": new_mailbox,
    "Reset a password": reset_password,
    "Add an alias": add_alias,
    "Switch off someone's vacation reply": end_vacation,
    "Find who changed a mailbox, and what": find_who_changed,
}
