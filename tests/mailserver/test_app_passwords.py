"""App passwords with real Dovecot and Postfix: which is taken, by which protocol, until when."""

import imaplib
import json
import poplib
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator

import pytest

from tests.servers.mailstack import MailStack
from tests.servers.processes import HOST, wait_until

PROTOCOLS = ["imap", "pop3", "smtp", "sieve"]
SERVICES = ["imap", "pop3", "managesieve"]
"""What Dovecot calls those with a process for each user."""
PASSWORD = "Wiese, 9 Schafe"
ANNA, BERTA, MUTE = (f"{name}@app.example" for name in ("anna", "berta", "mute"))

PREPARE = f"""
import datetime, json
from django.utils import timezone
from mailadmin.core.actor import Actor, ActorKind
from domains.services import create_domain
from mailboxes.app_passwords import PROTOCOLS, create_app_password, revoke_app_password, set_app_passwords_only
from mailboxes.models import AppPassword, Mailbox
from mailboxes.services import create_mailbox, update_mailbox
cli = Actor.cli()
create_domain(cli, domain="app.example")
for name in ("anna", "berta", "mute"):
    create_mailbox(cli, local_part=name, domain="app.example", password={PASSWORD!r})
def make(username, name, protocols, **more):
    actor = Actor(ActorKind.USER, username)
    return create_app_password(actor, current={PASSWORD!r}, name=name, protocols=protocols, **more)
made = {{name: make({ANNA!r}, name, [name])[0] for name in PROTOCOLS}}
made["all"], row = make({ANNA!r}, "all", list(PROTOCOLS), ends=timezone.now() + datetime.timedelta(days=1))
made["number"] = row.pk
made["ended"], row = make({ANNA!r}, "ended", list(PROTOCOLS))
AppPassword.objects.filter(pk=row.pk).update(ends=timezone.now() - datetime.timedelta(seconds=1))
made["earlier"], row = make({ANNA!r}, "earlier", list(PROTOCOLS))
AppPassword.objects.filter(pk=row.pk).update(made_for=timezone.now() - datetime.timedelta(days=1))
made["revoked"], row = make({ANNA!r}, "revoked", list(PROTOCOLS))
revoke_app_password(cli, username={ANNA!r}, number=row.pk)
made["mute"] = make({MUTE!r}, "mute", list(PROTOCOLS))[0]
update_mailbox(cli, username={MUTE!r}, smtp_active=False)
made["berta"] = make({BERTA!r}, "berta", ["imap"])[0]
set_app_passwords_only(cli, username={BERTA!r}, only=True)
print(json.dumps(made))
"""


@pytest.fixture(scope="module")
def made(mailstack: MailStack) -> Iterator[dict[str, str]]:
    """App passwords in clear, by name."""
    yield json.loads(mailstack.panel.manage("shell", "-c", PREPARE).splitlines()[-1])
    mailstack.panel.manage("domain", "delete", "app.example", "--yes")


@pytest.fixture
def stack(mailstack: MailStack, made: dict[str, str]) -> MailStack:
    return mailstack


def signs_in(stack: MailStack, protocol: str, user: str, password: str) -> bool:
    """Say whether the server lets the user in, with TLS."""
    context = stack.ca.context()
    try:
        if protocol == "imap":
            with imaplib.IMAP4_SSL(HOST, stack.dovecot.imaps_port, ssl_context=context, timeout=30) as imap:
                return imap.login(user, password)[0] == "OK"
        if protocol == "pop3":
            pop = poplib.POP3_SSL(HOST, stack.dovecot.pop3s_port, context=context, timeout=30)
            pop.user(user)
            taken = pop.pass_(password).startswith(b"+OK")
            pop.quit()
            return taken
        if protocol == "smtp":
            with smtplib.SMTP(HOST, stack.postfix.submission_port, timeout=30) as smtp:
                smtp.starttls(context=context)
                return smtp.login(user, password)[0] == 235
    except (imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPAuthenticationError):
        return False
    return sieve_signs_in(stack, context, user, password)


def sieve_signs_in(stack: MailStack, context: ssl.SSLContext, user: str, password: str) -> bool:
    """ManageSieve, RFC 5804, by hand."""
    with socket.create_connection((HOST, stack.dovecot.sieve_port), timeout=30) as raw:
        _ended(raw)
        raw.sendall(b"STARTTLS\r\n")
        _ended(raw)
        with context.wrap_socket(raw, server_hostname="localhost") as secure:
            _ended(secure)
            secure.sendall(b'AUTHENTICATE "PLAIN" "%s"\r\n' % b64encode(f"\0{user}\0{password}".encode()))
            return _ended(secure).startswith(b"OK")


