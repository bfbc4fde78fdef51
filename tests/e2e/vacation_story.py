"""A vacation from the browser to the last reply, on a mail server whatever its way of delivering replies."""

import datetime as dt
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.people import field, replies_to, settle, sign_in, told
from tests.e2e.screens import faults
from tests.servers.mailstack import MailStack, letter
from tests.servers.processes import wait_until
from tests.servers.sink import Received

PASSWORD = "correct horse battery"
# What a quoting mistake between browser, database, mail server and reply would stumble over.
SUBJECT = 'Away “till” "Monday" – it\'s ${x} 😀'
TEXT = """Dear “sender”, "thank you".
.
..two dots, a backslash \\ and a 100% sign, it's fine
${x} ${hex:41} ${unicode:1F600} $SUBJECT
From here on: Grüße 😀

--\u0020
Anna"""
INSIDE = 'Ask "Carla", room ${12} – or wait 🌴'

WORLD = """
from mailadmin.core.actor import Actor
from domains.services import create_domain
from domains.alias_domains import create_alias_domain
from mailboxes.services import create_mailbox
from aliases.services import create_alias
cli = Actor.cli()
create_domain(cli, domain="{domain}")
create_domain(cli, domain="also-{domain}")
create_alias_domain(cli, alias_domain="also-{domain}", target_domain="{domain}")
create_mailbox(cli, local_part="anna", domain="{domain}", password="{password}")
create_mailbox(cli, local_part="bert", domain="{domain}", password="{password}")
create_alias(cli, address="desk@{domain}", targets=["anna@{domain}"])
"""


def tell(stack: MailStack, page: Page, domain: str, *, at_the_end: Callable[[], Any] = lambda: None) -> None:
    """Go through it all with a user of a new domain.

    page: a window on the panel of the stack, nobody signed in.
    at_the_end: what the server does by itself once an end has passed; nothing where it needs nothing.
    """
    stack.panel.manage("shell", "-c", WORLD.format(domain=domain, password=PASSWORD))
    user = f"anna@{domain}"
    sign_in(page, user, PASSWORD)
    set_it(page, user)
    is_answered_once(stack, user, user)
    for address in (f"desk@{domain}", f"anna@also-{domain}", f"desk@also-{domain}"):
        is_answered_once(stack, user, address)
    a_colleague_reads_another_text(stack, user, f"bert@{domain}")
    let_it_end(stack, user)
    at_the_end()
    is_not_answered(stack, user, "after the end")
    has_left_nothing(stack, user)
    set_it(page, user)
    end_it(page)
    is_not_answered(stack, user, "after it was ended")
    has_left_nothing(stack, user)


def set_it(page: Page, user: str) -> None:
    """The user sets it until a day next month, and sees the reply before it is saved."""
    end = (dt.datetime.now(dt.UTC) + dt.timedelta(days=30)).replace(hour=9, minute=0)
    page.goto("/account/vacation/")
    field(page, "Reply automatically").check()
    field(page, "Until").fill(f"{end:%Y-%m-%dT%H:%M}")
    field(page, "Subject").fill(SUBJECT)
    field(page, "Text").fill(TEXT)
    if not field(page, "Text inside the domain").is_visible():
        page.get_by_text("Another text for senders at ").click()
    field(page, "Text inside the domain").fill(INSIDE)
    preview = page.get_by_role("region", name="What a sender gets")
    expect(preview).to_contain_text("Once saved: Replies until ")
    expect(preview.locator("dl").first).to_contain_text(SUBJECT)
    expect(preview.locator("p").last).to_have_text(INSIDE)
    assert [text.text_content() for text in preview.locator(".letter__text").all()] == [TEXT, INSIDE]
    assert faults(page) == []
    page.get_by_role("button", name="Preview").click()
    expect(preview.locator("p").last).to_have_text(INSIDE)
    page.get_by_role("button", name="Save vacation reply").click()
    told(page, f"Replies until {end:%A} {end.day} {end:%b}")
    expect(page.get_by_role("main")).to_contain_text("Changed by you on ")
    assert field(page, "Text").input_value() == TEXT


