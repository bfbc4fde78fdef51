"""Which letters the vacation program answers: a real database as its user, and real SMTP, without Postfix."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from aliases.models import Alias
from mailboxes.models import Vacation, VacationNotification
from tests.mailserver.replies import answer_message
from tests.mailserver.responder.letters import DAY, away, letter, write
from tests.mailserver.vacation_cases import CASES, COLLEAGUE, USER, Case
from tests.servers.sink import Sink


@pytest.mark.parametrize("case", [case for case in CASES if "transport" in case.ways], ids=lambda case: case.name)
def test_the_cases(case: Case, config: dict[str, str], sink: Sink) -> None:
    done = answer_message(config, case.sender, USER, case.message())
    assert (done == "answered") == case.answered, done
    assert len(sink.messages) == case.answered
    if case.answered:
        [reply] = sink.messages
        assert (reply.sender.strip("<>"), reply.recipients) == ("", (case.sender,))
        assert reply.message["In-Reply-To"] == (None if case.name == "no Message-ID" else case.message_id)


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


def test_a_colleague_who_sends_copies_is_somebody_else(config: dict[str, str]) -> None:
    Alias.objects.filter(address=COLLEAGUE).update(goto=f"{COLLEAGUE},{USER}")
    assert write(config, COLLEAGUE) == "answered"
    assert answer_message(config, "to.copy@out.example", USER, letter("to.copy@out.example", COLLEAGUE)) == "answered"
