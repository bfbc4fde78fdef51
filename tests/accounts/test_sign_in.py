"""Signing in and out."""

import re
import time
from typing import Any

import pytest
from django.test import Client

from domains.models import Domain
from mailadmin.accounts.models import Account, Admin, Throttle
from mailadmin.accounts.services import create_admin, delete_admin, set_admin_active, set_admin_password
from mailadmin.accounts.throttle import NAME_TRIES, NETWORK_TRIES
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from mailadmin.core.passwords import hash_password
from mailboxes.models import Mailbox
from mailboxes.passwords import set_mailbox_password
from mailboxes.services import create_mailbox, delete_mailbox, set_mailbox_active
from tests.people import make_domains

PASSWORD = "correct horse battery"
CLI = Actor.cli()
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people() -> None:
    make_domains("example.com")
    create_admin(CLI, username="alice@ops.example", password=PASSWORD, superadmin=True)
    create_admin(CLI, username="bob@example.com", password=PASSWORD, domains=["example.com"])
    create_mailbox(CLI, local_part="anna", domain="example.com", password=PASSWORD)
    # The same name and password twice.
    create_mailbox(CLI, local_part="bob", domain="example.com", password=PASSWORD)


def post(client: Client, username: str, password: str = PASSWORD, ip: str = "127.0.0.1", **more: str) -> Any:
    return client.post("/login/", {"username": username, "password": password, **more}, REMOTE_ADDR=ip)


def kind_of(client: Client) -> str:
    user = client.get("/account/").wsgi_request.actor  # type: ignore[attr-defined]
    return str(user.kind)


@pytest.mark.parametrize(("username", "kind"), [("alice@ops.example", "superadmin"), (" Anna@EXAMPLE.com ", "user")])
def test_each_kind_signs_in(client: Client, username: str, kind: str) -> None:
    assert post(client, username)["Location"] == "/"
    assert kind_of(client) == kind
    event = AuditEvent.objects.get(action="sign_in")
    assert (event.actor, event.actor_kind) == (username.strip().lower(), kind)


@pytest.mark.parametrize("kind", ["admin", "mailbox"])
def test_who_is_both_chooses(client: Client, kind: str) -> None:
    answer = post(client, "bob@example.com", next="/log/")
    assert answer.status_code == 200
    assert kind_of(client) == "anonymous"
    assert 'name="next" value="/log/"' in answer.content.decode()
    assert client.post("/login/", {"kind": kind, "next": "/log/"})["Location"] == "/log/"
    assert kind_of(client) == {"admin": "admin", "mailbox": "user"}[kind]


def test_the_choice_is_offered_once_and_for_five_minutes(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    post(client, "bob@example.com")
    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)
    assert b"Please sign in again" in client.post("/login/", {"kind": "admin"}).content
    monkeypatch.undo()
    assert b"Please sign in again" in client.post("/login/", {"kind": "admin"}).content


def test_the_choice_is_not_in_a_session_that_somebody_planted(client: Client, settings: Any) -> None:
    planted = client.session.session_key
    post(client, "bob@example.com")
    assert client.session.session_key != planted
    intruder = Client()
    intruder.cookies[settings.SESSION_COOKIE_NAME] = planted or ""
    intruder.post("/login/", {"kind": "admin"})
    assert kind_of(intruder) == "anonymous"
    client.post("/login/", {"kind": "admin"})
    assert kind_of(client) == "admin"


def test_the_choice_is_void_when_the_password_changed_meanwhile(client: Client) -> None:
    post(client, "bob@example.com")
    set_admin_password(CLI, username="bob@example.com", password="another long password")
    assert client.post("/login/", {"kind": "admin"}).status_code == 200
    assert kind_of(client) == "anonymous"


@pytest.mark.parametrize("kind", ["", "root", "admin\x00", "admin" * 1000, "🤖"])
def test_a_choice_nobody_offered(client: Client, kind: str) -> None:
    assert client.post("/login/", {"kind": kind}).status_code == 200
    post(client, "bob@example.com")
    assert client.post("/login/", {"kind": kind}).status_code == 200
    assert kind_of(client) == "anonymous"


def test_every_refusal_reads_the_same(client: Client) -> None:
    set_mailbox_active(CLI, username="anna@example.com", active=False)
    tries = [
        ("alice@ops.example", "wrong"),
        ("nobody@ops.example", PASSWORD),
        ("anna@example.com", PASSWORD),
        ("no address", PASSWORD),
        ("usér@example.com", PASSWORD),
    ]
    answers = {re.sub(r'value="[^"]*"|content="[^"]*"', "", post(client, *one).content.decode()) for one in tries}
    assert len(answers) == 1
    assert "wrong, or the account is switched off" in answers.pop()


