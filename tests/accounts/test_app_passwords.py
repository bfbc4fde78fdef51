"""App passwords in the panel: who makes, sees and revokes them, and what they do not open."""

import datetime as dt
import io
import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account
from mailadmin.accounts.throttle import NAME_TRIES
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.errors import Invalid, LimitReached, NotAllowed, NotFound
from mailadmin.mailserver.lookups import APP_PASSWORD_QUERY, PASSWORD_QUERY, run_dovecot
from mailboxes.app_passwords import (
    ALPHABET,
    MOST,
    app_password_digest,
    app_passwords_of,
    create_app_password,
    delete_app_passwords,
    has_app_passwords_only,
    new_app_password,
    revoke_app_password,
    set_app_passwords_only,
)
from mailboxes.mail_sign_ins import KEPT, delete_old_sign_ins, delete_void_app_passwords, last_uses, mail_sign_ins
from mailboxes.models import AppPassword, AppPasswordsOnly, Mailbox, MailSignIn
from mailboxes.passwords import set_mailbox_password
from mailboxes.services import create_mailbox, delete_mailbox
from tests.operations.cases import ALICE, ANNA, APP_PASSWORD, BOB, PASSWORD, keep_app_password, populate
from tests.people import admin_client, signed_in

pytestmark = pytest.mark.django_db

CHARLIE = Actor(ActorKind.ADMIN, "charlie@third.example")
BERTA = Actor(ActorKind.USER, "berta@example.com")
PAGE = "/account/app-passwords/"
NEW = {"name": "Laptop", "protocols": ["imap", "smtp"], "ends": "", "current": PASSWORD}


@pytest.fixture(autouse=True)
def world() -> None:
    populate()


@pytest.fixture
def anna() -> Client:
    return signed_in_again("anna@example.com")


def signed_in_again(username: str) -> Client:
    Account.objects.filter(login=f"mailbox:{username}").delete()
    return signed_in(AccountKind.MAILBOX, username)


def make(actor: Actor = ANNA, name: str = "Laptop", protocols: tuple[str, ...] = ("imap",)) -> tuple[str, AppPassword]:
    return create_app_password(actor, current=PASSWORD, name=name, protocols=protocols)


def mailbox(username: str = "anna@example.com") -> Mailbox:
    return Mailbox.objects.get(username=username)


def taken(username: str, password: str, service: str = "imap") -> bool:
    """Say whether Dovecot is told that an app password fits."""
    return bool(run_dovecot(APP_PASSWORD_QUERY, username, service=service, password=password))


def test_it_is_random_and_kept_as_a_digest_alone() -> None:
    password, row = make()
    assert re.fullmatch(rf"([{ALPHABET}]{{4}}-){{6}}[{ALPHABET}]{{4}}", password)
    assert len(ALPHABET) ** 28 > 2**128
    assert len({new_app_password() for _number in range(200)}) == 200
    assert row.digest == app_password_digest(password)
    event = AuditEvent.objects.latest("id")
    assert password not in repr((event.before, event.after)) and row.digest not in repr(event.after)


def test_the_query_takes_it_for_its_protocols_until_its_end() -> None:
    password, row = make(protocols=("imap", "smtp"))
    services = ("imap", "pop3", "smtp", "submission", "sieve", "lmtp", "doveadm")
    assert [name for name in services if taken("anna@example.com", password, name)] == ["imap", "smtp", "submission"]
    [answer] = run_dovecot(APP_PASSWORD_QUERY, "anna@example.com", password=password)
    assert answer["nopassword"] == "Y" and "password" not in answer
    assert answer["userdb_app_password"] == str(row.pk)
    assert not run_dovecot(APP_PASSWORD_QUERY, "anna@example.com", password=password, tls=False)
    assert not taken("berta@example.com", password) and not taken("anna@example.com", PASSWORD)
    now = timezone.now()
    for ends, expected in ((now + dt.timedelta(minutes=1), True), (now - dt.timedelta(hours=1), False)):
        AppPassword.objects.filter(pk=row.pk).update(ends=ends)
        assert taken("anna@example.com", password) is expected


