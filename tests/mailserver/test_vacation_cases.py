"""What is answered and what is not, message by message, through real Postfix and Dovecot."""

import re
from collections.abc import Iterator

import pytest

from tests.mailserver.two_people import delete_two_people, write_two_people
from tests.mailserver.vacation_cases import ALIAS, ALIAS_DOMAIN, CASES, COLLEAGUE, DOMAIN, USER
from tests.servers.mailstack import MailStack
from tests.servers.processes import wait_until

pytestmark = pytest.mark.mysql

HERE = [case for case in CASES if "sieve" in case.ways]


@pytest.fixture(scope="module")
def answered(mailstack: MailStack) -> Iterator[set[str]]:
    """What came back once all messages were sent in one session: recipients, and the messages that it was about."""
    write_two_people(mailstack, DOMAIN, ALIAS_DOMAIN, user=USER, colleague=COLLEAGUE, alias=ALIAS)
    mailstack.sql(
        "INSERT INTO vacation (email, subject, body, domain, activefrom, interval_time)"
        f" VALUES ('{USER}', 'Away', 'Back on Monday', '{DOMAIN}', '2001-01-01 00:00:00', 1)"
    )
    mailstack.sink.clear()
    refused: dict[str, tuple[int, bytes]] = {}
    with mailstack.postfix.client() as client:
        for case in HERE:
            refused |= client.sendmail(case.sender, case.recipient, case.message())
    assert refused == {}
    # A reply is handed over before its message counts as delivered, so with the queue empty nothing is on its way.
    wait_until(lambda: deliveries(mailstack) >= len(HERE) and not mailstack.postfix.queue(), "all delivered", 120)
    yield asked_about(mailstack) | {recipient for mail in mailstack.sink.messages for recipient in mail.recipients}
    delete_two_people(mailstack, DOMAIN, ALIAS_DOMAIN)


def deliveries(stack: MailStack) -> int:
    return len(re.findall(rf"lmtp\({USER}\).*: (?:saved|stored) mail", stack.dovecot.log()))


def asked_about(stack: MailStack) -> set[str]:
    """Return the messages that replies are about, those to the outside and those to people here."""
    outside = [str(mail.message["In-Reply-To"]) for mail in stack.sink.messages]
    here = [
        line.partition(":")[2]
        for user in (USER, COLLEAGUE)
        for line in stack.dovecot.doveadm(
            "fetch", "-u", user, "hdr.in-reply-to", "mailbox", "INBOX", "all"
        ).splitlines()
    ]
    return {text.strip() for text in (*outside, *here)} - {""}


def test_there_are_enough_cases() -> None:
    assert sum(not case.answered for case in HERE) >= 40
    assert sum(case.answered for case in HERE) >= 10


def test_each_message_is_answered_or_not(answered: set[str]) -> None:
    wrong = [
        f"{case.name}: {'not ' if case.answered else ''}answered"
        for case in HERE
        if ({case.message_id, case.sender} & answered != set()) != case.answered
    ]
    assert wrong == []
