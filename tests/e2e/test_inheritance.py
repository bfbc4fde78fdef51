"""A name deleted and made again inherits nothing: no mail, no session, no setting, no password."""

import imaplib
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import (
    BOSS,
    BOSS_PASSWORD,
    PHONE,
    choose_time_zone,
    create_alias,
    create_domain,
    create_mailbox,
    field,
    replies_to,
    settle,
    sign_in,
    told,
)
from tests.servers.mailstack import MailStack, letter
from tests.servers.processes import ServerError
from tests.servers.sink import Sink

pytestmark = pytest.mark.slow

OLD_PASSWORD, NEW_PASSWORD = "the first owner's words", "the second owner's words"
FOLDERS = ["Drafts", "INBOX", "Junk", "Sent", "Trash"]
SCRIPT = 'require ["fileinto", "mailbox"]; fileinto :create "Filed";'


def delete(page: Page, path: str, name: str, button: str) -> None:
    page.goto(path)
    field(page, f"Type {name} to delete it").fill(name)
    page.get_by_role("button", name=button).click()
    told(page, "deleted")


def made_again_as_a_mailbox(page: Page, domain: str) -> None:
    delete(page, f"/mailboxes/anna@{domain}/delete/", f"anna@{domain}", "Delete mailbox")
    create_mailbox(page, "anna", domain, NEW_PASSWORD)


def made_again_with_its_domain(page: Page, domain: str) -> None:
    delete(page, f"/domains/{domain}/delete/", domain, "Delete domain")
    create_domain(page, domain)
    create_mailbox(page, "anna", domain, NEW_PASSWORD)


WAYS = {"mailbox": made_again_as_a_mailbox, "domain": made_again_with_its_domain}


def set_vacation(page: Page, text: str) -> None:
    page.goto("/account/vacation/")
    field(page, "Reply automatically").check()
    field(page, "Subject").fill("Away")
    field(page, "Text").fill(text)
    page.get_by_role("button", name="Save vacation reply").click()
    told(page, "Replies, without an end date.")


def use(stack: MailStack, page: Page, user: str) -> None:
    """Leave something behind wherever a mailbox can: mail, a folder, a script, a session, settings, a vacation."""
    choose_time_zone(page, "Asia/Tokyo")
    set_vacation(page, "The first owner is away.")
    stack.dovecot.doveadm("mailbox", "create", "-u", user, "Private")
    write_to(stack, user, "one@out.example", "For the first owner")
    stack.wait_for_mail(user, "For the first owner")
    stack.dovecot.doveadm("sieve", "put", "-a", "-u", user, "filing", stdin=SCRIPT)
    write_to(stack, user, "two@out.example", "Filed")
    stack.wait_for_mail(user, "Filed", "Filed")
    settle(stack)
    assert replies_to(stack, "one@out.example") == 1
    assert imap_folders(stack, user, OLD_PASSWORD) == sorted([*FOLDERS, "Filed", "Private"])


def write_to(stack: MailStack, user: str, sender: str, subject: str) -> None:
    stack.deliver(sender, user, letter(subject, sender=sender, to=user))


def imap_folders(stack: MailStack, user: str, password: str) -> list[str]:
    client = stack.imap(user, password)
    lines = client.list()[1]
    client.logout()
    return sorted(line.rsplit(b" ", 1)[-1].decode().strip('"') for line in lines if isinstance(line, bytes))


def is_empty(stack: MailStack, user: str) -> None:
    """The mailbox of the new owner has the folders of every new mailbox, and nothing in them."""
    assert imap_folders(stack, user, NEW_PASSWORD) == FOLDERS
    client = stack.imap(user, NEW_PASSWORD)
    for folder in FOLDERS:
        assert client.select(folder, readonly=True)[1] == [b"0"]
    client.logout()
    [[maildir]] = stack.sql(f"SELECT maildir FROM mailbox WHERE username = '{user}'")
    assert maildir == "{1}/{0}@2/".format(*user.split("@"))
    with pytest.raises(ServerError):
        stack.dovecot.doveadm("sieve", "get", "-u", user, "filing")


def nothing_is_stored(stack: MailStack, user: str) -> None:
    for table, column in (("vacation", "email"), ("vacation_notification", "on_vacation")):
        assert stack.sql(f"SELECT * FROM {table} WHERE {column} = '{user}'") == []
    assert stack.sql(f"SELECT address FROM alias WHERE goto LIKE '%{user}%'") == [(user,)]
    used = stack.sql(f"SELECT bytes, messages FROM quota2 WHERE username = '{user}'")
    assert used in ([], [(0, 0)])


def is_signed_out(page: Page) -> None:
    for path in ("/account/", "/account/vacation/", "/"):
        page.goto(path)
        expect(page).to_have_title("Sign in · Mailadmin")


def starts_afresh(page: Page) -> None:
    """The account page of the new owner tells of nobody before."""
    expect(page.get_by_role("region", name="Vacation reply")).to_contain_text("No vacation reply.")
    expect(page.get_by_role("region", name="Storage")).to_contain_text("1 message")
    expect(field(page, "Time zone")).to_have_value("server")
    expect(page.get_by_role("region", name="Last sign-ins").get_by_role("listitem")).to_have_count(1)
    page.goto("/account/vacation/")
    expect(field(page, "Subject")).to_have_value("")
    expect(field(page, "Text")).to_have_value("")


@pytest.mark.parametrize("way", WAYS)
def test_a_mailbox_inherits_nothing(stack: MailStack, sink: Sink, window: Callable[..., Any], way: str) -> None:
    domain = f"again-{way}.example"
    user = f"anna@{domain}"
    desk = window(base_url=stack.panel.url).page()
    sign_in(desk, BOSS, BOSS_PASSWORD)
    create_domain(desk, domain)
    create_mailbox(desk, "anna", domain, OLD_PASSWORD)
    create_alias(desk, "info", domain, user)
    phone = window(base_url=stack.panel.url, viewport=PHONE).page()
    sign_in(phone, user, OLD_PASSWORD)
    use(stack, phone, user)

    WAYS[way](desk, domain)

    is_signed_out(phone)
    with pytest.raises(imaplib.IMAP4.error, match="Authentication failed"):
        stack.imap(user, OLD_PASSWORD)
    nothing_is_stored(stack, user)
    is_empty(stack, user)
    write_to(stack, user, "one@out.example", "For the second owner")
    stack.wait_for_mail(user, "For the second owner")
    settle(stack)
    assert stack.subjects(user) == ["For the second owner"]
    assert replies_to(stack, "one@out.example") == 1, "only the one of before"

    other = window(base_url=stack.panel.url).page()
    sign_in(other, user, NEW_PASSWORD)
    starts_afresh(other)
    set_vacation(other, "The second owner is away.")
    write_to(stack, user, "one@out.example", "Once more")
    reply = stack.sink.wait_for(lambda message: "second owner" in str(message.message.get_content()))
    assert reply.recipients == ("one@out.example",), "whom the first owner answered is forgotten"
    is_signed_out(phone)
