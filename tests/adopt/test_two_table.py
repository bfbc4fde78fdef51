"""A two-table server runs, is imported, and its users sign in to ours with the passwords and the mail they had."""

import imaplib
import os
import poplib
import re
import smtplib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from tests.adopt.document_a import MAIL_ID, OldServer, Tables
from tests.servers.ca import CertificateAuthority
from tests.servers.mailstack import MailStack, letter
from tests.servers.mariadb import MariaDB
from tests.servers.processes import HOST, wait_until
from tests.servers.sasl import MECHANISMS, imap_sign_in, pop3_sign_in, smtp_sign_in
from tests.servers.sink import Sink

# The import itself is tried on every database (test_two_table_report), the mechanisms too (tests/mailserver).
pytestmark = pytest.mark.mysql

KEY = "a key of more than sixteen bytes"
PEOPLE = {"anna@two.example": "short", "berta@two.example": "pässwörd mit Leerzeichen"}
OFF = ("off@two.example", "secret of off")
CHALLENGES = ("CRAM-MD5", "DIGEST-MD5")


@dataclass
class Moved:
    """The old server, stopped, and ours in its place; what the old one said of anna's mail."""

    old: OldServer
    new: MailStack
    uidls: list[bytes]
    report: str


@pytest.fixture(scope="module")
def old(mariadb: MariaDB, running_sink: Sink) -> Iterator[OldServer]:
    tables = Tables(mariadb, "document_a", KEY)
    for address, password in PEOPLE.items():
        tables.user(address, password, admin=address.startswith("anna"))
    tables.user(*OFF, active=False)
    tables.alias("info@two.example", *PEOPLE)
    tables.alias("berta@two.example", "berta@two.example", "copy@out.example")
    with OldServer(tables, running_sink) as server:
        yield server


def test_the_old_server_takes_challenges(old: OldServer) -> None:
    for address, password in PEOPLE.items():
        for mechanism in CHALLENGES:
            with old.imap() as imap:
                assert imap_sign_in(imap, mechanism, address, password), old.dovecot.log()
            with closing(old.pop3()) as pop3:
                assert pop3_sign_in(pop3, mechanism, address, password), old.dovecot.log()
            with old.smtp() as smtp:
                assert smtp_sign_in(smtp, mechanism, address, password), old.postfix.log()
    for mechanism in ("PLAIN", *CHALLENGES):
        with old.imap() as imap:
            assert not imap_sign_in(imap, mechanism, "anna@two.example", "Short")
        with old.imap() as imap:
            assert not imap_sign_in(imap, mechanism, *OFF)


@pytest.fixture(scope="module")
def moved(old: OldServer, database_server: MariaDB, running_sink: Sink, ca: CertificateAuthority) -> Iterator[Moved]:
    """Mail comes to the old server, which then makes room for ours, on the same directory."""
    with old.smtp() as smtp:
        smtp.send_message(letter("before"), "bob@out.example", ["info@two.example"])
    for address in PEOPLE:
        wait_until(lambda: len(old.files_of(address)) == 1, f"mail of {address}")  # noqa: B023
    with closing(old.pop3()) as pop3:
        pop3_sign_in(pop3, "CRAM-MD5", "anna@two.example", PEOPLE["anna@two.example"])
        uidls = pop3.uidl()[1]
    old.stop()
    if os.geteuid() != 0:
        pytest.fail("Postfix and Dovecot with several users need root")
    settings = {
        "MAILADMIN_MAIL_BASE": str(old.mail_dir),
        "MAILADMIN_MAIL_LOCATION": "maildir:~",
        "MAILADMIN_VMAIL_UID": str(MAIL_ID),
        "MAILADMIN_VMAIL_GID": str(MAIL_ID),
        "MAILADMIN_CHALLENGE_MECHANISMS": "SCRAM-SHA-256,CRAM-MD5,DIGEST-MD5",
    }
    with MailStack(database_server, running_sink, ca, settings=settings) as new:
        command = ["import_two_table", "--from", old.tables.url, "--key-stdin", "--challenge"]
        report = new.panel.manage(*command, stdin=f"{KEY}\n")
        assert new.sql("SELECT COUNT(*) FROM mailbox") == [(0,)], "looking writes nothing"
        digest = re.search("--apply ([0-9a-f]+)", report)
        assert digest
        report += new.panel.manage(*command, "--apply", digest[1], stdin=f"{KEY}\n")
        yield Moved(old, new, uidls, report)


