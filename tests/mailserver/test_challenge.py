"""Challenge mechanisms with real Dovecot and Postfix: one password, several ways to sign in with it."""

import imaplib
import os
import poplib
import smtplib
from collections.abc import Iterator

import pytest

from tests.servers import sasl
from tests.servers.ca import CertificateAuthority
from tests.servers.mailstack import MailStack
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.processes import HOST
from tests.servers.sink import Sink
from tests.servers.sqlite import SQLite

MECHANISMS = list(sasl.MECHANISMS)
CHALLENGES = [name for name in MECHANISMS if name != "PLAIN"]
PROTOCOLS = ["imap", "pop3", "smtp"]
ANNA, JOHN, LATE, STALE, GONE, QUIET = (
    f"{name}@chal.example" for name in ("anna", "john", "late", "stale", "gone", "quiet")
)
PASSWORD = "Grüße, 7 Berge"
OTHER = "Wiese, 9 Schafe"

PREPARE = f"""
from mailadmin.core.actor import Actor
from mailadmin.core.passwords import hash_password
from domains.services import create_domain
from mailboxes.models import Credential, Mailbox
from mailboxes.services import create_mailbox
cli = Actor.cli()
create_domain(cli, domain="chal.example")
create_mailbox(cli, local_part="john", domain="chal.example", password={OTHER!r})
for name in ("anna", "late", "stale", "gone", "quiet"):
    create_mailbox(cli, local_part=name, domain="chal.example", password={PASSWORD!r}, smtp_active=name != "quiet")
# Set before the mechanisms were switched on.
Credential.objects.filter(username={LATE!r}).delete()
# Set by another program.
Mailbox.objects.filter(username={STALE!r}).update(password=hash_password({OTHER!r}, "SHA512-CRYPT:bare"))
# Deleted and made again by another program.
Mailbox.objects.filter(username={GONE!r}).update(password=hash_password({OTHER!r}, "SSHA512"), created=None)
"""


@pytest.fixture(scope="module")
def stack(
    database_server: MariaDB | Postgres | SQLite, running_sink: Sink, ca: CertificateAuthority
) -> Iterator[MailStack]:
    """A mail server of its own, with all mechanisms switched on."""
    if os.geteuid() != 0:
        pytest.fail("Postfix and Dovecot with several users need root")
    own = SQLite("postfix") if isinstance(database_server, SQLite) else database_server
    with MailStack(own, running_sink, ca, settings={"MAILADMIN_CHALLENGE_MECHANISMS": ",".join(CHALLENGES)}) as server:
        server.panel.manage("shell", "-c", PREPARE)
        yield server


def signs_in(stack: MailStack, protocol: str, mechanism: str, user: str, password: str = PASSWORD) -> bool:
    if protocol == "imap":
        with imaplib.IMAP4_SSL(HOST, stack.dovecot.imaps_port, ssl_context=stack.ca.context(), timeout=30) as imap:
            return sasl.imap_sign_in(imap, mechanism, user, password)
    if protocol == "pop3":
        pop = poplib.POP3_SSL(HOST, stack.dovecot.pop3s_port, context=stack.ca.context(), timeout=30)
        taken = sasl.pop3_sign_in(pop, mechanism, user, password)
        pop.quit()
        return taken
    with smtplib.SMTP(HOST, stack.postfix.submission_port, timeout=30) as smtp:
        smtp.starttls(context=stack.ca.context())
        return sasl.smtp_sign_in(smtp, mechanism, user, password)


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_mechanism_signs_the_same_mailbox_in(stack: MailStack, protocol: str, mechanism: str) -> None:
    assert signs_in(stack, protocol, mechanism, ANNA)
    assert not signs_in(stack, protocol, mechanism, ANNA, OTHER)


def test_the_standard_library_signs_in_and_falls_back(stack: MailStack) -> None:
    for user in (JOHN, STALE):
        # It tries CRAM-MD5 first, and PLAIN after a refusal.
        with smtplib.SMTP(HOST, stack.postfix.submission_port, timeout=30) as smtp:
            smtp.starttls(context=stack.ca.context())
            assert smtp.login(user, OTHER)[0] == 235
    with imaplib.IMAP4_SSL(HOST, stack.dovecot.imaps_port, ssl_context=stack.ca.context(), timeout=30) as imap:
        assert {f"AUTH={name}" for name in MECHANISMS} <= set(imap.capabilities)
        assert imap.login_cram_md5(JOHN, OTHER)[0] == "OK"


@pytest.mark.parametrize(("user", "password"), [(LATE, PASSWORD), (STALE, OTHER), (GONE, OTHER)])
def test_without_a_fitting_credential_only_plain_works(stack: MailStack, user: str, password: str) -> None:
    assert signs_in(stack, "imap", "PLAIN", user, password)
    for mechanism in CHALLENGES:
        assert not signs_in(stack, "imap", mechanism, user, password)
        assert user == LATE or not signs_in(stack, "imap", mechanism, user, PASSWORD)


def test_sending_switched_off_holds_for_every_mechanism(stack: MailStack) -> None:
    for mechanism in MECHANISMS:
        assert signs_in(stack, "imap", mechanism, QUIET)
        assert not signs_in(stack, "smtp", mechanism, QUIET)


def test_no_mechanism_works_without_tls(stack: MailStack) -> None:
    for mechanism in MECHANISMS:
        with stack.dovecot.imap() as imap:
            assert not sasl.imap_sign_in(imap, mechanism, ANNA, PASSWORD)


def test_a_new_password_is_the_only_one_for_every_mechanism(stack: MailStack) -> None:
    stack.panel.manage("mailbox", "password", LATE, "--password-stdin", stdin=OTHER)
    for mechanism in MECHANISMS:
        assert signs_in(stack, "pop3", mechanism, LATE, OTHER)
        assert not signs_in(stack, "pop3", mechanism, LATE, PASSWORD)


def test_dovecot_may_read_what_it_asks_for(stack: MailStack) -> None:
    assert signs_in(stack, "imap", "SCRAM-SHA-256", ANNA)
    log = stack.dovecot.log().lower()
    assert not any(word in log for word in ("denied", "permission", "illegal mix"))


def test_no_password_is_kept_as_it_was_typed(stack: MailStack) -> None:
    rows = stack.sql("SELECT mechanism, secret, made_for FROM mailadmin_credential")
    assert {row[0] for row in rows} == set(CHALLENGES)
    assert not any(PASSWORD in text or OTHER in text for row in rows for text in row)