@pytest.mark.parametrize(
    "username",
    [
        "",
        "a" * 300,
        "anna\x00@example.com",
        "<b>@example.com",
        "'; --",
        "%",
        "_",
        "a@b@c",
        "😀@example.com",
        "a\r\nb@c",
        # Longer as it would be stored.
        f"{'x' * 150}@{'你好.' * 15}example",
    ],
)
def test_bad_names_are_refused_not_errors(client: Client, username: str) -> None:
    assert post(client, username).status_code == 200
    assert post(client, "anna@example.com", password=username or "x\x00").status_code == 200


def test_a_mailbox_of_a_switched_off_domain_cannot_sign_in(client: Client) -> None:
    Domain.objects.filter(domain="example.com").update(active=False)
    assert post(client, "anna@example.com").status_code == 200


@pytest.mark.parametrize(
    ("wanted", "where"),
    [
        ("/log/?who=a", "/log/?who=a"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("\\\\evil.example", "/"),
        ("/" + "x" * 3000, "/"),
        ("/a\nb\x00", None),
        ("nowhere", "/"),
        ("logout", "/"),
    ],
)
def test_next_stays_on_this_site(client: Client, wanted: str, where: str | None) -> None:
    assert client.get("/login/", {"next": wanted}).status_code == 200
    answer = post(client, "alice@ops.example", next=wanted)
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]
    if where:
        assert answer["Location"] == where


def test_asking_to_sign_in_remembers_the_page(client: Client) -> None:
    assert client.get("/log/?who=a")["Location"] == "/login/?next=%2Flog%2F%3Fwho%3Da"
    assert client.get("/account/?" + "x" * 3000)["Location"] == "/login/"
    answer = client.get("/log/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/log/"})
    assert answer["HX-Redirect"].startswith("/login/?next=")


def test_whoever_is_signed_in_goes_on(client: Client) -> None:
    post(client, "alice@ops.example")
    assert client.get("/login/")["Location"] == "/"


def test_signing_out_takes_a_button(client: Client) -> None:
    assert client.get("/logout/")["Location"] == "/login/"
    post(client, "alice@ops.example")
    assert b"Sign out?" in client.get("/logout/").content
    assert kind_of(client) == "superadmin"
    assert client.post("/logout/")["Location"] == "/login/"
    assert kind_of(client) == "anonymous"
    assert AuditEvent.objects.filter(action="sign_out", actor="alice@ops.example").exists()


def test_guessing_is_slowed_down(client: Client) -> None:
    for _number in range(NAME_TRIES):
        assert post(client, "alice@ops.example", "wrong").status_code == 200
    answer = post(client, "alice@ops.example")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 15
    assert b"second" in answer.content
    assert post(client, "anna@example.com").status_code == 302


def test_a_stranger_locks_nobody_out(client: Client) -> None:
    for _number in range(NAME_TRIES + 2):
        post(client, "alice@ops.example", "wrong", ip="203.0.113.7")
    assert post(client, "alice@ops.example", ip="203.0.113.7").status_code == 429
    assert post(client, "alice@ops.example", ip="198.51.100.1").status_code == 302


def test_a_success_does_not_clear_the_network(client: Client) -> None:
    Throttle.objects.all().delete()
    post(client, "nobody@example.com", "wrong", ip="203.0.113.7")
    Throttle.objects.filter(key="* 203.0.113.7").update(failures=NETWORK_TRIES - 1)
    assert post(client, "alice@ops.example", ip="203.0.113.7").status_code == 302
    post(Client(), "other@example.com", "wrong", ip="203.0.113.7")
    assert post(Client(), "alice@ops.example", ip="203.0.113.7").status_code == 429


def test_a_whole_office_signs_in_from_one_address() -> None:
    post(Client(), "nobody@example.com", "wrong", ip="203.0.113.7")
    Throttle.objects.filter(key="* 203.0.113.7").update(failures=NETWORK_TRIES - 2)
    for _number in range(4):
        assert post(Client(), "anna@example.com", ip="203.0.113.7").status_code == 302
        assert post(Client(), "alice@ops.example", ip="203.0.113.7").status_code == 302


SCHEMES = {"PLAIN-MD5": "quick", "MD5-CRYPT": "old", "SHA512-CRYPT": "usual", "BLF-CRYPT": "slow", "ARGON2ID": "new"}


