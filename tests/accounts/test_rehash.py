"""Passwords that are stored anew at sign-in."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from mailadmin.accounts.backends import find_credential
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Admin
from mailadmin.accounts.rehash import rehash
from mailadmin.accounts.services import create_admin
from mailadmin.accounts.signin import check_sign_in
from mailadmin.adopt.leaving import leave_old_panel
from mailadmin.audit.models import AuditEvent
from mailadmin.core import adoption, passwords
from mailadmin.core.actor import Actor, ActorKind
from mailboxes.models import Credential, Mailbox
from mailboxes.services import create_mailbox
from mailboxes.setup_links import create_setup_link, open_setup_link
from tests.people import make_domains

ANNA = "anna@example.com"
BOB = "bob@example.com"
PASSWORD = "correct horse battery"
CLI = Actor.cli()
STRANGER = Actor.anonymous("192.0.2.4", "r4")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people(settings: Settings) -> None:
    """Anna, and Bob who is both, with passwords as an old panel left them."""
    settings.MAILADMIN_PASSWORD_SCHEME = "SSHA"
    settings.MAILADMIN_PASSWORD_REHASH = True
    make_domains("example.com")
    create_admin(CLI, username=BOB, password=PASSWORD, domains=["example.com"])
    for local_part in ("anna", "bob"):
        create_mailbox(CLI, local_part=local_part, domain="example.com", password=PASSWORD)
    settings.MAILADMIN_PASSWORD_SCHEME = "SSHA256"


def scheme(username: str = ANNA, kind: AccountKind = AccountKind.MAILBOX) -> str:
    return passwords.scheme_of(stored(username, kind))


def stored(username: str = ANNA, kind: AccountKind = AccountKind.MAILBOX) -> str:
    rows: Any = Admin.objects if kind is AccountKind.ADMIN else Mailbox.objects
    return str(rows.get(username=username).password)


def signs_in(client: Client, username: str = ANNA, password: str = PASSWORD) -> bool:
    return client.post("/login/", {"username": username, "password": password}).status_code == 302


def rehashes() -> int:
    return AuditEvent.objects.filter(action="rehash_password").count()


def test_a_right_password_is_stored_anew_once(client: Client) -> None:
    assert signs_in(client) and scheme() == "SSHA256"
    now = stored()
    assert passwords.verify_password(PASSWORD, now)
    event = AuditEvent.objects.get(action="rehash_password")
    assert (event.actor, event.actor_kind, event.target, event.domain) == (ANNA, "user", ANNA, "example.com")
    assert event.after == {"password": "*** (changed)", "scheme": "SSHA256"}
    assert signs_in(Client()) and stored() == now and rehashes() == 1


def test_only_where_it_is_switched_on(client: Client, settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_REHASH = False
    before = stored()
    assert signs_in(client) and stored() == before and rehashes() == 0


def test_never_for_a_wrong_password(client: Client) -> None:
    before = stored()
    assert not signs_in(client, password="wrong horse") and stored() == before and rehashes() == 0


def test_who_is_both_has_both_rows_stored_anew_and_still_chooses(client: Client) -> None:
    assert client.post("/login/", {"username": BOB, "password": PASSWORD}).status_code == 200
    assert {scheme(BOB, kind) for kind in AccountKind} == {"SSHA256"}
    assert rehashes() == 2
    assert set(AuditEvent.objects.filter(action="rehash_password").values_list("actor_kind", "domain")) == {
        ("admin", ""),
        ("user", "example.com"),
    }
    assert client.post("/login/", {"kind": "admin"}).status_code == 302
    assert client.get("/domains/").status_code == 200


def test_other_sessions_go_on_until_the_password_changes(client: Client, settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_REHASH = False
    assert signs_in(client)
    settings.MAILADMIN_PASSWORD_REHASH = True
    assert signs_in(Client()) and scheme() == "SSHA256"
    assert client.get("/account/").status_code == 200, "the session of before"
    other = Client()
    settings.MAILADMIN_PASSWORD_REHASH = False
    assert signs_in(other)
    # Another program changes it, back to a form of before even.
    Mailbox.objects.filter(username=ANNA).update(password=passwords.hash_password("another horse!", "SSHA"))
    assert client.get("/account/").status_code == 302 and other.get("/account/").status_code == 302


def test_a_set_up_link_goes_on(client: Client) -> None:
    token, _link = create_setup_link(CLI, username=ANNA)
    assert signs_in(client) and scheme() == "SSHA256"
    assert open_setup_link(token, ip="192.0.2.9").username == ANNA


def test_challenge_credentials_are_made_of_the_new_form(client: Client, settings: Settings) -> None:
    settings.MAILADMIN_CHALLENGE_MECHANISMS = ("CRAM-MD5",)
    assert signs_in(client) and rehashes() == 1
    row = Credential.objects.get(username=ANNA)
    assert (row.mechanism, row.made_for) == ("CRAM-MD5", stored())


def test_neither_age_nor_recovery_code_of_the_password_changes(client: Client) -> None:
    Mailbox.objects.filter(username=ANNA).update(token="code")
    before = Mailbox.objects.get(username=ANNA)
    assert signs_in(client) and rehashes() == 1
    after = Mailbox.objects.get(username=ANNA)
    assert (after.password_expiry, after.token) == (before.password_expiry, "code")


@pytest.mark.parametrize(
    ("stored_as", "typed", "anew"),
    [
        ("VXAXutUnpVYg6", "test123", True),
        ("{CRYPT}VXAXutUnpVYg6", "test123", True),
        # DES takes any ending after eight characters: which of them mail programs send is not known.
        ("DES of 8", "test1234", True),
        ("DES of 8", "test1234 and more", False),
        ("bcrypt of 72", "a" * 72, True),
        ("bcrypt of 72", "a" * 73, False),
    ],
)
def test_a_password_of_which_only_the_beginning_counts(client: Client, stored_as: str, typed: str, anew: bool) -> None:
    known = {"DES of 8": des("test1234"), "bcrypt of 72": passwords.hash_password("a" * 72, "BLF-CRYPT")}
    Mailbox.objects.filter(username=ANNA).update(password=known.get(stored_as, stored_as))
    assert signs_in(client, password=typed)
    assert rehashes() == int(anew)


def des(password: str) -> str:
    from passlib.hash import des_crypt

    return str(des_crypt.hash(password))


@pytest.mark.parametrize(("target", "typed"), [("BLF-CRYPT", "b" * 80), ("PLAIN", "c" * 300)])
def test_what_the_new_scheme_cannot_hold_stays(client: Client, settings: Settings, target: str, typed: str) -> None:
    before = passwords.hash_password(typed, "SSHA")
    Mailbox.objects.filter(username=ANNA).update(password=before)
    settings.MAILADMIN_PASSWORD_SCHEME = target
    assert signs_in(client, password=typed) and stored() == before and rehashes() == 0


def test_a_form_that_depends_on_the_password_is_not_written_again_and_again(client: Client, settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_SCHEME = "PLAIN"
    Mailbox.objects.filter(username=ANNA).update(password="{PLAIN.B64}ZsO8bmYgUGZlcmRl")
    assert signs_in(client, password="fünf Pferde") and rehashes() == 0


def test_a_password_that_was_changed_meanwhile_stays() -> None:
    found = find_credential(AccountKind.MAILBOX, ANNA)
    assert found
    Mailbox.objects.filter(username=ANNA).update(password="{PLAIN}another")
    person = Actor(ActorKind.USER, ANNA)
    assert rehash(person, found, PASSWORD) == found
    assert stored() == "{PLAIN}another" and rehashes() == 0


@pytest.mark.django_db(transaction=True)
def test_two_at_once_write_once() -> None:
    start = threading.Barrier(2)
    found: list[str] = []

    def one() -> None:
        try:
            start.wait()
            found.extend(row.username for row in check_sign_in(STRANGER, username=ANNA, password=PASSWORD))
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _turn in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [ANNA, ANNA] and rehashes() == 1
    assert passwords.verify_password(PASSWORD, stored())


@pytest.fixture
def adopted(settings: Settings) -> None:
    """A database that was PostfixAdmin's, with md5crypt in most rows; nothing is set."""
    settings.MAILADMIN_PASSWORD_SCHEME = ""
    settings.MAILADMIN_PASSWORD_REHASH = None
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {adoption.TABLE}")
        for kind, name in (("origin", adoption.ADOPTED), ("scheme", "MD5-CRYPT:bare")):
            cursor.execute(f"INSERT INTO {adoption.TABLE} (kind, table_name, name) VALUES (%s, '', %s)", [kind, name])


@pytest.mark.usefixtures("adopted")
def test_an_adopted_database_keeps_its_scheme_until_the_old_panel_is_gone(client: Client) -> None:
    create_mailbox(CLI, local_part="carla", domain="example.com", password=PASSWORD)
    assert scheme("carla@example.com") == "MD5-CRYPT:bare"
    before = stored()
    assert signs_in(client) and stored() == before and rehashes() == 0
    leave_old_panel(Actor.cli())
    create_mailbox(CLI, local_part="dora", domain="example.com", password=PASSWORD)
    assert scheme("dora@example.com") == "ARGON2ID"
    assert signs_in(Client()) and scheme() == "ARGON2ID" and rehashes() == 1


@pytest.mark.usefixtures("adopted")
def test_settings_are_above_what_was_adopted(client: Client, settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_SCHEME, settings.MAILADMIN_PASSWORD_REHASH = "SHA512-CRYPT:bare", True
    assert signs_in(client) and scheme() == "SHA512-CRYPT:bare"


def test_a_fresh_database_takes_argon2id(settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_SCHEME = ""
    create_mailbox(CLI, local_part="carla", domain="example.com", password=PASSWORD)
    assert scheme("carla@example.com") == "ARGON2ID"
