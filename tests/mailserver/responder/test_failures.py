"""What the vacation program says when it cannot answer, and that nothing is answered twice for that."""

import sys
from email.utils import format_datetime
from pathlib import Path

import pytest
from django.utils import timezone

from mailadmin.responder.errors import TryLater
from mailadmin.responder.vacations import Vacations
from tests.mailserver.replies import entry
from tests.mailserver.responder.letters import DAY, away, write
from tests.mailserver.vacation_cases import USER
from tests.servers.processes import complete
from tests.servers.sink import Sink


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


def test_a_reply_that_was_taken_is_not_sent_again(
    config: dict[str, str], sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_vacations: Vacations) -> None:
        raise TryLater("database: gone")

    away(interval_time=0)
    monkeypatch.setattr(Vacations, "keep", fail)
    assert write(config) == "answered, but not written down: database: gone"
    assert len(sink.messages) == 1


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
