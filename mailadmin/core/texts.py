"""Checks of free text and of choices that several operations share."""

import re

from django.conf import settings
from django.utils.translation import gettext as _

from mailadmin.core.actor import Actor
from mailadmin.core.errors import Invalid, LimitReached

# Control characters and lone surrogates, which no database takes; a longer text may have line breaks and tabs.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
MAX_COUNT = 2**31 - 1
MAX_LINE = 900
"""Bytes: a line of a message ends at 998 (RFC 5322, 2.1.1), and Postfix breaks longer ones in the middle of a word."""


def check_line(text: str, parameter: str, *, max_length: int = 255) -> str:
    """Return one line of text without blanks at its ends; raises Invalid for control characters and overlong text."""
    text = text.strip()
    if len(text) > max_length:
        raise Invalid.of(
            parameter, _("Use at most %(max)d characters; these are %(n)d.") % {"max": max_length, "n": len(text)}
        )
    if _CONTROL.search(text):
        raise Invalid.of(parameter, _("Control characters are not allowed here."))
    return text


def check_text(text: str, parameter: str, *, max_bytes: int) -> str:
    """Return a text to be mailed, with plain line feeds and no line over MAX_LINE bytes.

    max_bytes: what the column holds in UTF-8. Raises Invalid.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    text = "\n".join(_broken(line) for line in text.split("\n"))
    if _CONTROL_IN_TEXT.search(text):
        raise Invalid.of(parameter, _("Control characters are not allowed here."))
    if len(text.encode()) > max_bytes:
        raise Invalid.of(parameter, _("This text is too long: use at most %d characters.") % max_bytes)
    return text


def _broken(line: str) -> str:
    """Return the line, broken at blanks where it is too long."""
    parts = []
    while len(line.encode(errors="replace")) > MAX_LINE:
        head = line.encode(errors="replace")[:MAX_LINE].decode(errors="ignore")
        cut = head.rfind(" ")
        cut = cut if cut > 0 else len(head)
        parts.append(line[:cut].rstrip(" "))
        line = line[cut:].lstrip(" ")
    return "\n".join([*parts, line])


def check_count(value: int, parameter: str, *, largest: int = MAX_COUNT) -> int:
    """Return a limit as stored: -1 none, 0 unlimited, n."""
    if not -1 <= value <= largest:
        raise Invalid.of(parameter, _("Enter a whole number up to %d.") % largest)
    return value


def who_can_raise() -> str:
    """Return the sentence that says who can raise a limit."""
    if settings.MAILADMIN_SUPPORT:
        return _("Ask %s to raise the limit.") % str(settings.MAILADMIN_SUPPORT)
    return _("A superadmin can raise the limit.")


def limit_reached(parameter: str, limit: str, text: str) -> LimitReached:
    """Return the error for a limit that a superadmin can raise; `text` says how much of it is used."""
    return LimitReached(parameter, limit=limit, text=f"{text} {who_can_raise()}")


def who_can_change() -> str:
    """Return the sentence that says who can change what a domain admin may only see."""
    if settings.MAILADMIN_SUPPORT:
        text: str = _("Ask %s to change these.") % settings.MAILADMIN_SUPPORT
        return text
    return _("A superadmin can change these.")


def none_left(actor: Actor, text: str) -> str:
    """Return the sentence that says that a limit is reached, with who can raise it; a superadmin can, and knows."""
    return text if actor.is_superadmin else f"{text} {who_can_raise()}"
