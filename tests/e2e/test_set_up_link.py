"""A mailbox handed over by a link: its owner opens it on a phone, chooses a password, and reads a first mail."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import (
    PHONE,
    field,
    fits,
    follow,
    go_to,
    settle,
)
from tests.e2e.screens import faults
from tests.e2e.test_first_mail import become_domain_admin, send
from tests.mailprograms.documented import Way, profile_ways
from tests.servers.clients import Imap
from tests.servers.mailstack import MailStack
from tests.servers.sink import Sink

pytestmark = pytest.mark.slow

CHOSEN = "Leuchtturm am stillen Ufer"


def make_mailbox(page: Page, domain: str) -> str:
    """A domain admin makes a mailbox for somebody who chooses the password; returns the link."""
    admin = become_domain_admin(page, domain)
    go_to(page, "Domains")
    follow(page, domain)
    follow(page, "New mailbox")
    field(page, "Address").fill("anna")
    expect(field(page, "Password")).to_be_visible()
    page.get_by_role("radio", name="The person chooses it").check()
    expect(field(page, "Password")).to_be_hidden()
    page.get_by_role("button", name="Create mailbox").click()
    expect(page.get_by_role("heading", name="Mailbox created")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Works once, until (.+, )?\d\d:\d\d\."))).to_be_visible()
    assert faults(page) == []
    link = page.locator("#handover-link").inner_text()
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text(re.compile(f"A set-up link by {admin} works until"))).to_be_visible()
    assert link not in page.content()
    return link


def choose_password(page: Page, link: str, user: str) -> None:
    """The strength is told while it is typed, a bad one is refused, a good one leads to the servers and ports."""
    page.goto(link)
    fits(page)
    assert faults(page) == []
    expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    expect(page.get_by_text(user)).to_be_visible()
    field(page, "New password").press_sequentially("anna")
    expect(page.get_by_text(re.compile("^Strength: "))).to_be_visible()
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("alert")).to_be_focused()
    field(page, "New password").fill(CHOSEN)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("heading", name="Your password is set")).to_be_visible()
    fits(page)
    assert faults(page) == []
    expect(page.get_by_text(re.compile("IMAP: .*, port "))).to_be_visible()
    page.reload()
    expect(page.get_by_text(user, exact=True)).to_be_visible()


def sets_up(page: Page, user: str) -> list[Way]:
    """The servers are on the page, the code leads to a page for anybody, and the profile has the same; returns that."""
    expect(page.get_by_role("img", name=re.compile("^QR code"))).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Profile for Apple devices").click()
    ways = profile_ways(downloading.value.path().read_bytes())
    shown = re.search(r"IMAP: (\S+), port (\d+),", page.get_by_role("main").inner_text())
    assert shown and (shown[1], int(shown[2])) == (ways[0].host, ways[0].port)
    assert [way.username for way in ways] == [user, user]
    page.get_by_text("Thunderbird on a computer").click()
    expect(page.get_by_text("Open the account settings and add a mail account.")).to_be_visible()
    assert faults(page) == []
    fits(page)
    page.get_by_role("link", name="Open the page here").click()
    expect(page.get_by_role("link", name="Get the profile")).to_be_visible()
    fits(page)
    assert faults(page) == []
    page.go_back()
    return ways


def is_used_up(page: Page, link: str) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
    fits(page)
    assert faults(page) == []


def test_from_the_link_to_the_first_mail(stack: MailStack, sink: Sink, window: Callable[..., Any]) -> None:
    domain = "handed.example"
    user = f"anna@{domain}"
    link = make_mailbox(window(base_url=stack.panel.url).page(), domain)
    phone = window(base_url=stack.panel.url, viewport=PHONE).page()
    choose_password(phone, link, user)
    ways = sets_up(phone, user)
    send(stack, "friend@out.example", user, "Welcome")
    settle(stack)
    client = Imap(ways[0].host, ways[0].port, stack.ca.context())
    client.login(ways[0].username, CHOSEN)
    assert client.select("INBOX", readonly=True)[1] == [b"1"]
    client.logout()
    phone.get_by_role("link", name="Sign in").click()
    expect(field(phone, "Address")).to_have_value(user)
    field(phone, "Password").fill(CHOSEN)
    phone.get_by_role("button", name="Sign in").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(user)
    fits(phone)
    phone.get_by_role("link", name="Set up a mail program").click()
    expect(phone.get_by_text(re.compile("IMAP: .*, port "))).to_be_visible()
    fits(phone)
    is_used_up(phone, link)


def test_without_javascript_and_not_after_its_time(stack: MailStack, window: Callable[..., Any]) -> None:
    domain = "handed-plain.example"
    page = window(base_url=stack.panel.url, javascript=False, viewport=PHONE).page()
    stack.panel.manage("domain", "create", domain)
    stack.panel.manage("mailbox", "create", f"anna@{domain}", "--generate-password")
    link = stack.panel.manage_json("mailbox", "setup-link", f"anna@{domain}")["link"]
    page.goto(link)
    fits(page)
    field(page, "New password").fill(CHOSEN)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("heading", name="Your password is set")).to_be_visible()
    fits(page)
    soon = dict(stack.panel.env)
    try:
        stack.panel.env["MAILADMIN_LINK_HOURS"] = "0.0003"
        link = stack.panel.manage_json("mailbox", "setup-link", f"anna@{domain}")["link"]
    finally:
        stack.panel.env = soon
    time.sleep(1.2)
    page.goto(link)
    expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
