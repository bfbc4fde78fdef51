"""What is told of a vacation reply: in words, in the person's zone and language."""

import datetime as dt
import zoneinfo

import pytest
from django.db import connection
from django.utils import timezone, translation

from aliases.models import Alias
from domains.models import Domain
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from mailboxes.models import Mailbox, Vacation, VacationMore
from mailboxes.vacation import set_vacation
from mailboxes.vacation_overview import hindrances, interval_words, last_change, replies, vacation_sentence
from tests.operations.cases import ANNA, BOB, populate

NAME = "anna@example.com"
NOW = dt.datetime(2027, 4, 20, 10, tzinfo=dt.UTC)
END = dt.datetime(2027, 5, 3, 7, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def sentence(zone: str = "Europe/Rome", **values: object) -> str:
    row = Vacation(**({"active": True, "activefrom": NOW - DAY, "activeuntil": END} | values))
    with timezone.override(zoneinfo.ZoneInfo(zone)):
        return vacation_sentence(row, NOW)


def test_each_state_has_its_sentence() -> None:
    assert vacation_sentence(None, NOW) == sentence(active=False) == "No vacation reply."
    assert sentence() == "Replies until Monday 3 May, 09:00."
    assert sentence(activeuntil=None) == "Replies, without an end date."
    assert sentence(activefrom=NOW + DAY) == "Will reply from Wednesday 21 Apr, 12:00 until Monday 3 May, 09:00."
    later = dt.datetime(2028, 1, 3, 8, 30, tzinfo=dt.UTC)
    assert sentence(activefrom=later, activeuntil=None) == (
        "Will reply from Monday 3 Jan 2028, 09:30 on, without an end date."
    )
    assert sentence(activeuntil=NOW - DAY) == "The vacation reply ended on Monday 19 Apr, 12:00."


def test_the_moment_is_told_on_the_persons_clock() -> None:
    assert sentence("Asia/Tokyo") == "Replies until Monday 3 May, 16:00."
    assert sentence("Pacific/Honolulu") == "Replies until Sunday 2 May, 21:00."
    # The clocks go back between now and then.
    assert sentence(activeuntil=dt.datetime(2027, 11, 3, 8, tzinfo=dt.UTC)) == "Replies until Wednesday 3 Nov, 09:00."


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("de", "Montag 3. Mai"),
        ("fr", "lundi 3 mai"),
        ("it", "lunedì 3 Maggio"),
        ("es", "lunes 3 de mayo"),
        ("pt-br", "segunda-feira 3 de Maio"),
    ],
)
def test_days_have_their_names_in_the_language(code: str, words: str) -> None:
    with translation.override(code):
        shown = sentence()
    assert words.lower() in shown.lower().replace(",", "")
    assert words.partition(" ")[0] in shown


def test_intervals_have_words() -> None:
    named = [interval_words(seconds) for seconds in (0, 1, 86400, 604800)]
    assert named == ["Once", "With every message", "Once a day", "Once a week"]
    other = [interval_words(seconds) for seconds in (172800, 3600, 5400, 90)]
    assert other == ["Once in 2 days", "Once in 1 hour", "Once in 90 minutes", "Once in 90 seconds"]


def hindered(
    *, active: bool = True, domain: Domain | None = None, goto: str = NAME, alias_active: bool = True, **values: object
) -> list[str]:
    row = Vacation(**({"active": True, "subject": "Away", "body": "Back soon"} | values))
    mailbox = Mailbox(username=NAME, domain="example.com", active=active)
    alias = Alias(address=NAME, goto=goto, active=alias_active)
    return hindrances(row, mailbox, domain or Domain(domain="example.com"), alias)


@pytest.mark.django_db
def test_nothing_is_in_the_way_of_an_ordinary_mailbox() -> None:
    for goto in (NAME, f"out@far.example,{NAME}", NAME.upper(), "anna#example.com@autoreply.example.org"):
        assert hindered(goto=goto) == []
    # An alias row that is off does not count: mail comes to the mailbox.
    assert hindered(goto="out@far.example", alias_active=False) == []
    assert hindrances(None, Mailbox(), None, None) == []


@pytest.mark.django_db
def test_whatever_is_in_the_way_is_named() -> None:
    assert "mailbox is switched off" in hindered(active=False)[0]
    assert "example.com is switched off" in hindered(domain=Domain(domain="example.com", active=False))[0]
    assert "backup MX" in hindered(domain=Domain(domain="example.com", backupmx=True))[0]
    assert "only sent on" in hindered(goto="out@far.example")[0]
    assert len(hindered(active=False, goto="out@far.example")) == 2
    assert len(hindered(body="a\0b")) == (connection.vendor == "sqlite")
    if connection.vendor == "sqlite":
        VacationMore.objects.create(email=NAME, inside_body="a\0b")
        assert "cannot be sent" in hindered(email=NAME)[0]
    # What does not reply anyway has nothing in its way.
    assert hindered(active=False, activeuntil=timezone.now() - DAY) == []
    off = hindrances(Vacation(active=False), Mailbox(active=False), None, None)
    assert off == []


def test_replies_are_those_of_the_texts() -> None:
    assert replies("Away", "", "") != []
    assert replies(" ", "\n", "") == []
    both = replies("Away", " Back soon.\n", "Ask Berta")
    assert [(one.inside, one.subject, one.text) for one in both] == [
        (False, "Away", "Back soon."),
        (True, "Away", "Ask Berta"),
    ]


def told(actor: Actor) -> str:
    mailbox = Mailbox.objects.get(username=NAME)
    return last_change(actor, Vacation.objects.filter(email=NAME).first(), mailbox)


@pytest.mark.django_db
def test_it_says_who_changed_it_last() -> None:
    populate()
    set_vacation(BOB, username=NAME, active=True, subject="Away", body="By bob")
    assert told(ANNA).startswith("Changed by bob@example.com on ")
    assert told(BOB).startswith("Changed by you on ")
    set_vacation(Actor.cli(), username=NAME, active=True, subject="Away", body="By hand")
    assert told(ANNA).startswith("Changed on the server's command line on ")
    # An admin of the same name is another person.
    set_vacation(ANNA, username=NAME, active=True, subject="Away", body="By herself")
    assert told(ANNA).startswith("Changed by you on ")
    AuditEvent.objects.filter(target=NAME, action="edit_vacation").update(actor_kind="admin")
    assert told(ANNA).startswith(f"Changed by {NAME} on ")


@pytest.mark.django_db
def test_it_knows_what_another_program_did() -> None:
    populate()
    Vacation.objects.filter(email=NAME).update(modified=timezone.now() + dt.timedelta(minutes=1))
    assert told(ANNA).startswith("Changed by another program on ")
    Vacation.objects.filter(email=NAME).delete()
    assert told(ANNA) == ""


@pytest.mark.django_db
def test_what_was_done_to_an_earlier_mailbox_of_the_name_is_not_told() -> None:
    populate()
    Mailbox.objects.filter(username=NAME).update(created=timezone.now() + dt.timedelta(hours=1))
    assert told(ANNA).startswith("Changed by another program on ")