@pytest.mark.parametrize("switch", [{"active": False}, {"smtp_active": False}])
def test_the_query_honours_the_switches(switch: dict[str, bool]) -> None:
    password, _row = make(protocols=("imap", "smtp"))
    Mailbox.objects.filter(username="anna@example.com").update(**switch)
    assert taken("anna@example.com", password) == ("active" not in switch)
    assert not taken("anna@example.com", password, "smtp")


def test_a_mailbox_without_a_date_has_its_own() -> None:
    Mailbox.objects.filter(username="anna@example.com").update(created=None)
    password, _row = make()
    assert taken("anna@example.com", password)
    set_app_passwords_only(ANNA, username="anna@example.com", only=True)
    assert not run_dovecot(PASSWORD_QUERY, "anna@example.com")


def test_a_name_made_anew_inherits_none() -> None:
    password, _row = make()
    set_app_passwords_only(ANNA, username="anna@example.com", only=True)
    # By another program, which knows nothing of our tables.
    Mailbox.objects.filter(username="anna@example.com").update(created=timezone.now() + dt.timedelta(days=1))
    assert not taken("anna@example.com", password)
    assert run_dovecot(PASSWORD_QUERY, "anna@example.com")
    assert not app_passwords_of(mailbox()) and not has_app_passwords_only(mailbox())
    # By the panel.
    delete_mailbox(ALICE, username="anna@example.com")
    for model in (AppPassword, AppPasswordsOnly, MailSignIn):
        assert not model.objects.filter(username="anna@example.com").exists()
    sign_in_row(0, "192.0.2.1", dt.timedelta(days=1), "dora@example.com")
    create_mailbox(ALICE, local_part="dora", domain="example.com", password=PASSWORD)
    assert not MailSignIn.objects.filter(username="dora@example.com").exists()


def test_only_the_owner_makes_them_and_knows_the_password() -> None:
    for actor in (ALICE, BOB, CHARLIE, Actor.cli()):
        with pytest.raises(NotAllowed):
            make(actor)
    with pytest.raises(Invalid) as error:
        create_app_password(ANNA, current="not this one", name="Laptop", protocols=["imap"])
    assert "current" in error.value.messages


@pytest.mark.parametrize("created", ["2024-05-06 07:08:09.123456", "2000-01-01 00:00:00", "0000-00-00 00:00:00"])
def test_a_mailbox_that_postfixadmin_made(created: str) -> None:
    """On PostgreSQL it has a fraction of a second; an old one may have no date."""
    if connection.vendor == "mysql":
        created = created.partition(".")[0]
    elif created.startswith("0000"):
        created = "1999-12-31 22:00:00"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE mailbox SET created = '{created}'")
    delete_app_passwords(mailbox())
    password, row = make()
    set_app_passwords_only(ANNA, username="anna@example.com", only=True)
    assert app_passwords_of(mailbox()) == [row]
    assert has_app_passwords_only(mailbox())
    assert delete_void_app_passwords() == 0
    assert taken("anna@example.com", password)
    assert not run_dovecot(PASSWORD_QUERY, "anna@example.com", service="imap")