def imap_client(new: MailStack) -> imaplib.IMAP4:
    return imaplib.IMAP4_SSL(HOST, new.dovecot.imaps_port, ssl_context=new.ca.context(), timeout=30)


def pop3_client(new: MailStack) -> poplib.POP3:
    return poplib.POP3_SSL(HOST, new.dovecot.pop3s_port, context=new.ca.context(), timeout=30)


def smtp_client(new: MailStack) -> smtplib.SMTP:
    client = smtplib.SMTP(HOST, new.postfix.submission_port, local_hostname="client.out.example", timeout=30)
    client.starttls(context=new.ca.context())
    return client


def by_imap(new: MailStack, mechanism: str, user: str, password: str) -> bool:
    with imap_client(new) as client:
        return imap_sign_in(client, mechanism, user, password)


def by_pop3(new: MailStack, mechanism: str, user: str, password: str) -> bool:
    with closing(pop3_client(new)) as client:
        return pop3_sign_in(client, mechanism, user, password)


def by_smtp(new: MailStack, mechanism: str, user: str, password: str) -> bool:
    with smtp_client(new) as client:
        return smtp_sign_in(client, mechanism, user, password)


WAYS = {"imap": by_imap, "pop3": by_pop3, "smtp": by_smtp}


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("way", WAYS)
def test_the_same_passwords_sign_in(way: str, mechanism: str, moved: Moved) -> None:
    sign_in: Callable[[MailStack, str, str, str], bool] = WAYS[way]
    for address, password in PEOPLE.items():
        assert sign_in(moved.new, mechanism, address, password), moved.new.dovecot.log()[-2000:]
    assert not sign_in(moved.new, mechanism, "anna@two.example", "Short")
    assert not sign_in(moved.new, mechanism, *OFF)


def test_their_mail_is_where_it_was(moved: Moved) -> None:
    """Mail programs that leave mail on the server know it by the same names, so they fetch nothing twice."""
    new = moved.new
    assert new.subjects("anna@two.example") == ["before"]
    with closing(pop3_client(new)) as client:
        assert pop3_sign_in(client, "PLAIN", "anna@two.example", PEOPLE["anna@two.example"])
        assert client.uidl()[1] == moved.uidls
    assert dict(new.sql("SELECT username, maildir FROM mailbox")) == {
        address: f"{address}/" for address in (*PEOPLE, OFF[0])
    }


def test_mail_goes_the_same_ways(moved: Moved, sink: Sink) -> None:
    assert moved.new.deliver("bob@out.example", "info@two.example", letter("after")) == {}
    for address in PEOPLE:
        wait_until(lambda: "after" in moved.new.subjects(address), f"mail of {address}")  # noqa: B023
    assert len(moved.old.files_of("anna@two.example")) == 2, "in the directory of before"
    assert sink.wait_for(lambda message: message.subject == "after").recipients == ("copy@out.example",)


def test_the_admin_has_the_domain_and_the_password(moved: Moved) -> None:
    rows = moved.new.sql(
        "SELECT a.username, g.domain FROM admin a JOIN domain_admins g ON g.username = a.username"
        " JOIN mailbox m ON m.username = a.username AND m.password = a.password"
    )
    assert rows == [("anna@two.example", "two.example")]


def test_no_secret_is_told(moved: Moved) -> None:
    kept = repr(moved.new.sql("SELECT * FROM mailadmin_audit_event")) + repr(moved.new.sql("SELECT * FROM log"))
    for secret in (KEY, *PEOPLE.values(), OFF[1]):
        assert f" {secret}" not in moved.report and f"'{secret}'" not in moved.report
        assert secret not in kept or secret == "short"