def test_refusals_take_their_time_known_or_not(client: Client, settings: Any) -> None:
    """However long the stored form takes to check; tests/prove/test_unknown_names.py compares the times."""
    settings.MAILADMIN_SIGNIN_FLOOR = 0.2
    for scheme, local_part in SCHEMES.items():
        create_mailbox(CLI, local_part=local_part, domain="example.com", password=PASSWORD)
        stored = hash_password(PASSWORD, scheme, username=f"{local_part}@example.com")
        Mailbox.objects.filter(local_part=local_part).update(password=stored)
    names = [f"{local_part}@example.com" for local_part in SCHEMES.values()]
    pages = set()
    for number, username in enumerate((*names, "alice@ops.example", "nobody@example.com", "no name")):
        started = time.monotonic()
        page = post(client, username, "wrong", ip=f"192.0.2.{number}").content.decode()
        assert time.monotonic() - started >= 0.2
        pages.add(re.sub(r'value="[^"]*"', "", page))
    assert len(pages) == 1


def test_a_floor_that_is_too_low_is_told(client: Client, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.MAILADMIN_SIGNIN_FLOOR = 0.000001
    post(client, "alice@ops.example", "wrong")
    assert "raise MAILADMIN_SIGNIN_FLOOR" in caplog.text


def test_whoever_signs_in_does_not_wait(client: Client, settings: Any) -> None:
    settings.MAILADMIN_SIGNIN_FLOOR = 3600
    post(client, "alice@ops.example")
    assert kind_of(client) == "superadmin"


def test_a_new_password_ends_the_sessions(client: Client) -> None:
    post(client, "anna@example.com")
    assert kind_of(client) == "user"
    set_mailbox_password(CLI, username="anna@example.com", password="another long password")
    assert kind_of(client) == "anonymous"


def test_switching_off_ends_the_sessions(client: Client) -> None:
    admin = Client()
    post(client, "anna@example.com")
    post(admin, "bob@example.com")
    admin.post("/login/", {"kind": "admin"})
    assert kind_of(admin) == "admin"
    set_mailbox_active(CLI, username="anna@example.com", active=False)
    set_admin_active(CLI, username="bob@example.com", active=False)
    assert kind_of(client) == kind_of(admin) == "anonymous"


def age(model: type[Mailbox] | type[Admin], username: str) -> None:
    """Make a row some seconds older, as it is when its name comes back later."""
    row = model.objects.get(username=username)
    assert row.created is not None
    moment = row.created.replace(year=row.created.year - 1)
    model.objects.filter(username=username).update(created=moment)


def test_a_name_made_again_inherits_no_session(client: Client) -> None:
    age(Mailbox, "anna@example.com")
    age(Admin, "alice@ops.example")
    admin = Client()
    post(client, "anna@example.com")
    post(admin, "alice@ops.example")
    create_admin(CLI, username="second@ops.example", password=PASSWORD, superadmin=True)
    for again in (False, True):
        stored = Mailbox.objects.get(username="anna@example.com").password
        delete_mailbox(CLI, username="anna@example.com")
        delete_admin(CLI, username="alice@ops.example")
        create_mailbox(CLI, local_part="anna", domain="example.com", password=PASSWORD)
        create_admin(CLI, username="alice@ops.example", password=PASSWORD, superadmin=True)
        if again:
            Mailbox.objects.filter(username="anna@example.com").update(password=stored)
        assert kind_of(client) == kind_of(admin) == "anonymous"


def test_an_account_left_by_an_earlier_row_is_replaced(client: Client) -> None:
    post(client, "anna@example.com")
    Account.objects.filter(login="mailbox:anna@example.com").update(time_zone="Asia/Tokyo")
    age(Mailbox, "anna@example.com")
    post(Client(), "anna@example.com")
    assert Account.objects.get(login="mailbox:anna@example.com").time_zone == ""


def test_a_first_password_must_be_changed(client: Client) -> None:
    create_admin(CLI, username="new@ops.example", password=PASSWORD, superadmin=True, must_change=True)
    assert post(client, "new@ops.example", next="/log/")["Location"] == "/account/password/"
    assert client.get("/log/")["Location"] == "/account/password/"
    assert client.get("/brand.css").status_code == 200, "it is a part of that page"
    assert b"You are asked for a new password" in client.get("/account/password/").content
    answer = client.post("/account/password/", {"current": PASSWORD, "new": "my very own password"})
    assert answer["Location"] == "/"
    assert client.get("/log/").status_code == 200
