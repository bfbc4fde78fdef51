"""App passwords and "This was not me", in the browser and with real Dovecot and Postfix."""

import imaplib
import smtplib
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import PHONE, field, sign_in
from tests.servers.mailstack import MailStack, letter
from tests.servers.processes import HOST, wait_until

pytestmark = pytest.mark.slow

DOMAIN = "notme.example"
ANNA, BOB = f"anna@{DOMAIN}", f"bob@{DOMAIN}"
OLD, NEW = "Berge und 7 Seen", "Wiesen, 9 Schafe"
WITHIN = 5
"""Seconds in which everybody else has to be locked out."""


@pytest.fixture(scope="module")
def stack(mailstack: MailStack) -> MailStack:
    manage = mailstack.panel.manage
    mailstack.panel.start()
    manage("domain", "create", DOMAIN)
    manage("mailbox", "create", ANNA, "--password-stdin", stdin=OLD)
    manage("admin_user", "create", BOB, "--domain", DOMAIN, "--password-stdin", stdin=OLD)
    return mailstack


def imap_takes(stack: MailStack, password: str) -> bool:
    try:
        stack.imap(ANNA, password).logout()
    except imaplib.IMAP4.error:
        return False
    return True


def smtp_takes(stack: MailStack, password: str) -> bool:
    try:
        return stack.submit(ANNA, password, letter("hello", sender=ANNA)) == {}
    except smtplib.SMTPAuthenticationError:
        return False


def make_app_password(page: Page, name: str = "Phone") -> str:
    """Make one for IMAP alone; returns it as the page shows it, once."""
    page.goto("/account/")
    page.get_by_role("link", name="App passwords").click()
    page.get_by_role("link", name="New app password").click()
    field(page, "Name").fill(name)
    page.get_by_label("send mail (SMTP)").uncheck()
    field(page, "Your password").fill(OLD)
    page.get_by_role("button", name="Make app password").click()
    shown = page.locator("#app-password").inner_text()
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("row", name=name)).to_contain_text("IMAP")
    expect(page.locator("body")).not_to_contain_text(shown)
    return shown


def test_an_app_password_reads_mail_and_opens_nothing_else(stack: MailStack, window: Callable[..., Any]) -> None:
    page = window(base_url=stack.panel.url, viewport=PHONE).page()
    sign_in(page, ANNA, OLD)
    shown = make_app_password(page)
    assert imap_takes(stack, shown)
    assert not smtp_takes(stack, shown)
    stranger = window(base_url=stack.panel.url).page()
    stranger.goto("/")
    field(stranger, "Address").fill(ANNA)
    field(stranger, "Password").fill(shown)
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_text("The address or the password is wrong")).to_be_visible()
    # Dovecot wrote it down.
    wait_until(lambda: bool(stack.sql(f"SELECT 1 FROM mailadmin_mail_sign_in WHERE username = '{ANNA}'")), "last use")
    page.reload()
    expect(page.get_by_role("row", name="Phone")).to_contain_text(f"IMAP, {HOST}")
    page.get_by_role("button", name="Take only app passwords").click()
    assert not imap_takes(stack, OLD) and not smtp_takes(stack, OLD)
    assert imap_takes(stack, shown)
    page.get_by_role("button", name="Let mail programs use it").click()
    assert imap_takes(stack, OLD)


def test_not_me_locks_everybody_else_out_within_seconds(stack: MailStack, window: Callable[..., Any]) -> None:
    page = window(base_url=stack.panel.url).page()
    sign_in(page, ANNA, OLD)
    shown = make_app_password(page, "Laptop")
    intruder = window(base_url=stack.panel.url).page()
    sign_in(intruder, ANNA, OLD)
    assert all(takes(stack, OLD) for takes in (imap_takes, smtp_takes)) and imap_takes(stack, shown)
    page.goto("/account/")
    page.get_by_role("link", name="Whole history").click()
    expect(page.locator("main")).to_contain_text("Phone")
    page.get_by_role("link", name="This was not me").click()
    field(page, "Current password").fill(OLD)
    field(page, "New password").fill(NEW)
    started = time.monotonic()
    page.get_by_role("button", name="Lock everybody else out").click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    intruder.goto("/account/")
    expect(intruder.get_by_role("button", name="Sign in")).to_be_visible()
    assert not imap_takes(stack, OLD) and not smtp_takes(stack, OLD) and not imap_takes(stack, shown)
    assert time.monotonic() - started < WITHIN
    assert imap_takes(stack, NEW) and smtp_takes(stack, NEW)
    expect(page.locator("main")).to_contain_text("Intrusion reported")
    admin = window(base_url=stack.panel.url).page()
    sign_in(admin, BOB, OLD)
    expect(admin.get_by_role("region", name="Reported: somebody else signed in")).to_contain_text(ANNA)
