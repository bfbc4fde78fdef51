"""The page of the vacation reply: preview, intervals, another text for people inside, ending it, changes of clock."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from mailadmin.accounts.models import Account
from mailadmin.audit.models import AuditEvent
from mailboxes.models import Mailbox, Vacation, VacationMore
from tests.accounts.test_vacation import URL, anna, filled, row
from tests.people import admin_client

__all__ = ["anna"]
ADMINS = "/mailboxes/anna@example.com/vacation/"
pytestmark = pytest.mark.django_db


def page(client: Client, url: str = URL) -> str:
    return client.get(url).content.decode()


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html))


def test_a_preview_shows_the_reply_and_saves_nothing(anna: Client) -> None:
    asked = filled(subject="Away <b>", body="Line one\n  & two", inside_body="Ask Berta", preview="1")
    shown = anna.post(URL, asked).content.decode()
    for text in (
        "<dd>Away &lt;b&gt;</dd>",
        ">Line one\n  &amp; two</p>",
        ">Ask Berta</p>",
        "Once saved: Replies, without",
    ):
        assert text in shown
    assert 'name="subject" value="Away &lt;b&gt;"' in shown
    assert not Vacation.objects.exists()
    assert not VacationMore.objects.exists()
    assert not AuditEvent.objects.filter(action="edit_vacation").exists()


def test_a_preview_of_half_a_form_shows_what_there_is(anna: Client) -> None:
    shown = anna.post(URL, filled(subject="", preview="1", activeuntil="never")).content.decode()
    assert ">Back soon.</p>" in shown
    assert "Once saved" not in shown


def test_while_it_is_typed_only_the_preview_is_sent(anna: Client) -> None:
    answer = anna.post(URL, filled(preview="1"), headers={"HX-Request": "true"})
    shown = answer.content.decode()
    assert ">Back soon.</p>" in shown
    assert "<html" not in shown
    assert not Vacation.objects.exists()


def test_nobody_previews_for_a_foreign_mailbox(anna: Client) -> None:
    charlie = admin_client("charlie@other.example", domains=["other.example"])
    for headers in ({}, {"HX-Request": "true"}):
        assert charlie.post(ADMINS, filled(preview="1"), headers=headers).status_code == 404
    assert charlie.post(f"{ADMINS}off/", {"active": "1"}).status_code == 404


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "Once"), (86400, "Once a day"), (604800, "Once a week"), (1, "With")]
)
def test_an_interval_is_chosen(anna: Client, seconds: int, said: str) -> None:
    anna.post(URL, filled(interval_time=str(seconds)))
    assert row().interval_time == seconds
    assert f'value="{seconds}" selected>{said}' in page(anna)


def test_another_programs_interval_is_shown_and_kept(anna: Client) -> None:
    anna.post(URL, filled())
    Vacation.objects.update(interval_time=5400)
    assert 'value="5400" selected>Once in 90 minutes<' in page(anna)
    anna.post(URL, filled(body="Changed", interval_time="5400"))
    assert (row().interval_time, row().body) == (5400, "Changed")
    anna.post(URL, filled(body="Again"))
    assert row().interval_time == 5400
    assert "Select a valid choice" in anna.post(URL, filled(interval_time="77")).content.decode()
    Vacation.objects.update(interval_time=-1)
    anna.post(URL, filled(interval_time="0"))
    assert row().interval_time == 0


def test_the_text_for_people_inside_is_folded_away_until_it_is_used(anna: Client) -> None:
    assert '<details class="fold">' in page(anna)
    assert '<details class="fold" open>' not in page(anna)
    anna.post(URL, filled(inside_body="Ask Berta"))
    shown = page(anna)
    assert '<details class="fold" open>' in shown
    assert "everybody else who writes" in words(shown)
    assert "senders at example.com" in words(shown)
    anna.post("/account/vacation/off/")
    assert VacationMore.objects.get().inside_body == "Ask Berta"
    anna.post(URL, filled())
    assert not VacationMore.objects.exists()


def test_it_is_ended_where_it_is_shown_and_that_is_undone(anna: Client) -> None:
    assert "End now" not in page(anna)
    anna.post(URL, filled(inside_body="Ask Berta"))
    before = row()
    assert "End now" in page(anna)
    answer = anna.post("/account/vacation/off/", {"next": URL}, follow=True)
    assert answer.redirect_chain == [(URL, 302)]
    assert "No vacation reply." in answer.content.decode()
    assert "Undo" in answer.content.decode()
    anna.post("/account/vacation/off/", {"active": "1", "next": URL})
    after = row()
    assert after.active
    assert (after.body, after.activefrom, after.activeuntil) == (before.body, before.activefrom, before.activeuntil)
    assert VacationMore.objects.get().inside_body == "Ask Berta"


def test_an_undo_that_comes_too_late_says_so(anna: Client) -> None:
    anna.post(URL, filled())
    anna.post("/account/vacation/off/")
    now = timezone.now()
    Vacation.objects.update(activefrom=now - dt.timedelta(days=1), activeuntil=now - dt.timedelta(minutes=1))
    answer = anna.post("/account/vacation/off/", {"active": "1"}, follow=True)
    assert "The end has already passed." in answer.content.decode()
    assert not row().active


def test_one_to_come_is_not_ended_but_switched_off(anna: Client) -> None:
    start = timezone.now() + dt.timedelta(days=3)
    anna.post(URL, filled(activefrom=f"{start:%Y-%m-%dT%H:%M}"))
    assert "End now" not in page(anna)
    assert "Switch off" in page(anna)


def test_one_that_is_over_does_not_begin_again_by_saving(anna: Client) -> None:
    anna.post(URL, filled())
    Vacation.objects.update(activeuntil=timezone.now() - dt.timedelta(days=1))
    shown = page(anna)
    assert "The vacation reply ended on " in shown
    assert not re.search(r'name="active"[^>]* checked', shown)
    assert "Back soon." in shown
    anna.post(URL, {"subject": "Away", "body": "Next time"})
    assert (row().active, row().body) == (False, "Next time")


def test_what_prevents_the_reply_is_said(anna: Client) -> None:
    anna.post(URL, filled())
    bob = admin_client("bob@example.com", domains=["example.com"])
    assert "nobody is answered" not in page(bob, ADMINS)
    Mailbox.objects.update(active=False)
    for url in (ADMINS, "/mailboxes/anna@example.com/"):
        assert "The mailbox is switched off: mail to it is refused, and nobody is answered." in page(bob, url)


def test_an_admin_sees_whose_it_is_and_the_owner_who_set_it(anna: Client) -> None:
    Mailbox.objects.update(name="Anna Ångström")
    bob = admin_client("bob@example.com", domains=["example.com"])
    shown = words(page(bob, ADMINS))
    assert "Vacation reply of anna@example.com" in shown
    assert "Anna Ångström · No vacation reply." in shown
    bob.post(ADMINS, filled())
    assert "Changed by bob@example.com on " in page(anna)
    assert "Changed by you on " in page(bob, ADMINS)


def rome(anna: Client) -> Client:
    Account.objects.update(time_zone="Europe/Rome")
    return anna


def test_an_hour_that_the_clocks_leave_out_is_the_one_after_it(anna: Client) -> None:
    """The last Sunday of March 2032 has no 02:30 in Rome."""
    rome(anna).post(URL, filled(activeuntil="2032-03-28T02:30"))
    assert row().activeuntil == dt.datetime(2032, 3, 28, 1, 30, tzinfo=dt.UTC)
    assert 'value="2032-03-28T03:30"' in page(anna)


def test_an_hour_that_comes_twice_is_its_first_and_stays_what_it_is(anna: Client) -> None:
    """The last Sunday of October 2032 has two 02:30 in Rome."""
    typed = filled(activeuntil="2032-10-31T02:30")
    rome(anna).post(URL, typed)
    first, second = (dt.datetime(2032, 10, 31, hour, 30, tzinfo=dt.UTC) for hour in (0, 1))
    assert row().activeuntil == first
    Vacation.objects.update(activeuntil=second)
    assert 'value="2032-10-31T02:30"' in page(anna)
    anna.post(URL, typed | {"body": "Changed"})
    assert (row().activeuntil, row().body) == (second, "Changed")


def test_both_sides_of_a_change_of_clocks_are_the_persons(anna: Client) -> None:
    rome(anna).post(URL, filled(activefrom="2032-03-27T09:00", activeuntil="2032-03-29T09:00"))
    start, end = row().activefrom, row().activeuntil
    assert start and end
    assert end - start == dt.timedelta(hours=47)
