"""The page of one mailbox."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aliases.models import Alias
from aliases.services import create_alias, update_alias
from domains.models import Domain
from mailadmin.core.actor import Actor
from mailboxes.models import Mailbox, Quota2
from mailboxes.passwords import set_mailbox_password
from mailboxes.vacation import set_vacation
from tests.mailboxes.screens import PASSWORD, shown, toasts
from tests.people import make_mailboxes

PAGE = "/mailboxes/anna@example.com/"
CLI = Actor.cli()


def text(client: Client) -> str:
    return client.get(PAGE).content.decode()


@pytest.mark.parametrize("who", ["charlie", "anna"])
def test_a_foreign_mailbox_looks_like_an_absent_one(who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)
    for part in ("", "edit/", "password/", "forwarding/", "delete/"):
        assert client.get(PAGE + part).status_code == 404
        assert client.get(f"/mailboxes/absent@example.com/{part}").status_code == 404


def test_addresses_are_found_however_they_are_typed(bob: Client) -> None:
    assert bob.get("/mailboxes/ANNA@Example.COM/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "no-at",
        "a@b@c",
        "usér@example.com",
        "😀@example.com",
        "%00@example.com",
        "..@example.com",
        "x" * 300 + "@example.com",
    ],
)
def test_what_is_no_address_is_not_found(bob: Client, path: str) -> None:
    assert bob.get(f"/mailboxes/{path}/").status_code == 404


def test_it_says_where_mail_goes_and_who_points_here(bob: Client) -> None:
    create_alias(CLI, address="secret@other.example", targets=["anna@example.com"])
    page = text(bob)
    assert "Kept here." in page
    assert "info@<wbr>" in page
    assert "secret@" not in page
    update_alias(CLI, address="anna@example.com", targets=["anna@example.com", "anna@private.example"])
    assert "Kept here and sent on to:" in text(bob)
    update_alias(CLI, address="anna@example.com", targets=["anna@private.example"])
    assert "Not kept here, sent on to:" in text(bob)


def test_it_says_state_and_storage(bob: Client) -> None:
    Quota2.objects.create(username="anna@example.com", bytes=2 * 1024**2, messages=1234)
    Mailbox.objects.update(quota=10 * 1024**2)
    page = text(bob)
    assert "It receives mail, and its owner can sign in and send." in page
    assert "<strong>2 MB</strong> of 10 MB" in page
    assert "1,234 messages" in page
    Mailbox.objects.update(smtp_active=False)
    assert "but cannot send." in text(bob)
    Domain.objects.update(active=False)
    assert "Off with its domain" in text(bob)
    Mailbox.objects.update(active=False)
    assert "mail to it is refused" in text(bob)


def test_it_tells_the_vacation_in_one_sentence(bob: Client) -> None:
    assert "No vacation reply." in text(bob)
    now = timezone.now()
    day = dt.timedelta(days=1)

    def after(activefrom: dt.datetime, activeuntil: dt.datetime | None = None) -> str:
        set_vacation(
            CLI,
            username="anna@example.com",
            active=True,
            subject="Gone <fishing>",
            body="x",
            activefrom=activefrom,
            activeuntil=activeuntil,
        )
        return text(bob)

    assert "Replies, without an end date." in after(activefrom=now - day)
    assert "Replies until " in after(activefrom=now - day, activeuntil=now + day)
    assert "Will reply from " in after(activefrom=now + day, activeuntil=now + 2 * day)


def test_it_tells_the_age_of_the_password_and_its_history(bob: Client) -> None:
    page = text(bob)
    assert "Set on " in page
    assert "Expires on " not in page
    set_mailbox_password(CLI, username="anna@example.com", password=PASSWORD + "2")
    Domain.objects.update(password_expiry=30)
    page = text(bob)
    assert "Expires on " in page
    assert page.count('class="log__entry"') == 2


def test_a_mailbox_of_another_program_has_a_page(bob: Client) -> None:
    make_mailboxes("old@example.com", name="Zoë", quota=-1)
    page = shown(bob.get("/mailboxes/old@example.com/").content)
    assert "None is set: nobody can sign in." in page
    assert "none allowed" in page
    assert "Nothing happened yet in this panel." in page


def test_a_missing_alias_row_is_shown_and_repaired(bob: Client) -> None:
    Alias.objects.filter(address="anna@example.com").delete()
    page = text(bob)
    assert "The alias row of this mailbox is missing." in page
    assert "/mailboxes/anna@example.com/repair/" in page
    assert bob.get(PAGE + "forwarding/").status_code == 200
    assert bob.post(PAGE + "repair/")["Location"] == PAGE
    assert Alias.objects.get(address="anna@example.com").goto == "anna@example.com"
    assert toasts(bob) == ["The alias row of anna@example.com is there again."]
    assert "missing" not in text(bob)


def test_a_page_costs_the_same_however_much_there_is(bob: Client) -> None:
    bob.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        bob.get(PAGE)
    for number in range(60):
        create_alias(CLI, address=f"list{number}@example.com", targets=["anna@example.com"])
        set_vacation(CLI, username="anna@example.com", active=False, subject=str(number), body="x")
    with CaptureQueriesContext(connection) as many:
        bob.get(PAGE)
    assert len(few) == len(many) <= 21
