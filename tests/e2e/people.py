"""People at the panel in a real browser: they find everything by its words, as they would on the screen."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.servers.mailstack import MailStack
from tests.servers.processes import wait_until

BOSS = "boss@ops.example"
BOSS_PASSWORD = "correct horse battery"
PHONE = (390, 844)


def field(page: Page, label: str) -> Locator:
    """Return the control of this label."""
    return page.get_by_role("main").get_by_label(re.compile(rf"^{re.escape(label)}( optional)?$"))


def sign_in(page: Page, name: str, password: str) -> None:
    page.goto("/")
    expect(page).to_have_title("Sign in · Mailadmin")
    field(page, "Address").fill(name)
    field(page, "Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_title("Sign in · Mailadmin")


def make_people(stack: MailStack, *addresses: str) -> None:
    """Make mailboxes in a domain that is new, from the command line; BOSS_PASSWORD opens them."""
    stack.panel.manage("domain", "create", addresses[0].partition("@")[2])
    for address in addresses:
        stack.panel.manage("mailbox", "create", address, "--password-stdin", stdin=BOSS_PASSWORD)


def write_rules(stack: MailStack, domain: str, *, forward_outside: bool = True, own_aliases: int = 0) -> None:
    """Write the rules of a domain that has none yet, as set by BOSS."""
    columns = (
        "domain, forward_outside, forward_set_by, own_aliases, own_aliases_set_by, imap_host, pop3_host, smtp_host"
    )
    values = f"'{domain}', {{{str(forward_outside).lower()}}}, '{BOSS}', {own_aliases}, '{BOSS}', '', '', ''"
    stack.sql(f"INSERT INTO mailadmin_domain_rules ({columns}) VALUES ({values})")


def on_phone(stack: MailStack, window: Callable[..., Any], name: str) -> Page:
    """Return the panel on the phone of somebody who has signed in."""
    page: Page = window(base_url=stack.panel.url, viewport=PHONE).page()
    sign_in(page, name, BOSS_PASSWORD)
    return page


def sign_out(page: Page) -> None:
    page.locator("summary", has_text="Account menu of").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title("Sign in · Mailadmin")


def fits(page: Page) -> None:
    """Nothing of the page lies beside the screen."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def told(page: Page, sentence: str) -> None:
    """The page says so in a message."""
    expect(page.get_by_role("status").get_by_text(sentence)).to_be_visible()


def go_to(page: Page, place: str) -> None:
    """Follow an entry of the main navigation."""
    page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name=place).click()


def follow(page: Page, link: str) -> None:
    """Follow a link; an empty list offers "New …" a second time."""
    page.get_by_role("main").get_by_role("link", name=link).first.click()


def open_tab(page: Page, domain: str, tab: str) -> None:
    page.get_by_role("navigation", name=domain, exact=True).get_by_role("link", name=tab).click()


def create_domain(page: Page, domain: str) -> None:
    go_to(page, "Domains")
    follow(page, "New domain")
    field(page, "Domain").fill(domain)
    page.get_by_role("button", name="Create domain").click()
    told(page, f"Domain {domain} created.")


def create_domain_admin(page: Page, name: str, password: str, domain: str) -> None:
    """Make an admin who must choose an own password at the first sign-in, as the form proposes."""
    go_to(page, "Admins")
    follow(page, "New admin")
    field(page, "Address").fill(name)
    field(page, "Password").fill(password)
    field(page, "Domains").fill(domain)
    expect(field(page, "Ask for a new password at the first sign-in")).to_be_checked()
    page.get_by_role("button", name="Create admin").click()
    told(page, f"Admin {name} created.")


def choose_own_password(page: Page, given: str, own: str) -> None:
    expect(page.get_by_text("Choose one to go on.")).to_be_visible()
    field(page, "Current password").fill(given)
    field(page, "New password").fill(own)
    page.get_by_role("button", name="Change password").click()
    told(page, "Password changed.")


def create_mailbox(page: Page, local_part: str, domain: str, password: str, name: str = "") -> None:
    go_to(page, "Domains")
    follow(page, domain)
    follow(page, "New mailbox")
    field(page, "Address").fill(local_part)
    field(page, "Name").fill(name)
    field(page, "Password").fill(password)
    field(page, "Password again").fill(password)
    page.get_by_role("button", name="Create mailbox").click()
    told(page, f"{local_part}@{domain} can now receive mail.")


def create_alias(page: Page, local_part: str, domain: str, target: str) -> None:
    go_to(page, "Domains")
    follow(page, domain)
    open_tab(page, domain, "Aliases")
    follow(page, "New alias")
    field(page, "Address").fill(local_part)
    field(page, "Mail goes to").fill(target)
    page.get_by_role("button", name="Create alias").click()
    told(page, f"Alias {local_part}@{domain} created.")


def settle(stack: MailStack) -> None:
    """Wait until Postfix has nothing left to send.

    A message leaves the queue after Dovecot took it, and Dovecot has handed its reply to Postfix by then: with the
    queue empty, a reply that is not at the sink will never be.
    """
    for _ in range(2):
        wait_until(lambda: not stack.postfix.queue().strip(), "an empty queue")


def replies_to(stack: MailStack, sender: str) -> int:
    """Return how many messages the outside world received for this address."""
    return sum(sender in message.recipients for message in stack.sink.messages)


def choose_time_zone(page: Page, name: str) -> None:
    """Set the own time zone on the account page."""
    page.goto("/account/")
    field(page, "Time zone").select_option(name)
    page.get_by_role("button", name="Save time zone").click()
    told(page, "Time zone changed.")
