"""A vacation set in the table is answered by real Dovecot, once, and leaves nothing behind."""

import time
from collections.abc import Iterator

import pytest

from tests.mailserver.two_people import delete_two_people, write_two_people
from tests.servers.mailstack import MailStack, letter
from tests.servers.processes import wait_until

BODY = 'Dear "sender",\n.\nback \\ soon ${hex:22} äöü 😀\n'


@pytest.fixture(scope="module")
def stack(mailstack: MailStack) -> Iterator[MailStack]:
    people = {"user": "dora@vr.example", "colleague": "emil@vr.example", "alias": "desk@vr.example"}
    write_two_people(mailstack, "vr.example", "vrad.example", **people)
    yield mailstack
    delete_two_people(mailstack, "vr.example", "vrad.example")


def run(stack: MailStack, statement: str) -> None:
    stack.database.sql(statement, database=stack.name)


def set_vacation(stack: MailStack, user: str, subject: str, body: str, begin: int = -1, end: int = 1) -> None:
    """Write the row through the model, which stores moments as the server keeps them; `begin` and `end` in hours."""
    values = {"subject": subject, "body": body, "domain": "vr.example", "active": True}
    stack.panel.manage(
        "shell",
        "-c",
        "import datetime as dt\nfrom django.utils import timezone\nfrom mailboxes.models import Vacation\n"
        "now = timezone.now()\n"
        f"values = {values!r} | dict(modified=now, activefrom=now + dt.timedelta(hours={begin}),"
        f" activeuntil=now + dt.timedelta(hours={end}))\n"
        f"Vacation.objects.update_or_create(email={user!r}, defaults=values)",
    )


def replies(stack: MailStack, sender: str) -> list[str]:
    return [str(mail.message.get_content()) for mail in stack.sink.messages if mail.recipients == (sender,)]


def reply_to(stack: MailStack, sender: str) -> str:
    return str(stack.sink.wait_for(lambda mail: mail.recipients == (sender,)).message.get_content())


def write_to(stack: MailStack, recipient: str, sender: str, subject: str, user: str = "dora@vr.example") -> None:
    stack.deliver(sender, recipient, letter(subject, sender=sender, to=recipient))
    stack.wait_for_mail(user, subject)


def test_each_sender_is_answered_once(stack: MailStack) -> None:
    stack.sink.clear()
    set_vacation(stack, "dora@vr.example", 'Away "now"', BODY)
    write_to(stack, "dora@vr.example", "one@out.example", "v1")
    reply = stack.sink.wait_for(lambda mail: mail.recipients == ("one@out.example",))
    assert reply.sender in ("", "<>")
    assert reply.subject == 'Away "now"'
    assert str(reply.message["From"]) == "dora@vr.example"
    assert str(reply.message["Auto-Submitted"]).startswith("auto-replied")
    assert str(reply.message.get_content()).replace("\r\n", "\n").rstrip() == BODY.rstrip()
    write_to(stack, "dora@vr.example", "one@out.example", "v2")
    write_to(stack, "dora@vr.example", "two@out.example", "v3")
    stack.sink.wait_for(lambda mail: mail.recipients == ("two@out.example",))
    assert len(replies(stack, "one@out.example")) == 1


@pytest.mark.parametrize(
    "recipient", ["desk@vr.example", "dora@vrad.example", "desk@vrad.example", "dora+x@vr.example"]
)
def test_mail_to_aliases_is_answered(stack: MailStack, recipient: str) -> None:
    set_vacation(stack, "dora@vr.example", "Away", f"for {recipient}")
    sender = f"{recipient.replace('@', '.').replace('+', '.')}@out.example"
    write_to(stack, recipient, sender, f"to {recipient}")
    assert f"for {recipient}" in reply_to(stack, sender)


def test_a_change_is_answered_with_at_once_and_starts_anew(stack: MailStack) -> None:
    stack.sink.clear()
    for number in (1, 2, 3):
        set_vacation(stack, "dora@vr.example", "Away", f"version {number}")
        write_to(stack, "dora@vr.example", f"change{number}@out.example", f"change {number}")
        assert f"version {number}" in reply_to(stack, f"change{number}@out.example")


def test_people_inside_read_another_text(stack: MailStack) -> None:
    """The envelope decides, for it is where the reply goes: a From of the domain tells a stranger nothing."""
    set_vacation(stack, "dora@vr.example", "Away", "for strangers")
    run(stack, "INSERT INTO mailadmin_vacation (email, inside_body) VALUES ('dora@vr.example', 'for colleagues')")
    stack.sink.clear()
    for sender in ("emil@vr.example", "Emil@VRAD.example"):
        write_to(stack, "dora@vr.example", sender, f"inside {sender}")
    forged = letter("inside forged", sender="emil@vr.example", to="dora@vr.example")
    stack.deliver("forger@out.example", "dora@vr.example", forged)
    assert "for strangers" in reply_to(stack, "forger@out.example")
    stack.wait_for_mail("emil@vr.example", "Away")
    texts = bodies(stack, "emil@vr.example", "Away")
    assert texts and all("for colleagues" in text and "strangers" not in text for text in texts)
    run(stack, "DELETE FROM mailadmin_vacation WHERE email = 'dora@vr.example'")


