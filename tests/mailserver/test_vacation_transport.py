"""Vacation replies by the program that real Postfix starts, as `mailconfig` sets it up for the way `transport`.

Dovecot only delivers here; the settings of a vacation go the way of the panel.
"""

import smtplib
import stat
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.vacation_pl import VacationScript
from tests.mailserver.replies import AUTOREPLY, entry, replies_to
from tests.mailserver.vacation_cases import ALIAS, ALIAS_DOMAIN, CASES, COLLEAGUE, DOMAIN, USER
from tests.servers.ca import CertificateAuthority
from tests.servers.mailstack import MailStack, letter
from tests.servers.mariadb import MariaDB
from tests.servers.processes import complete, wait_until
from tests.servers.sink import Sink

# The program itself is tried on every database without Postfix.
pytestmark = pytest.mark.mysql

OTHER = f"carla@{DOMAIN}"
PASSWORD = "correct horse battery"
BODY = 'Dear "sender",\n.\n..\nback \\ soon ${hex:22} äöü 😀\n'
WORLD = f"""
from aliases.services import create_alias
from domains.services import create_domain
from domains.alias_domains import create_alias_domain
from mailadmin.core.actor import Actor
from mailboxes.services import create_mailbox
from mailboxes.vacation import set_vacation
me = Actor.cli()
for name in ({DOMAIN!r}, {ALIAS_DOMAIN!r}):
    create_domain(me, domain=name)
create_alias_domain(me, alias_domain={ALIAS_DOMAIN!r}, target_domain={DOMAIN!r})
for local_part, name in (("anna", "Anna Müller"), ("bert", ""), ("carla", "")):
    create_mailbox(me, local_part=local_part, domain={DOMAIN!r}, password={PASSWORD!r}, name=name)
create_alias(me, address={ALIAS!r}, targets=[{USER!r}])
set_vacation(me, username={USER!r}, active=True, subject="Away 😀", body={BODY!r}, interval_time=1)
"""


@pytest.fixture(scope="module")
def stack(mariadb: MariaDB, running_sink: Sink, ca: CertificateAuthority) -> Iterator[MailStack]:
    settings = {"MAILADMIN_VACATION": "transport", "MAILADMIN_VACATION_DOMAIN": AUTOREPLY}
    server = MailStack(mariadb, running_sink, ca, settings=settings)
    with server:
        server.panel.manage("shell", "-c", WORLD)
        yield server


def settle(stack: MailStack, seconds: float = 60) -> None:
    """Wait until Postfix has nothing left to do."""
    wait_until(lambda: not stack.postfix.queue().strip(), "an empty queue", seconds)


def set_vacation(stack: MailStack, user: str, **values: object) -> None:
    command = (
        "from mailadmin.core.actor import Actor\nfrom mailboxes.vacation import set_vacation\n"
        f"values = dict(active=True, subject='Away', body='Back soon') | {values!r}\n"
        f"set_vacation(Actor.cli(), username={user!r}, **values)"
    )
    stack.panel.manage("shell", "-c", command)


def goto(stack: MailStack, user: str) -> str:
    return str(stack.sql(f"SELECT goto FROM alias WHERE address = '{user}'")[0][0])


def test_the_cases(stack: MailStack, sink: Sink) -> None:
    cases = [case for case in CASES if "transport" in case.ways]
    with stack.postfix.client() as client:
        for case in cases:
            client.sendmail(case.sender, case.recipient, case.message())
    settle(stack, 120)
    local = (DOMAIN, ALIAS_DOMAIN)
    wanted = Counter(case.sender for case in cases if case.answered and not case.sender.endswith(local))
    answered = Counter(received.recipients[0] for received in sink.messages)
    assert answered == wanted
    # Those in the domain get theirs here.
    subjects = Counter(stack.subjects(COLLEAGUE))
    assert sum(count for subject, count in subjects.items() if "utf-8" in subject.lower() or "Away" in subject) == 2
    # Everybody's message arrived as well.
    assert len(stack.subjects(USER)) >= len(cases)
    assert {received.sender.strip("<>") for received in sink.messages} == {""}