def test_none_is_made_with_a_password_that_was_changed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who shuts an intruder out between the check and the write finds no way in left behind."""

    def changed_meanwhile() -> str:
        set_mailbox_password(ALICE, username="anna@example.com", password="another-Word-41-times")
        return new_app_password()

    monkeypatch.setattr("mailboxes.app_passwords.new_app_password", changed_meanwhile)
    with pytest.raises(Invalid) as error:
        make()
    assert "current" in error.value.messages
    assert [row.name for row in app_passwords_of(mailbox())] == ["Phone"]


@pytest.mark.parametrize(
    ("wrong", "parameter"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "phone"}, "name"),
        ({"name": "a\x07b"}, "name"),
        ({"protocols": []}, "protocols"),
        ({"protocols": ["imap", "ftp"]}, "protocols"),
        ({"ends": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "ends"),
    ],
)
def test_what_it_cannot_be(wrong: dict[str, object], parameter: str) -> None:
    values: dict[str, object] = {"name": "Laptop", "protocols": ["imap"]}
    with pytest.raises(Invalid) as error:
        create_app_password(ANNA, current=PASSWORD, **(values | wrong))  # type: ignore[arg-type]
    assert parameter in error.value.messages


def test_there_is_a_limit() -> None:
    for number in range(MOST - 1):
        keep_app_password("anna@example.com", 2000 + number)
    with pytest.raises(LimitReached):
        make()
    revoke_app_password(ANNA, username="anna@example.com", number=2000)
    make()


def test_who_may_revoke() -> None:
    for actor in (CHARLIE, BERTA):
        with pytest.raises(NotFound):
            revoke_app_password(actor, username="anna@example.com", number=APP_PASSWORD)
    with pytest.raises(NotFound):
        # Of another mailbox in scope.
        revoke_app_password(BOB, username="berta@example.com", number=APP_PASSWORD)
    revoke_app_password(BOB, username="anna@example.com", number=APP_PASSWORD)
    with pytest.raises(NotFound):
        revoke_app_password(BOB, username="anna@example.com", number=APP_PASSWORD)


def test_barring_asks_whether_any_program_could_sign_in() -> None:
    delete_app_passwords(mailbox())
    with pytest.raises(Invalid):
        set_app_passwords_only(BOB, username="anna@example.com", only=True)
    assert run_dovecot(PASSWORD_QUERY, "anna@example.com")
    assert set_app_passwords_only(BOB, username="anna@example.com", only=True, confirmed=True)
    assert not any(run_dovecot(PASSWORD_QUERY, "anna@example.com", service=name) for name in ("imap", "smtp", "sieve"))
    assert run_dovecot(PASSWORD_QUERY, "berta@example.com")
    set_app_passwords_only(ANNA, username="anna@example.com", only=False)
    assert run_dovecot(PASSWORD_QUERY, "anna@example.com")


def test_the_owner_makes_one_and_sees_it_once(anna: Client) -> None:
    ends = (timezone.localdate() + dt.timedelta(days=2)).isoformat()
    shown = anna.post(f"{PAGE}new/", NEW | {"ends": ends}).content.decode()
    found = re.search(r"<code>([a-z2-9-]{34})</code>", shown)
    assert found and taken("anna@example.com", found[1])
    listed = anna.get(PAGE).content.decode()
    assert "Laptop" in listed and found[1] not in listed
    row = AppPassword.objects.get(name="Laptop")
    assert (
        row.ends
        and timezone.localtime(row.ends).isoformat()[:10] == (timezone.localdate() + dt.timedelta(days=3)).isoformat()
    )
    anna.post(f"{PAGE}{row.pk}/revoke/")
    assert not taken("anna@example.com", found[1])


def test_an_app_password_does_not_open_the_panel(anna: Client) -> None:
    password, _row = make()
    set_app_passwords_only(ANNA, username="anna@example.com", only=True)
    for typed, status in ((password, 200), (PASSWORD, 302)):
        answer = Client().post("/login/", {"username": "anna@example.com", "password": typed})
        assert answer.status_code == status
    assert anna.post(f"{PAGE}new/", NEW | {"current": password}).status_code == 200
    assert AppPassword.objects.filter(username="anna@example.com").count() == 2


def test_guesses_at_the_password_are_throttled(anna: Client) -> None:
    for _number in range(NAME_TRIES):
        anna.post(f"{PAGE}new/", NEW | {"current": "a guess"})
    assert anna.post(f"{PAGE}new/", NEW).status_code == 429


def test_admins_see_and_revoke_those_in_their_scope() -> None:
    bob = signed_in(AccountKind.ADMIN, "bob@example.com")
    charlie = admin_client("c@third.example", domains=["third.example"])
    page = "/mailboxes/anna@example.com/app-passwords/"
    assert "Phone" in bob.get(page).content.decode()
    for client in (charlie, signed_in_again("berta@example.com")):
        assert client.get(page).status_code == 404
        assert client.post(f"{page}{APP_PASSWORD}/revoke/").status_code == 404
        assert client.post(f"{page}only/", {"only": "1"}).status_code == 404
    assert signed_in_again("berta@example.com").post(f"{PAGE}{APP_PASSWORD}/revoke/").status_code == 404
    assert bob.post(f"{page}only/", {"only": "1"}).status_code == 302
    assert has_app_passwords_only(mailbox())
    assert bob.post(f"{page}{APP_PASSWORD}/revoke/").status_code == 302
    assert not app_passwords_of(mailbox())
    assert "has made none" in bob.get(page).content.decode()
    assert bob.get(PAGE).status_code == 404 and bob.get(f"{PAGE}new/").status_code == 404


def sign_in_row(number: int, ip: str, age: dt.timedelta, username: str = "anna@example.com") -> None:
    seconds = int((timezone.now() - age).timestamp())
    MailSignIn.objects.create(username=username, service="imap", ip=ip, app_password=number, last_login=seconds)


def test_last_uses_are_told_and_kept_while_they_mean_something() -> None:
    MailSignIn.objects.all().delete()
    Mailbox.objects.filter(username="anna@example.com").update(created=timezone.now() - dt.timedelta(days=900))
    AppPassword.objects.update(made_for=mailbox().created)
    for number, ip, days in ((0, "192.0.2.1", 1), (0, "192.0.2.2", 500), (APP_PASSWORD, "192.0.2.3", 500)):
        sign_in_row(number, ip, dt.timedelta(days=days))
    sign_in_row(APP_PASSWORD, "192.0.2.4", dt.timedelta(days=400))
    sign_in_row(77, "192.0.2.5", dt.timedelta(days=2000))
    rows = app_passwords_of(mailbox())
    assert last_uses(mailbox(), rows)[APP_PASSWORD].ip == "192.0.2.4"
    told = [(row.ip, row.app_password, row.is_gone) for row in mail_sign_ins(mailbox(), rows)]
    assert told[:2] == [("192.0.2.1", "", False), ("192.0.2.4", "Phone", False)]
    assert "192.0.2.5" not in {ip for ip, _name, _gone in told}, "of an earlier mailbox of the name"
    assert delete_old_sign_ins(timezone.now() - dt.timedelta(days=90)) == 2
    assert set(MailSignIn.objects.values_list("ip", flat=True)) == {"192.0.2.1", "192.0.2.4", "192.0.2.5"}
    for number in range(KEPT + 20):
        sign_in_row(0, f"198.51.100.{number}", dt.timedelta(minutes=number))
    assert delete_old_sign_ins(timezone.now() - dt.timedelta(days=90)) == 23
    assert MailSignIn.objects.count() == KEPT


def test_void_ones_are_pruned() -> None:
    make(BERTA)
    keep_app_password("berta@example.com", 3001)
    AppPassword.objects.filter(pk=3001).update(ends=timezone.now() - dt.timedelta(days=31))
    keep_app_password("berta@example.com", 3002)
    AppPassword.objects.filter(pk=3002).update(made_for=timezone.now() - dt.timedelta(days=31))
    keep_app_password("berta@example.com", 3003)
    AppPassword.objects.filter(pk=3003).update(made_for=None)
    Mailbox.objects.filter(username="anna@example.com").delete()
    assert delete_void_app_passwords() == 4
    assert [row.name for row in AppPassword.objects.all()] == ["Laptop"]
    call_command("prune", "--days", "1", stdout=io.StringIO())
