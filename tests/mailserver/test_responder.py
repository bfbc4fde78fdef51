"""The program that Postfix starts for vacation replies, without Postfix: a real database as its user, and real SMTP."""

import _socket
import datetime as dt
import email
import email.policy
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aliases.models import Alias
from domains.models import AliasDomain, Domain
from mailadmin.core.automatic_mail import ROBOTS
from mailadmin.mailserver import conf, grants
from mailadmin.responder import headers
from mailadmin.responder.answering import mailbox_of
from mailadmin.responder.clients import connect
from mailadmin.responder.errors import TryLater
from mailadmin.responder.reply import compose
from mailadmin.responder.sending import send
from mailadmin.responder.vacations import Vacations
from mailboxes.models import Mailbox, Vacation, VacationMore, VacationNotification
from tests.mailserver.conftest import MAIL_SETTINGS
from tests.mailserver.replies import AUTOREPLY, answer_message, config_for, entry, replies_to
from tests.mailserver.vacation_cases import ALIAS, ALIAS_DOMAIN, CASES, COLLEAGUE, DOMAIN, USER, Case
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.processes import complete
from tests.servers.sink import Sink
from tests.servers.sqlite import SQLite

SETTINGS = MAIL_SETTINGS | {
    "MAILADMIN_VACATION": "transport",
    "MAILADMIN_VACATION_DOMAIN": AUTOREPLY,
    "MAILADMIN_VACATION_DB_USER": "lookup_vacation",
    "MAILADMIN_VACATION_DB_PASSWORD": "vacation-reads",
}
DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def database(
    django_db_setup: None, django_db_blocker: Any, database_server: MariaDB | Postgres | SQLite
) -> Iterator[dict[str, str]]:
    """The world of the cases, committed; the database user of the program, with the rights that we print."""
    with django_db_blocker.unblock(), override_settings(**SETTINGS):
        populate()
        user = {}
        if not isinstance(database_server, SQLite):
            server = conf.load()
            wanted = conf.database(server)
            lines = grants.statements(server, wanted, "nobody_else")
            mine = [line for line in lines if "lookup_vacation" in line]
            database_server.load(wanted.name, "\n".join(mine))
            user = {"user": "lookup_vacation", "password": "vacation-reads"}
        yield user
        for model in (VacationNotification, VacationMore, Vacation, Alias, Mailbox, AliasDomain, Domain):
            model.objects.all().delete()


def populate() -> None:
    Domain.objects.bulk_create(Domain(domain=name, description="") for name in (DOMAIN, ALIAS_DOMAIN))
    AliasDomain.objects.create(alias_domain=ALIAS_DOMAIN, target_domain=DOMAIN)
    for address in (USER, COLLEAGUE):
        Mailbox.objects.create(
            username=address,
            password="",
            name="",
            maildir=f"{address}/",
            local_part=address.partition("@")[0],
            domain=DOMAIN,
        )
        Alias.objects.create(address=address, goto=address, domain=DOMAIN)
    Alias.objects.create(address=ALIAS, goto=f"other@far.example, {USER.upper()}", domain=DOMAIN)


@pytest.fixture
def config(database: dict[str, str], sink: Sink) -> dict[str, str]:
    Alias.objects.filter(address=COLLEAGUE).update(goto=COLLEAGUE)
    Mailbox.objects.filter(username=USER).update(name="")
    VacationMore.objects.all().delete()
    away()
    return config_for(connection, sink, **database)


def away(**values: Any) -> None:
    """Set the vacation of USER, with nobody answered yet."""
    now = timezone.now().replace(microsecond=0)
    row = {"subject": "Away", "body": "Back soon", "domain": DOMAIN, "active": True, "interval_time": 1}
    row |= {"modified": now, "activefrom": now - DAY, "activeuntil": now + DAY}
    Vacation.objects.update_or_create(email=USER, defaults=row | values)
    VacationNotification.objects.all().delete()


