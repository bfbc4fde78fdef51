"""What PostfixAdmin writes into an alias row for its vacation program: no forwarding, and gone with the vacation."""

import pytest
from django.test import Client

from aliases.models import Alias, AliasTarget
from mailadmin.accounts.credentials import AccountKind
from mailboxes import vacation
from tests.operations.cases import ALICE, populate
from tests.operations.pages import press
from tests.people import signed_in

ANNA = "anna@example.com"
ENTRY = "anna#example.com@autoreply.example.org"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world(db: None) -> None:
    populate()


@pytest.fixture
def bob() -> Client:
    return signed_in(AccountKind.ADMIN, "bob@example.com")


def goto(address: str = ANNA) -> str:
    return Alias.objects.get(address=address).goto


def write(*targets: str) -> None:
    Alias.objects.filter(address=ANNA).update(goto=",".join(targets))


def test_it_goes_when_the_vacation_is_switched_off() -> None:
    write("out@far.example", "Anna#Example.com@autoreply.example.org", "berta#example.com@autoreply.example.org", ANNA)
    vacation.set_vacation(ALICE, username=ANNA, active=True, subject="Away", body="Back soon")
    assert "Anna#Example.com@" in goto()
    vacation.set_vacation(ALICE, username=ANNA, active=False, subject="Away", body="Back soon")
    assert goto() == f"out@far.example,berta#example.com@autoreply.example.org,{ANNA}"
    assert not AliasTarget.objects.filter(address=ANNA, target=ENTRY).exists()


def test_a_mailbox_that_had_nothing_else_keeps_its_mail() -> None:
    write(ENTRY)
    vacation.set_vacation(ALICE, username=ANNA, active=True, subject="Away", body="Back soon")
    vacation.set_vacation(ALICE, username=ANNA, active=False, subject="Away", body="Back soon")
    assert goto() == ANNA


def test_the_forwarding_page_hides_and_keeps_it(bob: Client) -> None:
    write(ENTRY, ANNA)
    for page in ("", "forwarding/"):
        assert "autoreply" not in bob.get(f"/mailboxes/{ANNA}/{page}").content.decode()
    press(bob, f"/mailboxes/{ANNA}/forwarding/", targets="out@far.example")
    assert sorted(goto().split(",")) == sorted([ENTRY, ANNA, "out@far.example"])
