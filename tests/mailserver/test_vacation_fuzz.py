"""Whatever a vacation says, real Dovecot answers with exactly that."""

import email.policy
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.mailserver.conftest import statements
from tests.mailserver.vacation_texts import BODIES, SUBJECTS
from tests.servers.mailstack import MailStack
from tests.servers.processes import run
from tests.servers.sink import Received

pytestmark = pytest.mark.mysql

USER = "o''neil&sons=a_b.c-d@vf.example"
ROWS = f"""
INSERT INTO domain (domain, description, transport) VALUES ('vf.example', '', 'virtual');
INSERT INTO mailbox (username, password, name, maildir, local_part, domain) VALUES
 ('{USER}', '{{PLAIN}}secret', '', 'vf/oneil/', '{USER.split("@")[0]}', 'vf.example');
INSERT INTO alias (address, goto, domain) VALUES ('{USER}', '{USER}', 'vf.example'),
 ('inside@vf.example', 'inside@out.example', 'vf.example'), ('fuzz@vf.example', '{USER}', 'vf.example');
INSERT INTO mailadmin_alias_target (target, address, target_domain) VALUES ('{USER}', 'fuzz@vf.example', 'vf.example');
INSERT INTO vacation (email, subject, body, domain, activefrom, interval_time) VALUES
 ('{USER}', 'Away', 'Back on Monday', 'vf.example', '2001-01-01 00:00:00', 1);
INSERT INTO mailadmin_vacation (email, inside_body) VALUES ('{USER}', 'Hello')
"""
ADDRESS = USER.replace("''", "'")
HEADERS = {
    *("Received", "X-Sieve", "Message-ID", "Date", "From", "To", "Subject", "In-Reply-To", "References"),
    *("Auto-Submitted", "Precedence", "X-Auto-Response-Suppress"),
    *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
}
LOCAL_PARTS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="@"), min_size=1, max_size=40
)
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def fuzzed(mailstack: MailStack) -> Iterator[MailStack]:
    for statement in statements(ROWS):
        run_sql(mailstack, statement)
    yield mailstack
    for table in ("vacation", "alias", "mailbox", "domain"):
        run_sql(mailstack, f"DELETE FROM {table} WHERE domain = 'vf.example'")
    run_sql(mailstack, "DELETE FROM mailadmin_alias_target WHERE target_domain = 'vf.example'")
    run_sql(mailstack, f"DELETE FROM mailadmin_vacation WHERE email = '{USER}'")


def run_sql(stack: MailStack, statement: str, *parameters: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = stack.database.sql(statement, parameters, database=stack.name)
    return found


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SUBJECTS, BODIES.filter(bool), BODIES.filter(bool), LOCAL_PARTS)
def test_the_reply_is_the_text(fuzzed: MailStack, subject: str, body: str, inside_body: str, local_part: str) -> None:
    reply_is_the_text(fuzzed, subject, body, inside_body, local_part)


def reply_is_the_text(stack: MailStack, subject: str, body: str, inside_body: str, local_part: str) -> None:
    """Set a vacation, write as a stranger and as somebody inside, and compare both replies with the texts."""
    run_sql(
        stack, "UPDATE alias SET address = %s WHERE goto = %s AND address <> goto", f"{local_part}@vf.example", ADDRESS
    )
    run_sql(
        stack, "UPDATE mailadmin_alias_target SET address = %s WHERE target = %s", f"{local_part}@vf.example", ADDRESS
    )
    run_sql(stack, "UPDATE vacation SET subject = %s, body = %s WHERE email = %s", subject, body, ADDRESS)
    run_sql(stack, "UPDATE mailadmin_vacation SET inside_body = %s WHERE email = %s", inside_body, ADDRESS)
    compiles(stack)
    number = next(numbers)
    for sender, recipient, text in (
        (f"stranger{number}@out.example", f"stranger{number}@out.example", body),
        ("inside@vf.example", "inside@out.example", inside_body),
    ):
        stack.sink.clear()
        with stack.dovecot.lmtp() as client:
            client.sendmail(sender, [ADDRESS], f"From: <{sender}>\r\nTo: <{ADDRESS}>\r\nSubject: s\r\n\r\nHello\r\n")
        reply = stack.sink.wait_for(lambda mail, to=recipient: mail.recipients == (to,))  # type: ignore[misc]
        check(reply, subject, text)


def compiles(stack: MailStack) -> None:
    """Check that Pigeonhole's compiler takes the script as it is in the view."""
    [(script,)] = run_sql(stack, "SELECT script_data FROM mailadmin_vacation_text WHERE username = %s", ADDRESS)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "vacation.sieve"
        path.write_text(script)
        run(["sievec", "-c", stack.dovecot.conf, path, path.with_suffix(".svbin")])


def check(reply: Received, subject: str, text: str) -> None:
    message = email.message_from_bytes(reply.content, policy=email.policy.default)
    assert set(message.keys()) <= HEADERS
    assert len(message.get_all("To", [])) == 1 and str(message["From"]) == ADDRESS
    if subject:
        assert " ".join(str(message["Subject"]).split()) == " ".join(subject.split())
    assert message.get_content().replace("\r\n", "\n").rstrip() == text.rstrip()