def letter(sender: str = "one@out.example", to: str = USER, *fields: str) -> bytes:
    return "\n".join([f"From: {sender}", f"To: {to}", "Subject: Hello", *fields, "", "Text", ""]).encode()


def write(config: Mapping[str, str], sender: str = "one@out.example", *fields: str) -> str:
    return answer_message(config, sender, USER, letter(sender, USER, *fields))


@pytest.mark.parametrize("case", [case for case in CASES if "transport" in case.ways], ids=lambda case: case.name)
def test_the_cases(case: Case, config: dict[str, str], sink: Sink) -> None:
    done = answer_message(config, case.sender, USER, case.message())
    assert (done == "answered") == case.answered, done
    assert len(sink.messages) == case.answered
    if case.answered:
        [reply] = sink.messages
        assert (reply.sender.strip("<>"), reply.recipients) == ("", (case.sender,))
        assert reply.message["In-Reply-To"] == (None if case.name == "no Message-ID" else case.message_id)


def test_the_reply(config: dict[str, str], sink: Sink) -> None:
    Mailbox.objects.filter(username=USER).update(name='Anna "Nina" Müller')
    away(subject='Weg "bis" ${morgen} 😀', body="Dear \\ sender,\n.\n..\nFrom here\näöü 😀 ${hex:22}\n\n -- \nAnna\n")
    references = "References: <first@out.example>\n\t<second@out.example>"
    assert write(config, "one@out.example", "Message-ID: <third@out.example>", references) == "answered"
    [received] = sink.messages
    reply = received.message
    assert (received.sender.strip("<>"), received.recipients) == ("", ("one@out.example",))
    assert str(reply["From"]) == f'"Anna \\"Nina\\" Müller" <{USER}>' and str(reply["To"]) == "one@out.example"
    assert reply["From"].addresses[0].display_name == 'Anna "Nina" Müller'
    assert str(reply["Subject"]) == 'Weg "bis" ${morgen} 😀'
    assert reply["In-Reply-To"] == "<third@out.example>"
    assert reply["References"].split() == ["<first@out.example>", "<second@out.example>", "<third@out.example>"]
    assert reply["Auto-Submitted"] == "auto-replied (vacation)"
    assert (reply["Precedence"], reply["X-Auto-Response-Suppress"]) == ("bulk", "All")
    assert re.fullmatch(r"<[0-9a-f]{32}@mx\.test\.example>", reply["Message-ID"])
    assert abs(reply["Date"].datetime - timezone.now()) < dt.timedelta(minutes=1)
    assert text_of(received.content) == Vacation.objects.get(email=USER).body
    assert not reply.defects


def text_of(content: bytes) -> str:
    return str(email.message_from_bytes(content, policy=email.policy.default).get_content()).replace("\r\n", "\n")


def test_each_sender_is_answered_once(config: dict[str, str], sink: Sink) -> None:
    away(interval_time=0)
    assert write(config) == "answered"
    assert write(config, "ONE@Out.Example") == write(config) == "not answered: answered before"
    assert write(config, "two@out.example") == "answered"
    assert set(VacationNotification.objects.values_list("notified", flat=True)) == {
        "one@out.example",
        "two@out.example",
    }


def test_every_message_is_every_message(config: dict[str, str]) -> None:
    away(interval_time=1)
    assert [write(config) for _ in range(4)] == ["answered"] * 4


@pytest.mark.parametrize(("ago", "is_due"), [(3500, False), (3700, True)])
def test_the_interval(ago: int, is_due: bool, config: dict[str, str]) -> None:
    away(interval_time=3600)
    assert write(config) == "answered"
    moment = timezone.now().replace(microsecond=0) - dt.timedelta(seconds=ago)
    VacationNotification.objects.update(notified_at=moment)
    assert (write(config) == "answered") == is_due


def test_who_was_answered_before_the_beginning_is_answered_again(config: dict[str, str]) -> None:
    away(interval_time=0)
    assert write(config) == "answered"
    VacationNotification.objects.update(notified_at=timezone.now().replace(microsecond=0) - 2 * DAY)
    assert write(config) == "answered"


