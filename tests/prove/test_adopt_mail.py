"""Real Postfix and Dovecot on an adopted latin1 database, asked for what its columns cannot hold."""

import imaplib
from collections.abc import Iterator

import pytest

from mailadmin.core.passwords import hash_password
from tests.adopt import old_databases
from tests.servers.ca import CertificateAuthority
from tests.servers.mailstack import MailStack, letter
from tests.servers.mariadb import MariaDB
from tests.servers.processes import HOST
from tests.servers.sink import Sink

STRANGE = ["usér@old.example", "字@old.example", "😀@old.example", "m1@öld.example", "m1@😀.example"]
ANNA = "anna@old.example"
AWAY = " VALUES (%s, 'Grüße', 'Bis später', '', 'old.example', '2001-01-01 00:00:00', '2037-01-01 00:00:00')"


class Adopted(MailStack):
    """A mail server whose database was PostfixAdmin's, taken over with the rights that `mailconfig --grants` prints."""

    def _make_database(self) -> None:
        old_databases.make(self.database, self.name, "3.3")

    def _make_tables(self) -> None:
        self.panel.manage("adopt", "--apply")


@pytest.fixture(scope="module")
def stack(mariadb: MariaDB, running_sink: Sink, ca: CertificateAuthority) -> Iterator[Adopted]:
    with Adopted(mariadb, running_sink, ca) as server:
        password = hash_password("secret", "MD5-CRYPT:bare")
        server.sql(
            "INSERT INTO mailbox (username, password, name, maildir, local_part, domain)"
            f" VALUES ('{ANNA}', '{password}', 'Anna', 'old.example/anna/', 'anna', 'old.example')"
        )
        yield server


def test_mail_and_sign_in_go_on(stack: Adopted) -> None:
    stack.deliver("stranger@out.example", ANNA, letter("after", to=ANNA))
    stack.wait_for_mail(ANNA, "after")
    stack.imap(ANNA, "secret").logout()
    assert stack.submit(ANNA, "secret", letter("sent", sender=ANNA, to="x@out.example")) == {}


@pytest.mark.parametrize("address", STRANGE)
def test_letters_that_no_column_holds_are_refused_for_good(stack: Adopted, address: str) -> None:
    with stack.postfix.client() as client:
        client.command_encoding = "utf-8"
        client.ehlo()
        client.docmd("MAIL", "FROM:<stranger@out.example>")
        code, answer = client.docmd("RCPT", f"TO:<{address}>")
        assert 500 <= code < 600, (code, answer)
    imap = imaplib.IMAP4_SSL(HOST, stack.dovecot.imaps_port, ssl_context=stack.ca.context(), timeout=30)
    imap._encoding = "utf-8"  # type: ignore[attr-defined]
    with pytest.raises(imaplib.IMAP4.error, match=r"(?i)authentication"):
        imap.authenticate("PLAIN", lambda _challenge: f"\0{address}\0secret".encode())


def test_a_vacation_of_the_old_panel_is_answered(stack: Adopted) -> None:
    """Its table has other letters than ours: the script is made of both."""
    inside, outside = "desk@old.example", "friend@out.example"
    for statement, values in (
        ("DELETE FROM vacation WHERE email = %s", (ANNA,)),
        (
            "INSERT INTO vacation (email, subject, body, cache, domain, activefrom, activeuntil)" + AWAY,
            (ANNA,),
        ),
        ("INSERT INTO mailadmin_vacation (email, inside_body) VALUES (%s, 'Für uns')", (ANNA,)),
        ("INSERT INTO alias (address, goto, domain) VALUES (%s, 'desk@out.example', 'old.example')", (inside,)),
    ):
        stack.database.sql(statement, values, database=stack.name)
    for sender, recipient, text in ((outside, outside, "Bis später"), (inside, "desk@out.example", "Für uns")):
        stack.deliver(sender, ANNA, letter("away?", sender=sender, to=ANNA))
        reply = stack.sink.wait_for(lambda mail, to=recipient: mail.recipients == (to,))  # type: ignore[misc]
        assert reply.subject == "Grüße" and text in str(reply.message.get_content())
