"""The reply as it goes over the wire. Whatever the texts hold, each stands in its field and nowhere else."""

from __future__ import annotations

import binascii
import os
import time

from mailadmin.responder.headers import message_ids, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mailadmin.responder.headers import Header

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WORD = 45
"""Bytes in one encoded word, so that it stays below 75 characters."""
_MOST_REFERENCES = 20


def compose(
    *, user: str, name: str, sender: str, subject: str, body: str, header: Header, hostname: str, now: float
) -> bytes:
    """Return a reply with CRLF line ends: `user` answers `sender`, whose message had that header.

    name: that of the person, "" where none is known; now: seconds since the epoch.
    """
    fields = [
        ("From", f"{_phrase(name)} <{user}>" if _one_line(name) else user),
        ("To", sender),
        ("Subject", _words(_one_line(subject))),
        ("Date", _date(now)),
        ("Message-ID", f"<{os.urandom(16).hex()}@{hostname}>"),
        *_thread(header),
        ("Auto-Submitted", "auto-replied (vacation)"),
        ("Precedence", "bulk"),
        ("X-Auto-Response-Suppress", "All"),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "quoted-printable"),
    ]
    head = "".join(f"{name}: {value}\n" for name, value in fields).encode("ascii")
    return (head + b"\n" + _text(body)).replace(b"\n", b"\r\n")


def _thread(header: Header) -> list[tuple[str, str]]:
    """Return In-Reply-To and References, as RFC 5322 section 3.6.4 makes them."""
    own = message_ids(" ".join(values(header, "message-id")[:1]))[:1]
    if not own:
        return []
    earlier = message_ids(" ".join(values(header, "references")))
    if not earlier:
        answered = message_ids(" ".join(values(header, "in-reply-to")))
        earlier = answered if len(answered) == 1 else []
    # The first, which began it all, and the last ones.
    kept = earlier if len(earlier) <= _MOST_REFERENCES else [earlier[0], *earlier[1 - _MOST_REFERENCES :]]
    return [("In-Reply-To", own[0]), ("References", "\n ".join([*kept, own[0]]))]


def _one_line(text: str) -> str:
    """Return the text without control characters, its line breaks as blanks."""
    for line_break in ("\r\n", "\n", "\r"):
        text = text.replace(line_break, " ")
    return "".join(character for character in text if character == "\t" or (character >= " " and character != "\x7f"))


def _phrase(name: str) -> str:
    name = _one_line(name).strip()
    if not name.isascii() or "=?" in name:
        return _encoded(name)
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\t", " ")
    return f'"{escaped}"'


def _words(text: str) -> str:
    """Return an unstructured value: as it is where that reads back as the same, else as encoded words."""
    if text.isascii() and "=?" not in text and "\t" not in text and text == text.strip():
        return text
    return _encoded(text)


def _encoded(text: str) -> str:
    """Return encoded words, none of which splits a character."""
    parts, part = [], b""
    for character in text:
        # Half characters cannot be written; no database that keeps UTF-8 returns one.
        raw = character.encode("utf-8", "replace")
        if len(part) + len(raw) > _WORD:
            parts.append(part)
            part = b""
        part += raw
    parts.append(part)
    words = [binascii.b2a_base64(part, newline=False).decode() for part in parts]
    return "\n ".join(f"=?utf-8?B?{word}?=" for word in words)


def _text(body: str) -> bytes:
    """Return the text in quoted-printable, with LF line ends and one at its end."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if not lines.endswith("\n"):
        lines += "\n"
    return binascii.b2a_qp(lines.encode("utf-8", "replace"), istext=True)


def _date(now: float) -> str:
    """Return the moment as RFC 5322 writes it, whatever the language of the system."""
    year, month, day, hour, minute, second, weekday = time.gmtime(now)[:7]
    return f"{_DAYS[weekday]}, {day:02} {_MONTHS[month - 1]} {year} {hour:02}:{minute:02}:{second:02} +0000"