@pytest.mark.parametrize(
    "values",
    [{"active": False}, {"activefrom": timezone.now() + DAY}, {"activeuntil": timezone.now() - DAY / 2}],
    ids=["off", "to come", "over"],
)
def test_only_while_it_is_on(values: dict[str, Any], config: dict[str, str], sink: Sink) -> None:
    away(**values)
    assert write(config) == "not answered: no vacation now"
    assert sink.messages == []


def test_an_entry_that_outlived_its_vacation_is_nothing(config: dict[str, str]) -> None:
    Vacation.objects.filter(email=USER).delete()
    assert write(config) == "not answered: no vacation now"


@pytest.mark.parametrize(
    ("sender", "text"),
    [
        (COLLEAGUE, "For us"),
        (f"bert@{ALIAS_DOMAIN}", "For us"),
        (f"x@{DOMAIN}.far.example", "For all"),
        ("y@out.example", "For all"),
    ],
)
def test_another_text_within_the_domain(sender: str, text: str, config: dict[str, str], sink: Sink) -> None:
    away(body="For all")
    VacationMore.objects.create(email=USER, inside_body="For us")
    assert write(config, sender) == "answered"
    assert text_of(sink.messages[0].content) == f"{text}\n"


def test_a_colleague_who_sends_copies_is_somebody_else(config: dict[str, str]) -> None:
    Alias.objects.filter(address=COLLEAGUE).update(goto=f"{COLLEAGUE},{USER}")
    assert write(config, COLLEAGUE) == "answered"
    assert answer_message(config, "to.copy@out.example", USER, letter("to.copy@out.example", COLLEAGUE)) == "answered"


def test_a_reply_that_was_not_taken_is_sent_later(config: dict[str, str], sink: Sink) -> None:
    away(interval_time=0)
    sink.refuse["one@out.example"] = "452 4.2.2 Mailbox full"
    with pytest.raises(TryLater, match=r"452 4\.2\.2"):
        write(config)
    with pytest.raises(TryLater, match=r"127\.0\.0\.1:1: "):
        write(config | {"submission": "127.0.0.1:1"})
    with pytest.raises(TryLater, match="/bin/false ended with 1"):
        write(config | {"submission": "", "sendmail": "/bin/false"})
    del sink.refuse["one@out.example"]
    assert write(config) == "answered"
    assert write(config) == "not answered: answered before"


def test_a_sender_who_is_not_there_is_not_tried_again(config: dict[str, str], sink: Sink) -> None:
    """Spam often comes in the name of an address of ours that does not exist."""
    away(interval_time=0)
    sink.refuse["one@out.example"] = "550 5.1.1 Nobody of this name"
    assert write(config) == "not answered: the mail server says 550 5.1.1 Nobody of this name"
    # A server that would not have us relay can be set right.
    sink.refuse["one@out.example"] = "554 5.7.1 Relay access denied"
    with pytest.raises(TryLater, match=r"554 5\.7\.1"):
        write(config)
    del sink.refuse["one@out.example"]
    assert write(config) == "answered"


def test_without_a_database_it_comes_later(config: dict[str, str], tmp_path: Any) -> None:
    away_from = {"port": "1", "host": "127.0.0.1", "database": str(tmp_path / "no" / "such")}
    with pytest.raises(TryLater, match=r"^database: "):
        write(config | away_from)


@pytest.mark.mysql
def test_an_sqlite_file_that_is_missing_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "a%41 ?mode=rwc#b.sqlite3"
    with pytest.raises(TryLater, match=r"^database: "):
        connect({"engine": "sqlite", "database": str(path)})
    assert not list(tmp_path.iterdir())
    path.touch()
    with closing(connect({"engine": "sqlite", "database": str(path)})) as database:
        database.change("CREATE TABLE found (n integer)")
    assert path.stat().st_size and list(tmp_path.iterdir()) == [path]


