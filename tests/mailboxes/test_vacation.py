"""Setting and ending a vacation reply: two rows that change together and are told together."""

import datetime as dt

import pytest
from django.utils import timezone

from aliases.models import Alias
from mailadmin.audit.models import AuditEvent
from mailadmin.core.errors import Invalid, NotFound
from mailadmin.sweep.services import sweep_all
from mailboxes.models import Mailbox, Vacation, VacationMore, VacationNotification
from mailboxes.services import create_mailbox, delete_mailbox
from mailboxes.vacation import end_vacation, inside_body_of, present_values, set_vacation
from tests.operations.cases import ALICE, ANNA, BOB, PASSWORD, populate

NAME = "anna@example.com"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world(db: None) -> None:
    populate()


def reply(**values: object) -> Vacation:
    kept: dict[str, object] = {"active": True, "subject": "Away", "body": "Back soon."}
    return set_vacation(ANNA, username=NAME, **(kept | values))  # type: ignore[arg-type]


def inside() -> list[str]:
    return list(VacationMore.objects.filter(email=NAME).values_list("inside_body", flat=True))


def events() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="edit_vacation", target=NAME).order_by("-id"))


def test_the_text_for_people_inside_is_kept_changed_and_dropped() -> None:
    reply(inside_body="Ask Berta\r\n")
    assert inside() == ["Ask Berta"]
    reply(inside_body="Ask Carla 😀")
    assert inside() == ["Ask Carla 😀"]
    newest, before = events()[:2]
    assert newest.before and newest.after and before.after
    assert (newest.before["inside_body"], newest.after["inside_body"]) == ("Ask Berta", "Ask Carla 😀")
    assert before.after["body"] == "Back soon."
    reply()
    assert inside() == []


def test_the_same_again_changes_nothing() -> None:
    reply(inside_body="Ask Berta")
    known = len(events())
    VacationNotification.objects.create(on_vacation=NAME, notified="x@far.example", notified_at=timezone.now())
    reply(inside_body="Ask Berta")
    assert len(events()) == known
    assert VacationNotification.objects.filter(on_vacation=NAME).exists()
    reply(inside_body="Ask Carla")
    assert not VacationNotification.objects.filter(on_vacation=NAME).exists()


@pytest.mark.parametrize("text", ["\x08", "x" * 20_001, "\x00"])
def test_what_cannot_be_stored_is_refused_by_name(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        reply(inside_body=text)
    assert list(refused.value.messages) == ["inside_body"]
    assert inside() == []


def test_ending_it_keeps_all_for_the_next_time() -> None:
    until = timezone.now().replace(microsecond=0) + dt.timedelta(days=3)
    reply(inside_body="Ask Berta", activeuntil=until, interval_time=3600)
    known = len(events())
    for _time in range(2):
        row = end_vacation(BOB, username=NAME)
    stored = Vacation.objects.get(email=NAME)
    assert not row.active
    assert not stored.active
    assert (stored.activeuntil, stored.interval_time, inside()) == (until, 3600, ["Ask Berta"])
    assert [event.actor for event in events()][: len(events()) - known] == [BOB.username]
    reply(**(present_values(stored) | {"active": True}))
    stored = Vacation.objects.get(email=NAME)
    assert (stored.active, stored.activeuntil, inside()) == (True, until, ["Ask Berta"])


def test_what_another_program_wrote_can_always_be_ended() -> None:
    Vacation.objects.filter(email=NAME).update(body="bell \x07", subject="", interval_time=-1, activeuntil=None)
    end_vacation(ANNA, username=NAME)
    stored = Vacation.objects.get(email=NAME)
    assert (stored.active, stored.body) == (False, "bell \x07")


def test_where_there_is_none_none_is_ended() -> None:
    with pytest.raises(NotFound):
        end_vacation(BOB, username="berta@example.com")
    with pytest.raises(NotFound):
        end_vacation(ANNA, username="berta@example.com")


def test_it_goes_with_the_mailbox() -> None:
    reply(inside_body="Ask Berta")
    delete_mailbox(ALICE, username=NAME)
    assert inside() == []


def test_a_name_made_again_inherits_no_text() -> None:
    reply(inside_body="Ask Berta")
    # Another program deletes what it knows.
    Vacation.objects.filter(email=NAME).delete()
    Mailbox.objects.filter(username=NAME).delete()
    Alias.objects.filter(address=NAME).delete()
    create_mailbox(ALICE, local_part="anna", domain="example.com", password=PASSWORD)
    assert inside() == []


def test_the_sweep_clears_the_text_of_a_reply_that_another_program_deleted() -> None:
    reply(inside_body="Ask Berta")
    sweep_all()
    assert inside() == ["Ask Berta"]
    Vacation.objects.filter(email=NAME).delete()
    assert sweep_all()["vacation_texts"] == 1
    assert inside() == []


def test_what_is_left_of_a_deleted_reply_does_not_come_back() -> None:
    reply(inside_body="Ask Berta")
    Vacation.objects.filter(email=NAME).delete()
    assert inside_body_of(Vacation.objects.filter(email=NAME).first()) == ""
    reply()
    assert inside() == []
    assert events()[0].before is None
