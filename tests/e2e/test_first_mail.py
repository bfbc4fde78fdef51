"""The first story whole: a mailbox made in the browser receives, is read, and answers while its owner is away."""

import imaplib
import poplib
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import (
    BOSS,
    BOSS_PASSWORD,
    PHONE,
    choose_own_password,
    create_alias,
    create_domain,
    create_domain_admin,
    create_mailbox,
    field,
    fits,
    replies_to,
    settle,
    sign_in,
    sign_out,
    told,
)
from tests.servers.mailstack import MailStack, letter
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.processes import HOST, wait_until
from tests.servers.sink import Sink
from tests.servers.sqlite import SQLite

pytestmark = pytest.mark.slow

FIRST_PASSWORD = "given by the boss"
ADMIN_PASSWORD = "an admin's own words"
# What a quoting mistake somewhere between browser, database, Dovecot and a mail program would stumble over.
MAIL_PASSWORD = r"""Typed "by hand" \ it's 7%{u} ${x} {PLAIN}"""
SUBJECT = 'Away “till” "Monday" – it\'s ${x} 😀'
TEXT = """Dear “sender”, "thank you".
.
..two dots, a backslash \\ and a 100% sign, it's fine
${x} ${hex:41} ${unicode:1F600}

Grüße 😀"""


def become_domain_admin(page: Page, domain: str) -> str:
    """A superadmin makes the domain and its admin, who signs in; returns the admin's name."""
    admin = f"admin@{domain}"
    sign_in(page, BOSS, BOSS_PASSWORD)
    create_domain(page, domain)
    create_domain_admin(page, admin, FIRST_PASSWORD, domain)
    sign_out(page)
    sign_in(page, admin, FIRST_PASSWORD)
    choose_own_password(page, FIRST_PASSWORD, ADMIN_PASSWORD)
    return admin


def prepare(page: Page, domain: str) -> None:
    """The admin of a new domain makes a mailbox and an alias to it."""
    become_domain_admin(page, domain)
    create_mailbox(page, "anna", domain, MAIL_PASSWORD, name="Anna Ångström")
    create_alias(page, "info", domain, f"anna@{domain}")
    sign_out(page)


def send(stack: MailStack, sender: str, recipient: str, subject: str, text: str = "Hello\n") -> EmailMessage:
    """Bring a stranger's message in with STARTTLS, the server's name checked against the authority."""
    message = letter(subject, sender=sender, to=recipient, text=text)
    message["Message-ID"] = make_msgid(domain="out.example")
    with stack.postfix.client() as client:
        client.starttls(context=stack.ca.context())
        assert client.send_message(message, sender, recipient) == {}
    return message


def by_imap(stack: MailStack, user: str) -> bytes:
    """Read the only message over IMAPS."""
    client = stack.imap(user, MAIL_PASSWORD)
    assert client.select("INBOX", readonly=True)[1] == [b"1"]
    answer = client.fetch("1", "(RFC822)")[1][0]
    client.logout()
    assert isinstance(answer, tuple)
    return answer[1]


def by_pop(stack: MailStack, user: str) -> bytes:
    """Read the only message over POP3S, and leave it."""
    client = poplib.POP3_SSL(HOST, stack.dovecot.pop3s_port, context=stack.ca.context(), timeout=30)
    client.user(user)
    client.pass_(MAIL_PASSWORD)
    assert client.stat()[0] == 1
    lines = client.retr(1)[1]
    client.quit()
    return b"".join(line + b"\r\n" for line in lines)


def read(stack: MailStack, user: str, sent: EmailMessage) -> int:
    """Both protocols show the message as it was sent, brought by TLS and LMTP; returns its size in bytes."""
    content = by_imap(stack, user)
    assert by_pop(stack, user) == content
    received = message_from_bytes(content, _class=EmailMessage, policy=policy.default)
    assert received["Message-ID"] == sent["Message-ID"]
    assert received["Subject"] == sent["Subject"]
    assert received.get_content().replace("\r\n", "\n") == sent.get_content()
    path = " ".join(str(line) for line in received.get_all("Received", []))
    assert "using TLSv1." in path
    assert "with LMTP" in path
    return len(content)


