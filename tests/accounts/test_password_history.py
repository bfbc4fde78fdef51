"""The last passwords may not come again; of them hashes alone are kept, and only while they are needed."""

import pytest
from django.db import connection
from pytest_django import Settings

from domains.rules import set_domain_rules
from mailadmin.accounts import services as accounts
from mailadmin.accounts.backends import find_credential
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import PasswordHistory
from mailadmin.accounts.rehash import rehash_password
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.errors import Invalid
from mailadmin.core.passwords import hash_password, verify_password
from mailboxes.models import Mailbox
from mailboxes.passwords import set_mailbox_password
from mailboxes.services import create_mailbox, delete_mailbox
from tests.people import make_domains

CLI = Actor.cli()
ANNA = "anna@example.com"
USER = Actor(ActorKind.USER, ANNA)
WORDS = ["correct horse battery", "slow tea, loud piano", "seven green bicycles", "yellow window, cold"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anna(settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_HISTORY = 3
    # Quick to make.
    settings.MAILADMIN_PASSWORD_SCHEME = "SSHA512"
    make_domains("example.com")
    create_mailbox(CLI, local_part="anna", domain="example.com", password=WORDS[0])


def remembered(login: str = f"mailbox:{ANNA}") -> list[str]:
    return list(PasswordHistory.objects.filter(login=login).order_by("id").values_list("stored", flat=True))


def change(number: int, current: int) -> None:
    accounts.change_own_password(USER, current=WORDS[current], new=WORDS[number])


def test_none_of_the_last_comes_again() -> None:
    change(1, 0)
    set_mailbox_password(CLI, username=ANNA, password=WORDS[2])
    for word in WORDS[:2]:
        with pytest.raises(Invalid, match=r"one of the last 3 passwords\. This is a rule of Mailadmin"):
            accounts.change_own_password(USER, current=WORDS[2], new=word)
    with pytest.raises(Invalid, match="one of the last 3 passwords"):
        set_mailbox_password(CLI, username=ANNA, password=WORDS[2])
    change(3, 2)
    # The first is the fourth by now.
    change(0, 3)


def test_a_row_of_postfixadmin_on_postgresql_has_a_fraction_of_a_second() -> None:
    with connection.cursor() as cursor:
        fraction = ".123456" if connection.vendor == "postgresql" else ""
        cursor.execute(f"UPDATE mailbox SET created = '2024-05-06 07:08:09{fraction}'")
    change(1, 0)
    change(2, 1)
    with pytest.raises(Invalid, match="one of the last 3 passwords"):
        change(0, 2)


def test_what_is_kept_are_hashes_and_no_more_than_needed(settings: Settings) -> None:
    for number in range(1, 4):
        change(number, number - 1)
    assert len(remembered()) == 3
    assert [verify_password(word, form) for word, form in zip(WORDS[1:], remembered(), strict=True)] == [True] * 3
    assert all(form.startswith("{SSHA512}") for form in remembered())
    settings.MAILADMIN_PASSWORD_HISTORY = 0
    change(0, 3)
    assert remembered() == []


@pytest.mark.parametrize("readable", ["{PLAIN}" + WORDS[3], "{CRAM-MD5}" + "0" * 64, "{PLAIN-MD5}" + "0" * 32, ""])
def test_nothing_that_could_be_read_is_kept(readable: str) -> None:
    Mailbox.objects.filter(username=ANNA).update(password=readable)
    set_mailbox_password(CLI, username=ANNA, password=WORDS[1])
    assert readable not in remembered()
    assert all(form.startswith("{SSHA512}") for form in remembered())


def test_a_password_of_another_program_is_remembered_when_it_goes() -> None:
    Mailbox.objects.filter(username=ANNA).update(password=hash_password(WORDS[3], "SHA512-CRYPT:bare"))
    set_mailbox_password(CLI, username=ANNA, password=WORDS[1])
    with pytest.raises(Invalid, match="one of the last"):
        set_mailbox_password(CLI, username=ANNA, password=WORDS[3])


def test_a_name_made_again_has_no_past() -> None:
    change(1, 0)
    delete_mailbox(CLI, username=ANNA)
    assert remembered() == []
    PasswordHistory.objects.create(
        login=f"mailbox:{ANNA}", stored=hash_password(WORDS[1]), time="2026-01-01T00:00Z", row_created=None
    )
    Mailbox.objects.filter(username=ANNA).delete()
    create_mailbox(CLI, local_part="anna", domain="example.com", password=WORDS[2])
    set_mailbox_password(CLI, username=ANNA, password=WORDS[1])


def test_stored_anew_it_is_the_same_password(settings: Settings) -> None:
    found = find_credential(AccountKind.MAILBOX, ANNA)
    assert found
    rehash_password(USER, found, WORDS[0], scheme="SHA512-CRYPT")
    assert len(remembered()) == 1 and remembered()[0].startswith("{SHA512-CRYPT}")


def test_admins_too() -> None:
    bob = Actor(ActorKind.ADMIN, "bob@ops.example")
    accounts.create_admin(CLI, username=bob.username, password=WORDS[0])
    accounts.change_own_password(bob, current=WORDS[0], new=WORDS[1])
    with pytest.raises(Invalid, match="one of the last"):
        accounts.set_admin_password(CLI, username=bob.username, password=WORDS[0])
    accounts.delete_admin(CLI, username=bob.username)
    assert remembered("admin:bob@ops.example") == []


def test_a_domain_may_ask_for_more(settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_HISTORY = 0
    set_domain_rules(CLI, domain="example.com", password_history=2)
    set_mailbox_password(CLI, username=ANNA, password=WORDS[1])
    with pytest.raises(Invalid, match=r"one of the last 2 passwords\. This is a rule of example\.com"):
        set_mailbox_password(CLI, username=ANNA, password=WORDS[0])
