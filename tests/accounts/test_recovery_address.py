"""The recovery address is a key to the account: who may change it, how, and who is told."""

import threading
from typing import Any

import pytest
from django.test import Client

from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Admin, OutgoingMail
from mailadmin.accounts.postman import send_due
from mailadmin.accounts.throttle import NAME_TRIES
from mailadmin.audit.models import AuditEvent
from mailboxes.models import Mailbox
from tests.operations.cases import PASSWORD, populate
from tests.people import admin_client, signed_in
from tests.servers.sink import Sink

ANNA, BERTA, OTHER, NEW = "anna@example.com", "berta@example.com", "anna@elsewhere.example", "new@elsewhere.example"
PAGE = "/account/recovery/"
EDIT = f"/mailboxes/{BERTA}/edit/"
FORM = {"name": "Berta", "quota": "5 MB", "smtp_active": "on"}


@pytest.fixture(autouse=True)
def world(db: None, sink: Sink, settings: Any) -> None:
    """A mail server, and a mailbox with a recovery address."""
    server = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": sink.port, "EMAIL_HOST_USER": "", "EMAIL_HOST_PASSWORD": ""}
    settings.MAILADMIN_SMTP_URL, settings.MAILADMIN_MAIL_FROM = server, "panel@example.com"
    settings.MAILADMIN_URL = "https://panel.example.com"
    populate()
    Mailbox.objects.filter(username=BERTA).update(email_other=OTHER)


@pytest.fixture
def berta(world: None) -> Client:
    return signed_in(AccountKind.MAILBOX, BERTA)


@pytest.fixture
def bob(world: None) -> Client:
    return signed_in(AccountKind.ADMIN, "bob@example.com")


def address_of(username: str = BERTA) -> str:
    return Mailbox.objects.get(username=username).email_other


def told(sink: Sink) -> list[tuple[tuple[str, ...], str]]:
    """Return what was sent by now, and to whom."""
    send_due(threading.Event())
    assert not OutgoingMail.objects.exists()
    return [(mail.recipients, mail.subject) for mail in sink.messages]


def test_the_owner_changes_it_with_the_password(berta: Client, sink: Sink) -> None:
    page = berta.get("/account/").content.decode()
    assert "elsewhere" in page and f'href="{PAGE}"' in page
    answer = berta.post(PAGE, {"email_other": f" {NEW.upper()} ", "current": PASSWORD}, follow=True)
    assert f"Links to choose a new password go to {NEW}." in answer.content.decode()
    assert address_of() == NEW
    assert told(sink) == [((OTHER,), f"Mailadmin: the recovery address of {BERTA} was changed")]
    assert NEW not in sink.messages[0].content.decode(), "whoever has the old one is not told the new one"
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.actor, event.target) == ("edit_mailbox", BERTA, BERTA)
    assert (event.before, event.after) == ({"email_other": OTHER}, {"email_other": NEW})


def test_it_can_be_taken_away(berta: Client, sink: Sink) -> None:
    assert berta.post(PAGE, {"email_other": "", "current": PASSWORD}).status_code == 302
    assert address_of() == ""
    assert len(told(sink)) == 1
    assert "only your admin can help you" in berta.get("/account/").content.decode()


def test_without_the_password_nothing_changes(berta: Client, sink: Sink) -> None:
    for wrong in ("", "wrong", "x\x00", "x" * 2000):
        assert berta.post(PAGE, {"email_other": NEW, "current": wrong}).status_code == 200
    statuses = [berta.post(PAGE, {"email_other": NEW, "current": "wrong"}).status_code for _n in range(NAME_TRIES)]
    assert statuses[-1] == 429, "guessing the password here is slowed down too"
    assert address_of() == OTHER
    assert told(sink) == []


