"""Passwords that are older than their domain lets them be: asked of real Dovecot and Postfix."""

import imaplib
import poplib
import smtplib
from collections.abc import Iterator

import pytest

from tests.servers.mailstack import MailStack, letter
from tests.servers.processes import HOST

PREPARE = """
import datetime as dt
from django.utils import timezone
from domains.services import create_domain
from mailadmin.core.actor import Actor
from mailboxes.models import Mailbox
from mailboxes.services import create_mailbox
cli = Actor.cli()
for domain in ("age.example", "ageless.example", "agenew.example"):
    create_domain(cli, domain=domain)
ages = {"old@age": -1, "young@age": 1, "dateless@age": None, "old@ageless": -400, "old@agenew": -9}
for name, days in ages.items():
    local_part, _at, domain = f"{name}.example".partition("@")
    row = create_mailbox(cli, local_part=local_part, domain=domain, password="correct horse battery")
    row.password_expiry = timezone.now() + dt.timedelta(days=days) if days else None
    row.save(update_fields=["password_expiry"])
from domains.models import Domain
Domain.objects.filter(domain="age.example").update(password_expiry=90)
# As the rules page does.
from domains.rules import set_domain_rules
set_domain_rules(cli, domain="agenew.example", password_expiry=30)
"""
MAKE = """
from mailadmin.core.actor import Actor, ActorKind
from mailboxes.app_passwords import create_app_password
old = Actor(ActorKind.USER, "old@age.example")
print(create_app_password(old, current="correct horse battery", name="phone", protocols=["imap", "smtp"])[0])
"""
PASSWORD = "correct horse battery"
IN = ["young@age.example", "dateless@age.example", "old@ageless.example", "old@agenew.example"]
OLD = "old@age.example"


@pytest.fixture(scope="module")
def stack(mailstack: MailStack) -> Iterator[MailStack]:
    mailstack.panel.manage("shell", "-c", PREPARE)
    yield mailstack
    mailstack.sql("DELETE FROM mailadmin_app_password WHERE username LIKE '%@age%.example'")
    for table in ("alias", "mailbox", "domain"):
        mailstack.sql(f"DELETE FROM {table} WHERE domain LIKE 'age%.example'")


@pytest.mark.parametrize("user", IN)
def test_no_period_no_date_or_time_left_signs_in(stack: MailStack, user: str) -> None:
    stack.imap(user, PASSWORD).logout()
    assert stack.submit(user, PASSWORD, letter("mine", sender=user, to="x@out.example")) == {}


def test_an_old_password_signs_nobody_in_while_mail_goes_on_arriving(stack: MailStack) -> None:
    with pytest.raises(imaplib.IMAP4.error, match="Authentication failed"):
        stack.imap(OLD, PASSWORD)
    pop = poplib.POP3_SSL(HOST, stack.dovecot.pop3s_port, context=stack.ca.context(), timeout=30)
    pop.user(OLD)
    with pytest.raises(poplib.error_proto):
        pop.pass_(PASSWORD)
    with pytest.raises(smtplib.SMTPAuthenticationError) as refusal:
        stack.submit(OLD, PASSWORD, letter("no", sender=OLD, to="x@out.example"))
    assert refusal.value.smtp_code == 535
    stack.deliver("stranger@out.example", OLD, letter("still there", to=OLD))
    stack.wait_for_mail(OLD, "still there")


def test_an_app_password_goes_on(stack: MailStack) -> None:
    made = stack.panel.manage("shell", "-c", MAKE).strip().splitlines()[-1]
    stack.imap(OLD, made).logout()
    assert stack.submit(OLD, made, letter("by phone", sender=OLD, to="x@out.example")) == {}


def test_a_new_password_signs_in_at_once(stack: MailStack) -> None:
    made = stack.panel.manage("mailbox", "password", OLD, "--generate-password").split()[-1]
    client = stack.imap(OLD, made)
    assert client.select()[0] == "OK"
    client.logout()