def sees_storage(page: Page, size: int) -> None:
    """The own page tells how much is stored, a moment after the delivery."""

    def is_counted() -> bool:
        page.reload()
        return page.get_by_text("1 message", exact=True).is_visible()

    wait_until(is_counted, "the message in the storage shown", 15)
    expect(page.get_by_role("region", name="Storage")).to_contain_text(f"{size} B (no limit)")


def set_vacation(page: Page) -> None:
    fits(page)
    page.get_by_role("region", name="Vacation reply").get_by_role("link", name="Set up").click()
    field(page, "Reply automatically").check()
    field(page, "Subject").fill(SUBJECT)
    field(page, "Text").fill(TEXT)
    page.get_by_role("button", name="Save vacation reply").click()
    told(page, "Replies, without an end date.")
    page.reload()
    fits(page)
    expect(field(page, "Text")).to_have_value(TEXT)


def end_vacation(page: Page) -> None:
    field(page, "Reply automatically").uncheck()
    page.get_by_role("button", name="Save vacation reply").click()
    told(page, "No vacation reply.")


def is_answered_once(stack: MailStack, user: str, alias: str) -> None:
    sender = f"stranger@{user.partition('@')[2]}.out.example"
    sent = send(stack, sender, alias, "Are you there?")
    reply = stack.sink.wait_for(lambda message: sender in message.recipients)
    assert reply.sender in ("", "<>")
    assert reply.subject == SUBJECT
    assert reply.message["From"] == user
    assert reply.message["To"] == sender
    assert reply.message["In-Reply-To"] == sent["Message-ID"]
    assert str(reply.message["Auto-Submitted"]).startswith("auto-replied")
    assert reply.message.get_content().replace("\r\n", "\n").rstrip() == TEXT
    send(stack, sender, user, "Are you still there?")
    stack.wait_for_mail(user, "Are you still there?")
    settle(stack)
    assert replies_to(stack, sender) == 1


def is_not_answered(stack: MailStack, user: str) -> None:
    send(stack, "late@out.example", user, "Are you back?")
    stack.wait_for_mail(user, "Are you back?")
    settle(stack)
    assert replies_to(stack, "late@out.example") == 0


def test_mail_is_looked_up_in_the_panels_own_database(stack: MailStack) -> None:
    """Postfix and Dovecot use the drivers of the database that the panel writes, on their own."""
    driver = {MariaDB: "mysql", Postgres: "pgsql", SQLite: "sqlite"}[type(stack.database)]
    for setting in ("virtual_mailbox_domains", "virtual_mailbox_maps", "virtual_alias_maps"):
        maps = stack.postfix.postconf(setting).replace(",", " ").split()
        assert maps and {one.removeprefix("proxy:").partition(":")[0] for one in maps} == {driver}
    lines = (stack.dovecot.config / "sql.conf.ext").read_text().splitlines()
    assert [line for line in lines if line.startswith("driver")] == [f"driver = {driver}"]


def test_from_the_browser_to_the_reply(stack: MailStack, sink: Sink, window: Callable[..., Any]) -> None:
    domain = "first.example"
    user, alias = f"anna@{domain}", f"info@{domain}"
    prepare(window(base_url=stack.panel.url).page(), domain)
    sent = send(stack, "friend@out.example", alias, "Grüße 😀", "Schöne Tage!\n.\n..\nBis bald\n")
    settle(stack)
    size = read(stack, user, sent)
    with pytest.raises(imaplib.IMAP4.error, match="Authentication failed"):
        stack.imap(user, ADMIN_PASSWORD)
    phone = window(base_url=stack.panel.url, viewport=PHONE, dark=True).page()
    sign_in(phone, user, MAIL_PASSWORD)
    sees_storage(phone, size)
    set_vacation(phone)
    is_answered_once(stack, user, alias)
    end_vacation(phone)
    is_not_answered(stack, user)
    sign_out(phone)


def test_without_javascript(stack: MailStack, window: Callable[..., Any]) -> None:
    domain = "plain.example"
    prepare(window(base_url=stack.panel.url, javascript=False).page(), domain)
    sent = send(stack, "friend@out.example", f"info@{domain}", "By hand")
    settle(stack)
    read(stack, f"anna@{domain}", sent)