def test_what_is_refused_for_the_address_lets_nobody_guess_the_password(berta: Client) -> None:
    wrong = {"email_other": "no address", "current": "wrong"}
    assert berta.post(PAGE, wrong | {"current": PASSWORD}).status_code == 200
    assert [berta.post(PAGE, wrong).status_code for _n in range(NAME_TRIES + 1)] == [200] * NAME_TRIES + [429]


@pytest.mark.parametrize(
    "bad",
    [BERTA, "Berta@Example.com", "no address", "a@b@c", "a b@c.example", "@c.example", "a\r\nb@c.example", "x" * 300],
)
def test_what_cannot_be_one(bad: str, berta: Client, bob: Client) -> None:
    assert berta.post(PAGE, {"email_other": bad, "current": PASSWORD}).status_code == 200
    assert bob.post(EDIT, FORM | {"email_other": bad}).status_code == 200
    assert address_of() == OTHER


def test_nobody_sets_somebody_elses(berta: Client) -> None:
    more = {"username": ANNA, "address": ANNA, "mailbox": ANNA}
    assert berta.post(f"{PAGE}?username={ANNA}", {"email_other": NEW, "current": PASSWORD} | more).status_code == 302
    assert (address_of(), address_of(ANNA)) == (NEW, "")
    charlie = admin_client("charlie@third.example", domains=["third.example"])
    assert charlie.post(EDIT, FORM | {"email_other": OTHER}).status_code == 404
    assert berta.post(f"/mailboxes/{ANNA}/edit/", FORM | {"email_other": OTHER}).status_code == 404
    assert berta.post(EDIT, FORM | {"email_other": OTHER}).status_code == 404
    assert (address_of(), address_of(ANNA)) == (NEW, "")


def test_an_admin_sets_it_on_the_form_of_the_mailbox(bob: Client, sink: Sink) -> None:
    assert f'value="{OTHER}"' in bob.get(EDIT).content.decode()
    assert bob.post(EDIT, FORM | {"email_other": NEW}).status_code == 302
    assert address_of() == NEW
    assert [to for to, _subject in told(sink)] == [(OTHER,)]
    event = AuditEvent.objects.latest("id")
    assert event.before and event.after
    assert (event.actor, event.before["email_other"], event.after["email_other"]) == ("bob@example.com", OTHER, NEW)
    assert "Recovery address" in bob.get(f"/mailboxes/{BERTA}/").content.decode()
    bob.post(EDIT, FORM | {"email_other": NEW})
    assert AuditEvent.objects.latest("id") == event, "the same again is no change"


def test_a_new_mailbox_may_have_one(bob: Client, sink: Sink) -> None:
    new = {"local_part": "carla", "name": "", "secret": "link", "active": "on", "smtp_active": "on", "email_other": NEW}
    assert bob.post("/domains/example.com/mailboxes/new/", new).status_code == 200
    assert address_of("carla@example.com") == NEW
    own = new | {"local_part": "dora", "email_other": "dora@example.com"}
    assert bob.post("/domains/example.com/mailboxes/new/", own).status_code == 200
    assert not Mailbox.objects.filter(username="dora@example.com").exists()
    assert told(sink) == []


def test_an_admin_has_one_where_admins_recover(bob: Client, settings: Any) -> None:
    assert f'href="{PAGE}"' not in bob.get("/account/").content.decode()
    settings.MAILADMIN_ADMIN_RECOVERY = True
    assert f'href="{PAGE}"' in bob.get("/account/").content.decode()
    assert bob.post(PAGE, {"email_other": NEW, "current": PASSWORD}).status_code == 302
    assert Admin.objects.get(username="bob@example.com").email_other == NEW
    assert AuditEvent.objects.latest("id").action == "edit_admin"


def test_without_a_mail_server_nothing_is_put_down(berta: Client, settings: Any) -> None:
    settings.MAILADMIN_SMTP_URL = {}
    assert berta.post(PAGE, {"email_other": NEW, "current": PASSWORD}).status_code == 302
    assert not OutgoingMail.objects.exists()
