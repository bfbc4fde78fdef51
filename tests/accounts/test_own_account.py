"""One's own account: password, time zone, what a mailbox user sees."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from aliases.models import Alias
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account
from mailadmin.accounts.services import create_admin
from mailadmin.accounts.throttle import NAME_TRIES
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from mailboxes.models import Mailbox, Quota2
from mailboxes.services import create_mailbox
from tests.people import make_domains, signed_in

PASSWORD = "correct horse battery"
NEW = "a different long one"
CLI = Actor.cli()
pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> Client:
    make_domains("example.com")
    create_mailbox(CLI, local_part="anna", domain="example.com", password=PASSWORD, quota=1024**3)
    return signed_in(AccountKind.MAILBOX, "anna@example.com")


@pytest.fixture
def alice() -> Client:
    create_admin(CLI, username="alice@ops.example", password=PASSWORD, superadmin=True)
    return signed_in(AccountKind.ADMIN, "alice@ops.example")


def test_a_strength_that_is_told_too_late_signs_nobody_out(anna: Client) -> None:
    """It was asked for while the form was on its way, by the key that the session had before."""
    late = Client()
    late.cookies.load(anna.cookies.output(header=""))
    anna.post("/account/password/", {"current": PASSWORD, "new": NEW})
    answer = late.post("/account/password/strength/", {"new": NEW}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert not answer.cookies
    assert "HX-Redirect" not in answer
    assert late.post("/account/password/strength/", {"new": NEW}).status_code == 302
    assert anna.get("/account/").status_code == 200


@pytest.mark.parametrize(("who", "username"), [("anna", "anna@example.com"), ("alice", "alice@ops.example")])
def test_the_own_password(who: str, username: str, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)
    other = Client()
    other.post("/login/", {"username": username, "password": PASSWORD})
    assert other.get("/account/").status_code == 200
    assert client.post("/account/password/", {"current": PASSWORD, "new": NEW})["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302
    assert Client().post("/login/", {"username": username, "password": NEW}).status_code == 302


@pytest.mark.parametrize(
    ("current", "new", "text"),
    [
        ("wrong", NEW, "not your current password"),
        (PASSWORD, "short", "at least 10"),
        (PASSWORD, PASSWORD, "differs"),
        (PASSWORD, "anna@example.com", "must not be the address"),
        (PASSWORD, "", "required"),
        (PASSWORD, "x" * 2000, "at most 1024"),
        (PASSWORD, "null\x00null null", "Null"),
        ("", NEW, "required"),
    ],
)
def test_a_password_that_will_not_do(anna: Client, current: str, new: str, text: str) -> None:
    answer = anna.post("/account/password/", {"current": current, "new": new})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert text in page
    page = page.replace('value="anna@example.com" autocomplete="username"', "")
    for typed in (current, new):
        assert len(typed) < 10 or f'value="{typed}"' not in page
    assert anna.get("/account/").status_code == 200
    assert Mailbox.objects.get(username="anna@example.com")
    assert not AuditEvent.objects.filter(action="edit_password").exists()


def test_guessing_the_current_password_is_slowed_down(anna: Client) -> None:
    for _number in range(NAME_TRIES):
        assert anna.post("/account/password/", {"current": "wrong", "new": NEW}).status_code == 200
    answer = anna.post("/account/password/", {"current": PASSWORD, "new": NEW})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_a_poor_new_password_is_no_guess(anna: Client) -> None:
    for _number in range(NAME_TRIES + 1):
        assert anna.post("/account/password/", {"current": PASSWORD, "new": "short"}).status_code == 200
    assert anna.post("/account/password/", {"current": PASSWORD, "new": NEW}).status_code == 302


@pytest.mark.parametrize(("who", "login"), [("anna", "mailbox:anna@example.com"), ("alice", "admin:alice@ops.example")])
def test_the_time_zone(who: str, login: str, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)
    assert client.post("/account/", {"time_zone": "Asia/Tokyo"}).status_code == 302
    assert Account.objects.get(login=login).time_zone == "Asia/Tokyo"
    assert AuditEvent.objects.filter(action="edit_preferences").count() == 1
    tokyo = timezone.now().astimezone(dt.timezone(dt.timedelta(hours=9)))
    page = client.get("/account/").content.decode()
    assert tokyo.strftime("%H") in page or f"{tokyo.hour % 12 or 12}:" in page
    for bad in ("Mars/Olympus", "../etc/passwd", "x\x00", "y" * 500):
        assert client.post("/account/", {"time_zone": bad}).status_code == 200
    assert client.post("/account/", {"time_zone": "server"}).status_code == 302
    assert Account.objects.get(login=login).time_zone == ""


def test_the_mailbox_user_sees_the_own_mailbox(anna: Client) -> None:
    Quota2.objects.create(username="anna@example.com", bytes=512 * 1024**2, messages=7)
    Alias.objects.filter(address="anna@example.com").update(goto="anna@example.com,anna@elsewhere.example")
    assert anna.get("/")["Location"] == "/account/"
    page = anna.get("/account/").content.decode()
    assert "512 MB" in page
    assert "1 GB" in page
    assert "7 messages" in page
    assert "kept here and sent on to" in page
    assert "elsewhere.example" in page
    assert "No vacation reply" in page
    for path in ("/admins/", "/log/", "/admins/new/"):
        assert anna.get(path).status_code == 403


def test_own_sign_ins_are_not_those_of_an_earlier_account(anna: Client) -> None:
    for days in (400, 0):
        event = AuditEvent(
            action="sign_in", target="anna@example.com", domain="example.com", ip=f"192.0.2.{days % 250}"
        )
        event.time = timezone.now() - dt.timedelta(days=days)
        event.save()
    page = anna.get("/account/").content.decode()
    assert "192.0.2.0" in page
    assert "192.0.2.150" not in page
