"""The header of a message: read, taken apart, and judged whether a person wrote it."""

from __future__ import annotations

from mailadmin.core.automatic_mail import AUTOMATIC, ROBOTS, SENDER_HEADERS

# As typing has it, which takes longer to load than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Header = list[tuple[str, str]]

LIMIT = 262_144
"""Bytes of a header that are read; a message with more is not answered. The text of a message is never read."""

RECIPIENT_HEADERS = ("to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc")
"""Where a person must be named to be answered for."""

_PATTERNS = {name: patterns for names, patterns in AUTOMATIC for name in names}
_ROBOT_MARKS = tuple(f"\n{pattern}\n".replace("\n*", "").replace("*\n", "") for pattern in ROBOTS)
"""What of each pattern is looked for in local parts on lines of their own; a `*` in its middle would not be known."""
_ATOM = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.")
_HOST = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")


def read_header(read: Callable[[int], bytes]) -> bytes:
    """Return the header of a message, at most LIMIT bytes of it; empty where it does not end by then.

    read: returns up to so many bytes, none at the end of the message.
    """
    head = b""
    while len(head) < LIMIT:
        piece = read(65_536)
        head = (head + piece).replace(b"\r\n", b"\n")
        end = head.find(b"\n\n")
        if end >= 0:
            return head[: end + 1]
        if not piece:
            return head
    return b""


def parse_header(head: bytes) -> Header:
    """Return names, in lower case, and unfolded values."""
    fields: list[tuple[str, list[str]]] = []
    for line in head.decode("latin-1").split("\n"):
        if line[:1] in (" ", "\t"):
            if fields:
                fields[-1][1].append(line.strip())
            continue
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name.strip().lower(), [value.strip()]))
    return [(name, " ".join(lines).strip()) for name, lines in fields]


def values(header: Header, *names: str) -> list[str]:
    """Return the values of the fields of these names."""
    return [value for name, value in header if name in names]


def why_automatic(sender: str, header: Header) -> str:
    """Return what says that no person wrote the message, or nothing."""
    if not sender:
        return "null sender"
    if _has_robot([sender]):
        return "sender is a robot"
    for name, value in header:
        if name == "auto-submitted":
            if value.replace("(", ";").partition(";")[0].strip().lower() != "no":
                return name
        elif name in _PATTERNS:
            if any(fits(value.lower(), pattern) for pattern in _PATTERNS[name]):
                return name
        elif name in SENDER_HEADERS and _has_robot(addresses([value])):
            return f"{name} is a robot"
    return ""


def _has_robot(found: list[str]) -> bool:
    """Return whether one of the addresses is like a pattern of ROBOTS.

    All at once: a header may hold thousands, and one by one they would take seconds.
    """
    lines = "".join(f"\n{address.rpartition('@')[0].lower()}\n" for address in found)
    return any(mark in lines for mark in _ROBOT_MARKS)


def fits(text: str, pattern: str) -> bool:
    """Return whether the text is like the pattern, in which `*` is any text."""
    first, *others = pattern.split("*")
    if not others:
        return text == first
    *middle, last = others
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    place, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


def addresses(fields: Iterable[str]) -> list[str]:
    """Return the addresses that the values of address fields name, in lower case; names and comments are left out."""
    found = []
    for value in fields:
        for part in _bare(value).replace(";", ",").split(","):
            _name, bracket, inner = part.rpartition("<")
            text = (inner.partition(">")[0] if bracket else part.rpartition(":")[2]).strip()
            if "@" in text and text.isascii() and not any(character <= " " or character in "<>" for character in text):
                found.append(text.lower())
    return found


def _bare(value: str) -> str:
    """Return an address field without quoted names and comments. A quoted local part loses its quotes."""
    if '"' not in value and "(" not in value:
        return value
    kept: list[str] = []
    place, depth, size = 0, 0, len(value)
    while place < size:
        character = value[place]
        if character == "\\" and depth:
            place += 1
        elif character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif character == '"' and not depth:
            text, place = _quoted(value, place + 1)
            kept.append(text if value[place + 1 : place + 2] == "@" else " ")
        elif not depth:
            kept.append(character)
        place += 1
    return "".join(kept)


def _quoted(value: str, place: int) -> tuple[str, int]:
    """Return the text of a quoted string and where it ends."""
    text: list[str] = []
    while place < len(value) and value[place] != '"':
        if value[place] == "\\":
            place += 1
        text.append(value[place : place + 1])
        place += 1
    return "".join(text), place


def message_ids(text: str) -> list[str]:
    """Return the message ids in a value, each with its brackets."""
    found = []
    for part in text.split("<")[1:]:
        inner, bracket, _rest = part.partition(">")
        if bracket and inner.isascii() and len(inner) <= 250 and all("!" <= character <= "~" for character in inner):
            found.append(f"<{inner}>")
    return found


def can_be_written_to(address: str) -> bool:
    """Return whether an envelope sender can stand in a reply as it is."""
    local_part, _at, domain = address.rpartition("@")
    if len(address) > 254 or not domain or not set(domain) <= _HOST:
        return False
    if local_part[:1] == '"':
        inner, end = _quoted(local_part, 1)
        return bool(inner) and end == len(local_part) - 1 and all(" " <= character <= "~" for character in local_part)
    return bool(local_part) and set(local_part) <= _ATOM