def test_the_reply_as_it_arrives(stack: MailStack, sink: Sink) -> None:
    message = letter("A big one", sender="big@out.example", to=USER, text="x" * 70 + "\n")
    message["Message-ID"] = "<big@out.example>"
    message.add_attachment(b"\0" * 4_000_000, maintype="application", subtype="octet-stream")
    stack.deliver("big@out.example", USER, message)
    reply = sink.wait_for(lambda mail: mail.recipients == ("big@out.example",)).message
    assert str(reply["From"]) == f"Anna Müller <{USER}>"
    assert (str(reply["Subject"]), reply["In-Reply-To"]) == ("Away 😀", "<big@out.example>")
    assert str(reply.get_content()).replace("\r\n", "\n") == BODY
    settle(stack)


def test_nobody_writes_to_an_entry_himself(stack: MailStack, sink: Sink) -> None:
    refused = stack_refusal(stack, "stranger@out.example", entry(USER))
    assert refused in (550, 554)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        stack.submit(COLLEAGUE, PASSWORD, letter("x", sender=COLLEAGUE, to=USER), to=entry(USER))
    assert [code for code, _text in refusal.value.recipients.values()] == [550]
    assert sink.messages == []


def stack_refusal(stack: MailStack, sender: str, recipient: str) -> int:
    with stack.postfix.client() as client:
        client.helo()
        client.mail(sender)
        return client.rcpt(recipient)[0]


def test_the_settings_are_for_the_program_alone(stack: MailStack) -> None:
    path = Path(stack.config / "postfix/vacation/vacation.conf")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert (path.owner(), path.group()) == ("root", "nogroup")
    assert "vacation-secret" in path.read_text()
    assert list((stack.config / "postfix/vacation/mailadmin/responder/__pycache__").glob("run.*.pyc"))


def test_two_on_vacation_write_to_each_other(stack: MailStack, sink: Sink) -> None:
    set_vacation(stack, OTHER, subject="Carla away", body="Later")
    assert goto(stack, OTHER) == f"{OTHER},{entry(OTHER)}"
    before = len(stack.subjects(USER))
    for sender, recipient in ((USER, OTHER), (OTHER, USER)):
        stack.deliver(sender, recipient, letter(f"from {sender}", sender=sender, to=recipient))
    stack.wait_for_mail(USER, "Carla away")
    settle(stack)
    time.sleep(5)
    assert not stack.postfix.queue().strip()
    assert sorted(stack.subjects(USER)[before:]) == ["Carla away", f"from {OTHER}"]
    assert len(stack.subjects(OTHER)) == 2
    assert sink.messages == []


def test_what_cannot_be_sent_waits_and_nobody_gets_a_bounce(stack: MailStack, sink: Sink) -> None:
    path = Path(stack.config / "postfix/vacation/vacation.conf")
    good = path.read_text()
    for number, broken in enumerate(
        (good.replace("submission = ", "submission = 127.0.0.1:1 # "), good.replace("user = ", "user = no_"))
    ):
        sender = f"waits{number}@out.example"
        path.write_text(broken)
        stack.deliver(sender, USER, letter("waits", sender=sender, to=USER))
        wait_until(lambda: '"deferred"' in stack.postfix.queue(), "a deferred message", 20)
        assert replies_to(sink, sender) == []
        path.write_text(good)
        stack.postfix.flush()
        wait_until(lambda sender=sender: bool(replies_to(sink, sender)), "the reply", 20)  # type: ignore[misc]
        settle(stack)
        assert len(replies_to(sink, sender)) == 1
    assert all(received.recipients[0].startswith("waits") for received in sink.messages)