def bodies(stack: MailStack, user: str, subject: str) -> list[str]:
    query = ("mailbox", "INBOX", "HEADER", "Subject", subject, "HEADER", "Auto-Submitted", "auto-replied")
    return stack.dovecot.doveadm("fetch", "-u", user, "body", *query).split("body:\n")[1:]


def test_every_message_is_answered_where_that_is_wished(stack: MailStack) -> None:
    set_vacation(stack, "dora@vr.example", "Away", "each time")
    run(stack, "UPDATE vacation SET interval_time = 1 WHERE email = 'dora@vr.example'")
    stack.sink.clear()
    for number in (1, 2, 3):
        write_to(stack, "dora@vr.example", "often@out.example", f"each {number}")
    wait_until(lambda: len(replies(stack, "often@out.example")) == 3, "three replies", 15)
    run(stack, "UPDATE vacation SET interval_time = 0 WHERE email = 'dora@vr.example'")


@pytest.mark.mysql
def test_the_users_own_script_runs_too(stack: MailStack) -> None:
    set_vacation(stack, "dora@vr.example", "Away", "with a script")
    own = 'require "fileinto"; if header :contains "subject" "file me" { fileinto "Drafts"; } else { discard; }'
    stack.dovecot.doveadm("sieve", "put", "-a", "-u", "dora@vr.example", "own", stdin=own)
    try:
        for name, subject in (("filed", "file me"), ("discarded", "drop me")):
            sender = f"{name}@out.example"
            stack.deliver(sender, "dora@vr.example", letter(subject, sender=sender, to="dora@vr.example"))
            assert "with a script" in reply_to(stack, sender)
        stack.wait_for_mail("dora@vr.example", "file me", folder="Drafts")
        assert "drop me" not in stack.subjects("dora@vr.example")
    finally:
        stack.dovecot.doveadm("sieve", "deactivate", "-u", "dora@vr.example")


def test_after_the_end_nothing_is_left(stack: MailStack) -> None:
    set_vacation(stack, "dora@vr.example", "Away", "until then")
    write_to(stack, "dora@vr.example", "before@out.example", "before the end")
    assert "until then" in reply_to(stack, "before@out.example")
    run(stack, "UPDATE vacation SET activeuntil = '2002-01-01 00:00:00' WHERE email = 'dora@vr.example'")
    assert "sieve_before" not in stack.dovecot.doveadm("user", "dora@vr.example")
    write_to(stack, "dora@vr.example", "after@out.example", "after the end")
    wait_until(lambda: not stack.postfix.queue(), "an empty queue", 15)
    assert replies(stack, "after@out.example") == []


@pytest.mark.mysql
def test_two_vacations_do_not_answer_each_other(stack: MailStack) -> None:
    write_to_each_other(stack, seconds=5)


def write_to_each_other(stack: MailStack, seconds: float) -> None:
    """Let two people who answer every message write to each other, and watch that there is one reply to each."""
    people = ("dora@vr.example", "emil@vr.example")
    for user in people:
        set_vacation(stack, user, f"Away {user} {seconds}", "each time")
        run(stack, f"UPDATE vacation SET interval_time = 1 WHERE email = '{user}'")
    for sender, recipient in (people, people[::-1]):
        write_to(stack, recipient, sender, f"to each other {seconds}", recipient)
        stack.wait_for_mail(sender, f"Away {recipient} {seconds}")
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(min(1, seconds))
        assert [len(bodies(stack, user, f"{seconds}")) for user in people] == [1, 1]
    run(stack, "DELETE FROM vacation WHERE email = 'emil@vr.example'")


@pytest.mark.parametrize(("begin", "end"), [(1, 2), (-2, -1)])
def test_outside_the_window_mail_is_just_delivered(stack: MailStack, begin: int, end: int) -> None:
    stack.sink.clear()
    set_vacation(stack, "emil@vr.example", "Away", "no", begin, end)
    write_to(stack, "emil@vr.example", "late@out.example", f"window {begin}", "emil@vr.example")
    assert replies(stack, "late@out.example") == []
    assert "Error" not in "".join(line for line in stack.dovecot.log().splitlines() if "emil@" in line)


def test_dovecot_reads_no_more_than_it_may(stack: MailStack) -> None:
    assert "denied" not in stack.dovecot.log() and "permission" not in stack.dovecot.log().lower()