@pytest.mark.mysql
@pytest.mark.parametrize(
    ("came", "status"),
    [
        (format_datetime(timezone.now() - DAY / 2), 75),
        (format_datetime(timezone.now() - 2 * DAY), 0),
        ("Fri, 1 Jan 99999 00:00:00 +0000", 75),
        ("some day", 75),
    ],
    ids=["half a day", "two days", "no day of a calendar", "no day"],
)
def test_what_cannot_be_answered_is_tried_for_a_day(came: str, status: int, tmp_path: Path) -> None:
    """The program as Postfix sees it: a status that would bounce the message is never among its answers."""
    config_file = tmp_path / "vacation.conf"
    config_file.write_text("engine = sqlite\ndatabase = /no/such/file\n")
    message = f"Received: from here by there; {came}\nFrom: one@out.example\nTo: {USER}\n\nText\n"
    start = "import os, sys; from mailadmin.responder.run import main; os._exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", start, str(config_file), "one@out.example", entry(USER)]
    done = complete(command, stdin=message)
    assert (done.returncode, done.stderr.startswith("database: ")) == (status, status == 75), done.stderr


def test_two_messages_at_once_are_answered_once(config: dict[str, str], sink: Sink) -> None:
    if connection.vendor == "sqlite":
        # Postfix starts one at a time there: main.cf says so.
        return
    away(interval_time=0)
    done: list[str] = []
    threads = [threading.Thread(target=lambda: done.append(write(config))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["answered", *["not answered: answered before"] * 7]
    assert len(replies_to(sink, "one@out.example")) == 1


def test_a_reply_that_fails_takes_nothing_from_one_that_waited(config: dict[str, str]) -> None:
    if connection.vendor == "sqlite":
        return
    away(interval_time=0)
    with closing(Vacations(config)) as first, closing(Vacations(config)) as second:
        vacation = first.find(USER)
        assert vacation is not None
        assert first.claim(USER, "one@out.example", vacation)

        def answer_too() -> None:
            if second.claim(USER, "one@out.example", vacation):
                second.keep()

        waiting = threading.Thread(target=answer_too)
        waiting.start()
        time.sleep(0.5)
        first.give_back()
        waiting.join()
        assert not first.claim(USER, "one@out.example", vacation)


def test_a_reply_that_was_taken_is_not_sent_again(
    config: dict[str, str], sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_vacations: Vacations) -> None:
        raise TryLater("database: gone")

    away(interval_time=0)
    monkeypatch.setattr(Vacations, "keep", fail)
    assert write(config) == "answered, but not written down: database: gone"
    assert len(sink.messages) == 1


def test_how_a_connection_ends_does_not_matter_once_the_reply_was_taken() -> None:
    """A server that goes as soon as it has taken the message, so that QUIT meets nobody; not each time."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=take_and_go, args=(server,), daemon=True).start()
        place = f"127.0.0.1:{server.getsockname()[1]}"
        for _ in range(50):
            send(b"Text\r\n", recipient="one@out.example", submission=place, sendmail="", hostname="mx.test.example")


def take_and_go(server: socket.socket) -> None:
    while True:
        connection, _place = server.accept()
        connection.sendall(b"220 here\r\n")
        for answer in (b"250 OK", b"250 OK", b"250 OK", b"354 go on", b"250 OK"):
            while not connection.recv(4096).endswith(b"\r\n"):
                pass
            connection.sendall(answer + b"\r\n")
        # Without a word more than TCP's reset.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


def test_all_addresses_of_the_mail_server_are_tried(
    config: dict[str, str], sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = _socket.getaddrinfo("127.0.0.1", sink.port, 0, _socket.SOCK_STREAM)
    nobody = (*places[0][:4], ("127.0.0.1", 1))
    monkeypatch.setattr(_socket, "getaddrinfo", lambda *_arguments: [nobody, *places])
    assert write(config) == "answered"
    monkeypatch.setattr(_socket, "getaddrinfo", lambda *_arguments: [nobody, nobody])
    with pytest.raises(TryLater, match="refused"):
        write(config)


@pytest.mark.mysql
@pytest.mark.parametrize(
    ("submission", "asked"),
    [("mx.example:587", ("mx.example", 587)), ("mx.example", ("mx.example", 25)), ("[::1]", ("::1", 25))],
)
def test_the_mail_server_may_be_named_without_a_port(
    submission: str, asked: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Any] = []

    def find(*arguments: Any) -> list[Any]:
        found.append(arguments[:2])
        return []

    monkeypatch.setattr(_socket, "getaddrinfo", find)
    with pytest.raises(TryLater, match="no address of"):
        send(b"Text\r\n", recipient="one@out.example", submission=submission, sendmail="", hostname="mx.test.example")
    assert found == [asked]


def test_it_may_read_and_write_no_more(config: dict[str, str]) -> None:
    if connection.vendor == "sqlite":
        return
    db = Vacations(config)._db
    for statement in (
        "SELECT password FROM mailbox",
        "SELECT cache FROM vacation",
        "SELECT username FROM admin",
        "SELECT id FROM mailadmin_audit_event",
        "UPDATE vacation SET active = active",
        "DELETE FROM vacation_notification",
    ):
        with pytest.raises(TryLater, match=r"(?i)denied"):
            db.rows(statement)


# One test has to ask for the database, or none is made; the others see what is committed.
@pytest.mark.django_db
def test_values_are_only_values(config: dict[str, str]) -> None:
    db = Vacations(config)._db
    evil = "'; DROP TABLE vacation; -- \\' \" %s ${x} \u00e4\U0001f600"
    assert db.rows("SELECT %s AS a, '' AS b, %s AS c", evil, "") == [(evil, "", "")]


@pytest.mark.parametrize(
    ("recipient", "mailbox"),
    [
        ("anna#example.com@autoreply.example.org", "anna@example.com"),
        ("Anna#Example.com+news@autoreply.example.org", "anna@example.com"),
        ("a#b#example.com@autoreply.example.org", "a#b@example.com"),
        ("a+b#example.com@autoreply.example.org", "a+b@example.com"),
        ('"anna#example.com+a b"@autoreply.example.org', "anna@example.com"),
        ("anna@autoreply.example.org", ""),
        ("", ""),
    ],
)
def test_whose_entry(recipient: str, mailbox: str) -> None:
    assert mailbox_of(recipient) == mailbox


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a@b.c, D <E@f.G>", ["a@b.c", "e@f.g"]),
        ('"x@y.z" <a@b.c>', ["a@b.c"]),
        ("x@y.z <a@b.c>", ["a@b.c"]),
        ("A (x@y.z, (w@y.z)) <a@b.c> (v@y.z)", ["a@b.c"]),
        ('"a, \\"b" <a@b.c>, d@e.f', ["a@b.c", "d@e.f"]),
        ("Friends: a@b.c, <d@e.f>;", ["a@b.c", "d@e.f"]),
        ('"anna"@b.c', ["anna@b.c"]),
        ("undisclosed-recipients:;", []),
        ("(unclosed a@b.c", []),
        ('"unclosed <a@b.c>', []),
        ("", []),
    ],
)
def test_addresses_in_a_header(value: str, found: list[str]) -> None:
    assert headers.addresses([value]) == found


@pytest.mark.mysql
@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab@.,;:<>()"\\ \t=?ä', max_size=40))
def test_any_header_can_be_read(value: str) -> None:
    for address in headers.addresses([value]):
        assert "@" in address and not set(address) & set(" \t\n,;<>")


def test_no_more_than_the_header_is_read() -> None:
    sizes: list[int] = []

    def read(size: int) -> bytes:
        sizes.append(size)
        return b"Subject: x\n\nText\n" if len(sizes) == 1 else b"x" * size

    assert headers.read_header(read) == b"Subject: x\n"
    assert len(sizes) == 1
    endless = headers.read_header(lambda size: b"X-Long: " + b"x" * (size - 8))
    assert endless == b""
    pieces = [b"Subject: a\r", b"\nTo: b\r\n\r", b"\nText"]
    assert headers.read_header(lambda _size: pieces.pop(0)) == b"Subject: a\nTo: b\n"


@pytest.mark.mysql
def test_a_header_full_of_addresses_takes_no_time() -> None:
    begun = time.monotonic()
    for value in ("(" * 200_000, '"' * 200_000, "<" * 200_000, "a@b.c," * 40_000, '"\\' * 100_000, ",<@" * 60_000):
        headers.addresses([value])
        headers.message_ids(value)
        headers.parse_header(b"X: y" + b"\n z" * 80_000)
    assert time.monotonic() - begun < 10


@pytest.mark.mysql
def test_a_header_full_of_people_is_soon_found_to_be_theirs() -> None:
    people = [f"person{number}@far.example" for number in range(11_000)]
    many = headers.parse_header(("From: " + ", ".join(people)).encode())
    begun = time.process_time()
    assert headers.why_automatic("one@out.example", many) == ""
    assert headers.why_automatic("one@out.example", [("reply-to", "p@far.example")] * 10_000) == ""
    assert time.process_time() - begun < 1
    assert headers.why_automatic("one@out.example", [*many, ("from", "no-reply@far.example")]) == "from is a robot"


@pytest.mark.mysql
def test_robots_are_known_by_the_patterns() -> None:
    """As `:matches` of Sieve reads them."""
    shapes = ("{}", "a{}", "{}a", "-{}", "{}-", "a.{}+b")
    words = [pattern.replace("*", star) for pattern in ROBOTS for star in ("", "x", "*")]
    for local_part in {shape.format(cut) for shape in shapes for word in words for cut in (word, word[1:], word[:-1])}:
        wanted = any(headers.fits(local_part, pattern) for pattern in ROBOTS)
        told = headers.why_automatic(f"{local_part.upper()}@far.example", [])
        assert (told == "sender is a robot") == wanted, local_part


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
HARD = st.text(alphabet='a \r\n\t".\\$<>:=?ä😀%{}', max_size=120)


@pytest.mark.mysql
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(subject=TEXT | HARD, body=TEXT | HARD, name=TEXT | HARD, references=TEXT | HARD)
def test_texts_come_through_and_nothing_else(subject: str, body: str, name: str, references: str) -> None:
    header = [("message-id", f"<a@b.c>{references}"), ("references", references)]
    raw = compose(
        user=USER,
        name=name,
        sender="one@out.example",
        subject=subject,
        body=body,
        header=header,
        hostname="mx.test.example",
        now=0.0,
    )
    assert raw.isascii() and b"\n" not in raw.replace(b"\r\n", b"") and b"\r" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    reply = email.message_from_bytes(raw, policy=email.policy.default)
    assert not reply.defects
    assert set(reply.keys()) <= {
        *("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "Precedence"),
        *("X-Auto-Response-Suppress", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
    }
    assert len(reply.keys()) == len(set(reply.keys()))
    assert from_utf8_words(raw, "Subject") == one_line(subject)
    assert reply["From"].addresses[0].addr_spec == USER
    lines = body.replace("\r\n", "\n").replace("\r", "\n")
    payload = reply.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == (lines if lines.endswith("\n") else lines + "\n")


def one_line(text: str) -> str:
    for line_break in ("\r\n", "\n", "\r"):
        text = text.replace(line_break, " ")
    return "".join(character for character in text if character == "\t" or not re.match(r"[\x00-\x1f\x7f]", character))


def from_utf8_words(raw: bytes, name: str) -> str:
    """Return the value of a header as RFC 2047 reads it: adjacent words without the blanks between."""
    head = raw.partition(b"\r\n\r\n")[0].decode()
    [value] = re.findall(rf"^{name}: ((?:.|\r\n[ \t])*?)(?=\r\n\S|\Z)", head, re.M)
    if not value.startswith("=?utf-8?B?"):
        return str(value)
    import base64

    return b"".join(base64.b64decode(word[10:-2]) for word in value.split()).decode()