def test_the_end_takes_everything_away(stack: MailStack, sink: Sink) -> None:
    set_vacation(stack, OTHER)
    stack.sql(f"UPDATE vacation SET activeuntil = NOW() - INTERVAL 1 MINUTE WHERE email = '{OTHER}'")
    stack.deliver("late@out.example", OTHER, letter("late", sender="late@out.example", to=OTHER))
    stack.wait_for_mail(OTHER, "late")
    assert "removed: 1" in stack.panel.manage("vacation_expire")
    assert goto(stack, OTHER) == OTHER
    stack.deliver("later@out.example", OTHER, letter("later", sender="later@out.example", to=OTHER))
    stack.wait_for_mail(OTHER, "later")
    settle(stack)
    assert sink.messages == []


def test_postfixadmins_script_answers_by_the_same_rows(stack: MailStack, sink: Sink) -> None:
    set_vacation(stack, USER, subject="Für beide", body="Zurück am Montag")
    script = VacationScript(
        port=stack.database.port,  # type: ignore[union-attr]
        database=stack.name,
        domain=AUTOREPLY,
        smtp_port=stack.postfix.inject_port,
    )
    # What pipe(8) hands over is what our own alias row leads to.
    [recipient] = [target for target in goto(stack, USER).split(",") if target.endswith(AUTOREPLY)]
    message = letter("Hallo", sender="peer@out.example", to=USER)
    message["Message-ID"] = "<peer@out.example>"
    for _ in range(2):
        script.answer("peer@out.example", recipient, message.as_bytes())
    reply = sink.wait_for(lambda mail: mail.recipients == ("peer@out.example",))
    assert reply.subject == "Für beide"
    assert "Zurück am Montag" in str(reply.message.get_content())
    # Ours knows whom the other answered.
    stack.deliver("peer@out.example", USER, message)
    settle(stack)
    assert len(replies_to(sink, "peer@out.example")) == 1


def test_without_a_submission_host_sendmail_takes_the_reply(stack: MailStack, sink: Sink) -> None:
    """Run by hand, because only root may tell sendmail of a private configuration."""
    program = stack.config / "postfix/vacation"
    sendmail = program / "sendmail"
    sendmail.write_text(f'#!/bin/sh\nexec /usr/sbin/sendmail -C {stack.postfix.config} "$@"\n')
    sendmail.chmod(0o755)
    conf = program / "sendmail.conf"
    lines = (program / "vacation.conf").read_text().splitlines()
    kept = [line for line in lines if not line.startswith(("submission", "sendmail"))]
    conf.write_text("\n".join([*kept, "submission =", f"sendmail = {sendmail}", ""]))
    set_vacation(stack, USER, body=BODY)
    sender = "by.sendmail@out.example"
    command = ["/usr/bin/python3", "-I", "-S", str(program / "respond"), str(conf), sender, entry(USER)]
    done = complete(command, stdin=letter("x", sender=sender, to=USER).as_string())
    assert done.returncode == 0, done.stderr
    reply = sink.wait_for(lambda mail: mail.recipients == (sender,))
    assert reply.sender.strip("<>") == ""
    assert str(reply.message.get_content()).replace("\r\n", "\n").rstrip() == BODY.rstrip()


def test_with_sieve_an_entry_is_discarded_and_nothing_bounces(stack: MailStack, sink: Sink) -> None:
    """What `mailconfig` finds in the aliases, Postfix discards, so that nobody hears of a domain that is not there."""
    set_vacation(stack, USER)
    before = dict(stack.panel.env)
    stack.panel.env |= {"MAILADMIN_VACATION": "sieve", "MAILADMIN_VACATION_DOMAIN": ""}
    other = stack.config.with_name("sieve")
    stack.panel.manage("mailconfig", "--output", str(other))
    stack.panel.env = before
    stack.postfix.source = other / "postfix"
    stack.postfix.write()
    stack.postfix.reload()
    assert f"{AUTOREPLY} = discard:" in stack.postfix.postconf("transport_maps")
    stack.deliver("last@out.example", USER, letter("the last", sender="last@out.example", to=USER))
    stack.wait_for_mail(USER, "the last")
    settle(stack)
    assert sink.messages == []
    assert "status=sent (Sieve replies)" in stack.postfix.log()
