"""What Postfix starts: `respond CONFIG SENDER RECIPIENT`, the message on standard input.

The exit status is 0, whether or not there was a reply, or 75 (EX_TEMPFAIL) when Postfix shall come again; never one
that would send a bounce to whoever wrote.
"""

from __future__ import annotations

import os

from mailadmin.responder.answering import answer
from mailadmin.responder.errors import TryLater
from mailadmin.responder.headers import parse_header, read_header, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mailadmin.responder.clients import Config

OK, TEMPFAIL = 0, 75
MOST_DAYS = 1
"""A message that could not be answered for so long is not answered: the reply would be late, and Postfix's patience
ends in a bounce."""


def main(arguments: list[str]) -> int:
    """Do it all; returns the exit status."""
    head = b""
    try:
        config_file, sender, recipient = arguments
        head = read_header(lambda size: os.read(0, size))
        done = answer(read_config(config_file), sender, recipient, head)
        _log(f"{_plain(recipient)}: from <{_plain(sender)}>: {done}")
    except Exception as error:
        # A mistake of this program must not come back to people as a bounce either.
        told = _plain(str(error) if isinstance(error, TryLater) else f"{type(error).__name__}: {error}")
        if _is_old(head):
            _log(f"given up: {told}")
            return OK
        # Postfix logs what is written here.
        os.write(2, f"{told}\n".encode())
        return TEMPFAIL
    return OK


def read_config(path: str) -> Config:
    """Return the settings in a file of lines `name = value`; raises TryLater."""
    try:
        with open(path, encoding="utf-8") as stream:
            lines = [line.partition("=") for line in stream if "=" in line and not line.startswith("#")]
    except OSError as error:
        raise TryLater(f"{path}: {error}") from error
    return {name.strip(): value.strip() for name, _equals, value in lines}


def _is_old(head: bytes) -> bool:
    """Return whether the message came in longer ago than Postfix shall try."""
    received = values(parse_header(head), "received")
    if not received:
        return False
    # Slow to load, and needed only where something is wrong anyway.
    import time
    from email.utils import mktime_tz, parsedate_tz

    came = parsedate_tz(received[0].rpartition(";")[2].strip())
    try:
        return came is not None and time.time() - mktime_tz(came) > MOST_DAYS * 86_400
    except (ValueError, OverflowError):
        # No day of any calendar.
        return False


def _plain(text: str) -> str:
    return "".join(character if " " <= character <= "~" else "?" for character in text[:500])


def _log(text: str) -> None:
    import syslog

    syslog.openlog("mailadmin-vacation", syslog.LOG_PID, syslog.LOG_MAIL)
    syslog.syslog(syslog.LOG_INFO, text)
