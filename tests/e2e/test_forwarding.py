"""Forwarding whole: set by its owner in the browser, then a real message goes where the page says."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import BOSS_PASSWORD, PHONE, field, fits, follow, settle, sign_in, told
from tests.servers.mailstack import MailStack, letter

pytestmark = pytest.mark.slow

DOMAIN = "forward.example"
ANNA, BERTA = f"anna@{DOMAIN}", f"berta@{DOMAIN}"
FAR = f"anna@{DOMAIN}.out.example"


@pytest.fixture
def stack(mailstack: MailStack) -> MailStack:
    mailstack.panel.start()
    return mailstack


@pytest.fixture
def anna(stack: MailStack, window: Callable[..., Any]) -> Page:
    stack.panel.manage("domain", "create", DOMAIN)
    for name in (ANNA, BERTA):
        stack.panel.manage("mailbox", "create", name, "--password-stdin", stdin=BOSS_PASSWORD)
    page: Page = window(base_url=stack.panel.url, viewport=PHONE).page()
    sign_in(page, ANNA, BOSS_PASSWORD)
    return page


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


def test_mail_goes_where_its_owner_says(stack: MailStack, anna: Page) -> None:
    stack.sink.clear()
    save(anna, FAR, keep=True)
    told(anna, f"Mail is kept here and sent on to {FAR}.")
    assert arrived(stack, "with a copy") == (True, True)
    save(anna, FAR, keep=False)
    told(anna, f"Nothing is kept here: mail is sent on to {FAR}.")
    assert arrived(stack, "without a copy") == (False, True)
    save(anna, keep=False)
    expect(anna.get_by_role("alert")).to_contain_text("mail must go somewhere")
    save(anna, keep=True)
    told(anna, "Mail is kept here.")
    assert arrived(stack, "only here") == (True, False)

    stack.panel.manage("alias", "create", f"team@{DOMAIN}", "--target", ANNA)
    save(anna, f"team@{DOMAIN}", keep=True)
    expect(anna.get_by_role("alert")).to_contain_text(f"in a circle: {ANNA} → team@{DOMAIN} → {ANNA}")

    stack.sql(
        f"INSERT INTO mailadmin_domain_rules ({RULES}) VALUES ('{DOMAIN}', {{false}}, 'boss@ops.example', {REST})"
    )
    save(anna, FAR, keep=True)
    expect(anna.get_by_role("alert")).to_contain_text(f"{FAR}: mail of {DOMAIN} may only be sent on to addresses at")
    expect(anna.get_by_role("alert")).to_contain_text("boss@ops.example set this rule")
    fits(anna)
    save(anna, BERTA, keep=False)
    told(anna, f"Nothing is kept here: mail is sent on to {BERTA}.")
    stack.deliver("friend@out.example", ANNA, letter("to berta", to=ANNA))
    stack.wait_for_mail(BERTA, "to berta")


RULES = "domain, forward_outside, forward_set_by, own_aliases, own_aliases_set_by, imap_host, pop3_host, smtp_host"
REST = "0, '', '', '', ''"
