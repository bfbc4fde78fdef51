"""The reply itself, as the sender gets it."""

import datetime as dt
import email
import email.policy
import re
from base64 import b64decode

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailadmin.responder.reply import compose
from mailboxes.models import Mailbox, Vacation, VacationMore
from tests.mailserver.responder.letters import away, write
from tests.mailserver.vacation_cases import ALIAS_DOMAIN, COLLEAGUE, DOMAIN, USER
from tests.servers.sink import Sink

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
HARD = st.text(alphabet='a \r\n\t".\\$<>:=?ä😀%{}', max_size=120)


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


def text_of(content: bytes) -> str:
    return str(email.message_from_bytes(content, policy=email.policy.default).get_content()).replace("\r\n", "\n")


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
    return b"".join(b64decode(word[10:-2]) for word in value.split()).decode()
