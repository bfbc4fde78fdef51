"""Forwarding whole: set by its owner in the browser, then a real message goes where the page says."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import field, fits, follow, make_people, on_phone, settle, told, write_rules
from tests.servers.mailstack import MailStack, letter

pytestmark = pytest.mark.slow

DOMAIN = "forward.example"
ANNA, BERTA = f"anna@{DOMAIN}", f"berta@{DOMAIN}"
FAR = f"anna@{DOMAIN}.out.example"


@pytest.fixture
def anna(served: MailStack, window: Callable[..., Any]) -> Page:
    make_people(served, ANNA, BERTA)
    return on_phone(served, window, ANNA)


def save(page: Page, *targets: str, keep: bool) -> None:
    page.goto("/account/")
    follow(page, "Change forwarding")
    fits(page)
    field(page, "Send to").fill("\n".join(targets))
    field(page, "Keep a copy in this mailbox").set_checked(keep)
    page.get_by_role("button", name="Save forwarding").click()


def arrived(stack: MailStack, subject: str) -> tuple[bool, bool]:
    """Send a stranger's message, and return whether it lies in the mailbox, and whether it went on."""
    stack.deliver("friend@out.example", ANNA, letter(subject, sender="friend@out.example", to=ANNA))
    settle(stack)
    sent_on = [message for message in stack.sink.messages if message.subject == subject]
    assert all(message.recipients == (FAR,) for message in sent_on)
    # As the docs say: the envelope sender stays the stranger's.
    assert all(message.sender.strip("<>") == "friend@out.example" for message in sent_on)
    return subject in stack.subjects(ANNA), bool(sent_on)


def test_mail_goes_where_its_owner_says(served: MailStack, anna: Page) -> None:
    served.sink.clear()
    save(anna, FAR, keep=True)
    told(anna, f"Mail is kept here and sent on to {FAR}.")
    assert arrived(served, "with a copy") == (True, True)
    save(anna, FAR, keep=False)
    told(anna, f"Nothing is kept here: mail is sent on to {FAR}.")
    assert arrived(served, "without a copy") == (False, True)
    save(anna, keep=False)
    expect(anna.get_by_role("alert")).to_contain_text("mail must go somewhere")
    save(anna, keep=True)
    told(anna, "Mail is kept here.")
    assert arrived(served, "only here") == (True, False)

    served.panel.manage("alias", "create", f"team@{DOMAIN}", "--target", ANNA)
    save(anna, f"team@{DOMAIN}", keep=True)
    expect(anna.get_by_role("alert")).to_contain_text(f"in a circle: {ANNA} → team@{DOMAIN} → {ANNA}")

    write_rules(served, DOMAIN, forward_outside=False)
    save(anna, FAR, keep=True)
    expect(anna.get_by_role("alert")).to_contain_text(f"{FAR}: mail of {DOMAIN} may only be sent on to addresses at")
    expect(anna.get_by_role("alert")).to_contain_text("boss@ops.example set this rule")
    fits(anna)
    save(anna, BERTA, keep=False)
    told(anna, f"Nothing is kept here: mail is sent on to {BERTA}.")
    served.deliver("friend@out.example", ANNA, letter("to berta", to=ANNA))
    served.wait_for_mail(BERTA, "to berta")