def _ended(connection: socket.socket) -> bytes:
    """Read until a line that ends an answer, and return it."""
    said = b""
    while True:
        said += connection.recv(4096)
        last = said.rstrip(b"\r\n").rpartition(b"\r\n")[2]
        if said.endswith(b"\r\n") and last.startswith((b"OK", b"NO", b"BYE")):
            return last


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_app_password_signs_in_by_its_protocols_alone(stack: MailStack, made: dict[str, str], protocol: str) -> None:
    assert signs_in(stack, protocol, ANNA, made["all"])
    assert [name for name in PROTOCOLS if signs_in(stack, protocol, ANNA, made[name])] == [protocol]
    assert signs_in(stack, protocol, ANNA, PASSWORD)


@pytest.mark.parametrize("name", ["ended", "earlier", "revoked", "berta"])
def test_one_that_is_over_or_not_hers_is_refused(stack: MailStack, made: dict[str, str], name: str) -> None:
    assert not any(signs_in(stack, protocol, ANNA, made[name]) for protocol in PROTOCOLS)


def test_it_is_taken_as_it_is_shown(stack: MailStack, made: dict[str, str]) -> None:
    assert not signs_in(stack, "imap", ANNA, made["all"].replace("-", ""))
    assert not signs_in(stack, "imap", BERTA, made["all"])


def test_who_may_not_send_may_not_with_an_app_password(stack: MailStack, made: dict[str, str]) -> None:
    assert signs_in(stack, "imap", MUTE, made["mute"])
    assert not signs_in(stack, "smtp", MUTE, made["mute"])


def test_it_needs_tls_and_a_mailbox_that_is_on(stack: MailStack, made: dict[str, str]) -> None:
    with stack.dovecot.imap() as imap, pytest.raises(imaplib.IMAP4.error):
        imap.login(ANNA, made["all"])
    stack.sql(f"UPDATE mailbox SET active = {{false}} WHERE username = '{ANNA}'")
    assert not any(signs_in(stack, protocol, ANNA, made["all"]) for protocol in PROTOCOLS)
    stack.sql(f"UPDATE mailbox SET active = {{true}} WHERE username = '{ANNA}'")
    stack.sql("UPDATE domain SET active = {false} WHERE domain = 'app.example'")
    assert not any(signs_in(stack, protocol, ANNA, made["all"]) for protocol in PROTOCOLS)
    stack.sql("UPDATE domain SET active = {true} WHERE domain = 'app.example'")
    assert signs_in(stack, "imap", ANNA, made["all"])


def test_a_barred_password_is_refused_by_every_mail_service(stack: MailStack, made: dict[str, str]) -> None:
    assert not any(signs_in(stack, protocol, BERTA, PASSWORD) for protocol in PROTOCOLS)
    assert signs_in(stack, "imap", BERTA, made["berta"])
    said = stack.dovecot.doveadm("auth", "test", "-x", "service=imap", "-x", "secured=tls", BERTA, made["berta"])
    assert "auth succeeded" in said


def test_dovecot_tells_when_which_password_was_last_used(stack: MailStack, made: dict[str, str]) -> None:
    for protocol in ("imap", "pop3", "sieve"):
        assert signs_in(stack, protocol, ANNA, made["all"])
        assert signs_in(stack, protocol, ANNA, PASSWORD)

    def told() -> set[tuple[str, str, int]]:
        rows = stack.sql(
            f"SELECT service, ip, app_password, last_login FROM mailadmin_mail_sign_in WHERE username = '{ANNA}'"
        )
        return {(str(row[0]), str(row[1]), int(row[2])) for row in rows if int(row[3]) > 1_700_000_000}

    wanted = {(service, HOST, number) for service in SERVICES for number in (0, int(made["number"]))}
    wait_until(lambda: wanted <= told(), "last sign-ins")
    # The same again changes the time of the row.
    stack.sql("UPDATE mailadmin_mail_sign_in SET last_login = 5")
    assert signs_in(stack, "imap", ANNA, made["all"])
    wait_until(lambda: ("imap", HOST, int(made["number"])) in told(), "a later sign-in")


def test_dovecot_has_the_rights_for_it(stack: MailStack, made: dict[str, str]) -> None:
    assert signs_in(stack, "imap", ANNA, made["all"])
    log = stack.dovecot.log().lower()
    assert not any(word in log for word in ("denied", "permission", "illegal mix", "unmapped", "last_login_dict"))