def end_it(page: Page) -> None:
    page.get_by_role("button", name="End now").click()
    told(page, "No vacation reply.")
    expect(field(page, "Reply automatically")).not_to_be_checked()


def let_it_end(stack: MailStack, user: str) -> None:
    """Set the clock of the reply forward, as if its end had come."""
    code = "import datetime as dt; from django.utils import timezone; from mailboxes.models import Vacation; "
    past = "timezone.now() - dt.timedelta(minutes=1)"
    stack.panel.manage("shell", "-c", f"{code}Vacation.objects.filter(email={user!r}).update(activeuntil={past})")


def send(stack: MailStack, sender: str, recipient: str, subject: str) -> EmailMessage:
    message = letter(subject, sender=sender, to=recipient)
    message["Message-ID"] = make_msgid(domain="out.example")
    assert stack.deliver(sender, recipient, message) == {}
    return message


def is_answered_once(stack: MailStack, user: str, recipient: str) -> None:
    sender = f"{recipient.replace('@', '.at.')}@out.example"
    sent = send(stack, sender, recipient, f"First to {recipient}")
    is_the_reply(stack.sink.wait_for(lambda message: sender in message.recipients), user, sender, sent)
    send(stack, sender, recipient, f"Second to {recipient}")
    stack.wait_for_mail(user, f"Second to {recipient}")
    settle(stack)
    assert replies_to(stack, sender) == 1


def a_colleague_reads_another_text(stack: MailStack, user: str, colleague: str) -> None:
    """A colleague sends as people inside do, signed in; the reply comes to the own mailbox."""
    assert stack.submit(colleague, PASSWORD, letter("Lunch?", sender=colleague, to=user), to=user) == {}
    wait_until(lambda: bool(stack.subjects(colleague)), f"a reply to {colleague}")
    client = stack.imap(colleague, PASSWORD)
    client.select("INBOX", readonly=True)
    answer = client.fetch("1", "(RFC822)")[1][0]
    client.logout()
    assert isinstance(answer, tuple)
    reply = message_from_bytes(answer[1], _class=EmailMessage, policy=policy.default)
    assert reply["Return-Path"] in ("<>", "<MAILER-DAEMON>")
    assert (reply["Subject"], reply.get_content().strip()) == (SUBJECT, INSIDE)


def is_the_reply(reply: Received, user: str, sender: str, sent: EmailMessage) -> None:
    """The envelope, the headers (RFC 3834) and the text are right."""
    assert reply.sender in ("", "<>")
    message = reply.message
    assert reply.subject == SUBJECT
    assert message["From"].addresses[0].addr_spec == user
    assert message["To"].addresses[0].addr_spec == sender
    assert message["In-Reply-To"] == sent["Message-ID"]
    assert sent["Message-ID"] in message["References"]
    assert str(message["Auto-Submitted"]).startswith("auto-replied")
    assert (message["Date"], message["Message-ID"]) != (None, None)
    assert (message.get_content_type(), message.get_content_charset()) == ("text/plain", "utf-8")
    assert message.get_content().replace("\r\n", "\n").rstrip("\n") == TEXT


def is_not_answered(stack: MailStack, user: str, subject: str) -> None:
    sender = f"{subject.replace(' ', '.')}@out.example"
    send(stack, sender, user, subject)
    stack.wait_for_mail(user, subject)
    settle(stack)
    assert replies_to(stack, sender) == 0


def has_left_nothing(stack: MailStack, user: str) -> None:
    """The alias row is as before, and no list of senders is kept."""
    assert stack.sql(f"SELECT goto FROM alias WHERE address = '{user}'") == [(user,)]
    assert stack.sql(f"SELECT COUNT(*) FROM vacation_notification WHERE on_vacation = '{user}'") == [(0,)]
