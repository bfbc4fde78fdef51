"""The vacation form: days and times between a person's zone and the database server's."""

import datetime as dt
import zoneinfo

import pytest
from django.test import Client
from django.utils import timezone

from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from mailboxes.models import Vacation
from mailboxes.services import create_mailbox
from tests.people import admin_client, make_domains, signed_in

TOKYO = zoneinfo.ZoneInfo("Asia/Tokyo")
URL = "/account/vacation/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> Client:
    make_domains("example.com", "other.example")
    create_mailbox(Actor.cli(), local_part="anna", domain="example.com", password="correct horse battery")
    client = signed_in(AccountKind.MAILBOX, "anna@example.com")
    Account.objects.update(time_zone="Asia/Tokyo")
    return client


def filled(**values: str) -> dict[str, str]:
    return {"active": "on", "subject": "Away", "body": "Back soon.", "activefrom": "", "activeuntil": ""} | values


def row() -> Vacation:
    return Vacation.objects.get(email="anna@example.com")


def next_year(month: int, day: int, hour: int = 0, minute: int = 0) -> dt.datetime:
    return dt.datetime(timezone.now().year + 1, month, day, hour, minute, tzinfo=TOKYO)


def test_times_are_the_persons(anna: Client) -> None:
    start, end = next_year(7, 1, 18, 30), next_year(7, 15, 9)
    typed = {"activefrom": f"{start:%Y-%m-%dT%H:%M}", "activeuntil": f"{end:%Y-%m-%dT%H:%M}"}
    assert anna.post(URL, filled(**typed)).status_code == 302
    assert (row().activefrom, row().activeuntil) == (start, end)
    page = anna.get(URL).content.decode()
    for value in typed.values():
        assert f'value="{value}"' in page
    assert "Asia/Tokyo" in page


def test_an_admin_elsewhere_sees_the_same_moment(anna: Client) -> None:
    anna.post(URL, filled(activefrom=f"{next_year(7, 1, 9):%Y-%m-%dT%H:%M}"))
    bob = admin_client("bob@example.com", domains=["example.com"])
    Account.objects.filter(login="admin:bob@example.com").update(time_zone="America/New_York")
    page = bob.get("/mailboxes/anna@example.com/vacation/").content.decode()
    assert f"{next_year(6, 30).year}-06-30T20:00" in page


def test_without_days_it_begins_now_and_has_no_end(anna: Client) -> None:
    assert anna.post(URL, filled()).status_code == 302
    now = timezone.now()
    assert abs((row().activefrom or now) - now) < dt.timedelta(seconds=30)
    assert "without an end date" in anna.get(URL).content.decode()
    assert anna.post(URL, filled()).status_code == 302
    assert AuditEvent.objects.filter(action="edit_vacation").count() == 1


def test_clearing_the_beginning_means_at_once(anna: Client) -> None:
    anna.post(URL, filled(activefrom=f"{next_year(7, 1):%Y-%m-%dT%H:%M}"))
    anna.post(URL, filled())
    assert (row().activefrom or next_year(1, 1)) <= timezone.now()


def test_saving_the_page_as_it_is_changes_nothing(anna: Client) -> None:
    Vacation.objects.create(
        email="anna@example.com",
        domain="example.com",
        subject="Away",
        body="Back soon.",
        active=True,
        activefrom=dt.datetime(2024, 5, 1, 8, 0, 35, tzinfo=dt.UTC),
        activeuntil=next_year(7, 1, 9),
        interval_time=3600,
    )
    typed = {"activefrom": "2024-05-01T17:00", "activeuntil": f"{next_year(7, 1, 9):%Y-%m-%dT%H:%M}"}
    for value in typed.values():
        assert value in anna.get(URL).content.decode()
    assert anna.post(URL, filled(**typed)).status_code == 302
    assert not AuditEvent.objects.filter(action="edit_vacation").exists()
    assert row().interval_time == 3600


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"subject": ""}, "This field is required"),
        ({"body": "  "}, "This field is required"),
        ({"subject": "x" * 300}, "at most 255"),
        ({"body": "é" * 20000}, "too long"),
        ({"body": "null\x00"}, "Null characters"),
        ({"subject": "a\nb"}, "Control characters"),
        ({"activeuntil": "2001-01-01T00:00"}, "The end"),
        ({"activefrom": "soon"}, "Enter a day"),
        ({"activefrom": "0001-01-01T00:00"}, "Enter a day"),
        ({"activeuntil": "9999-12-31T23:59"}, "Enter a day"),
        ({"activeuntil": "2500-12-31T23:59"}, "between 2000 and 2038"),
        ({"activefrom": "😀"}, "Enter a day"),
    ],
)
def test_mistakes_are_told_at_the_field(anna: Client, values: dict[str, str], text: str) -> None:
    answer = anna.post(URL, filled(**values))
    assert answer.status_code == 200
    assert text in answer.content.decode()
    assert "Away" in answer.content.decode() or "subject" in values
    assert not Vacation.objects.exists()


def test_it_speaks_other_scripts(anna: Client) -> None:
    assert anna.post(URL, filled(subject="Im Urlaub 🌴", body="Grüße\n日本")).status_code == 302
    assert (row().subject, row().body) == ("Im Urlaub 🌴", "Grüße\n日本")


def test_switching_it_off_keeps_the_text(anna: Client) -> None:
    anna.post(URL, filled())
    values = filled()
    del values["active"]
    anna.post(URL, values)
    assert not row().active
    assert "Back soon." in anna.get(URL).content.decode()


def test_switching_it_off_takes_no_text(anna: Client) -> None:
    anna.post(URL, filled())
    assert anna.post(URL, {}).status_code == 302
    assert not row().active


def test_an_admin_sets_it_in_their_domains_only(anna: Client) -> None:
    bob = admin_client("bob@example.com", domains=["example.com"])
    url = "/mailboxes/anna@example.com/vacation/"
    assert bob.post(url, filled())["Location"] == url
    assert row().active
    charlie = admin_client("charlie@other.example", domains=["other.example"])
    assert charlie.get(url).status_code == charlie.post(url, filled()).status_code == 404
    assert bob.get("/mailboxes/nobody@example.com/vacation/").status_code == 404
    assert bob.get(URL).status_code == 404


def test_one_press_switches_it_off_and_keeps_the_text(anna: Client) -> None:
    anna.post(URL, filled(activeuntil=f"{next_year(1, 31, 18):%Y-%m-%dT%H:%M}"))
    before = row()
    answer = anna.post("/account/vacation/off/", follow=True)
    assert answer.redirect_chain == [("/account/", 302)]
    after = row()
    assert (before.active, after.active) == (True, False)
    assert (after.subject, after.body, after.activeuntil) == (before.subject, before.body, before.activeuntil)
    bob = admin_client("bob@example.com", domains=["example.com"])
    charlie = admin_client("charlie@other.example", domains=["other.example"])
    anna.post(URL, filled())
    off = "/mailboxes/anna@example.com/vacation/off/"
    assert charlie.post(off).status_code == 404
    assert row().active
    assert bob.post(off).status_code == 302
    assert not row().active
    assert bob.post("/account/vacation/off/").status_code == 404
    assert anna.get("/account/vacation/off/").status_code == 405
