"""The own history, and locking out somebody else who got in."""

import datetime as dt

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from mailadmin.accounts import services as accounts
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account, Admin, OneTimeLink, OutgoingMail
from mailadmin.accounts.outbox import queue_recovery
from mailadmin.audit.models import AuditEvent
from mailadmin.mailserver.lookups import APP_PASSWORD_QUERY, run_dovecot
from mailboxes import services as mailboxes
from mailboxes.app_passwords import create_app_password
from mailboxes.models import AppPassword, Credential, Mailbox, MailSignIn
from tests.operations.cases import ALICE, ANNA, BOB, PASSWORD, keep_link, populate
from tests.people import admin_client, signed_in

pytestmark = pytest.mark.django_db

NEW = "four nervous Zebras dance"
SMTP = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": 25, "EMAIL_HOST_USER": "", "EMAIL_HOST_PASSWORD": ""}


@pytest.fixture(autouse=True)
def world() -> None:
    populate()


@pytest.fixture
def anna() -> Client:
    Account.objects.filter(login="mailbox:anna@example.com").delete()
    return signed_in(AccountKind.MAILBOX, "anna@example.com")


def text_of(client: Client, path: str = "/account/history/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def sign_in(username: str, password: str, ip: str) -> Client:
    client = Client(REMOTE_ADDR=ip)
    client.post("/login/", {"username": username, "password": password})
    return client


def test_a_user_reads_who_signed_in_and_what_admins_changed(anna: Client) -> None:
    sign_in("anna@example.com", PASSWORD, "198.51.100.7")
    sign_in("anna@example.com", "wrong", "198.51.100.8")
    sign_in("berta@example.com", PASSWORD, "198.51.100.9")
    mailboxes.update_mailbox(BOB, username="anna@example.com", name="Anna Rossi")
    row = AppPassword.objects.get(username="anna@example.com")
    seconds = int((timezone.now() + dt.timedelta(seconds=1)).timestamp())
    for number, ip in ((row.pk, "203.0.113.1"), (99, "203.0.113.2")):
        MailSignIn.objects.create(
            username="anna@example.com", service="imap", ip=ip, app_password=number, last_login=seconds
        )
    text = text_of(anna)
    for part in ("Signed in", "198.51.100.7", "Sign-in refused", "198.51.100.8", "Mailbox changed", "Anna Rossi"):
        assert part in text, part
    for part in ("by an admin", "IMAP", "Phone", "203.0.113.1", "an app password that is gone", "203.0.113.2"):
        assert part in text, part
    # Nobody else's, and nothing of the inside.
    for part in ("198.51.100.9", "bob@example.com", BOB.ip, "berta@", "/anna/", "SSHA", "ARGON", row.digest):
        assert part not in text, part


def test_a_name_made_anew_reads_nothing_of_the_one_before(anna: Client) -> None:
    sign_in("anna@example.com", "wrong", "198.51.100.8")
    AuditEvent.objects.update(time=timezone.now() - dt.timedelta(days=2))
    MailSignIn.objects.update(last_login=1_700_000_000)
    text = text_of(anna)
    assert "198.51.100.8" not in text and "None has signed in yet." in text


def test_admins_read_their_own(anna: Client) -> None:
    bob = signed_in(AccountKind.ADMIN, "bob@example.com")
    accounts.update_admin(ALICE, username="bob@example.com", domains=["other.example"])
    sign_in("bob@example.com", "wrong", "198.51.100.8")
    text = text_of(bob)
    assert "Admin changed" in text and "by alice@" in text and "198.51.100.8" in text
    assert "anna@example.com" not in text and "Mail programs" not in text
    assert "alice@" not in text_of(anna)
    # A mailbox of the same name is another account.
    mailboxes.create_mailbox(ALICE, local_part="bob", domain="example.com", password=PASSWORD)
    assert "Mailbox created" not in text_of(bob)
    assert "Admin changed" not in text_of(signed_in(AccountKind.MAILBOX, "bob@example.com"))


def test_the_history_is_paged(anna: Client) -> None:
    AuditEvent.objects.bulk_create(
        AuditEvent(
            time=timezone.now(), actor_kind="user", actor=ANNA.username, via="web", ip=f"10.0.0.{n}", action="sign_in",
            target=ANNA.username, domain="example.com",
        )
        for n in range(120)
    )  # fmt: skip
    answer = anna.get("/account/history/")
    assert len(answer.context["doings"]) == 50
    assert len(anna.get(f"/account/history/{answer.context['page'].next_url}").context["doings"]) == 50


@override_settings(MAILADMIN_SMTP_URL=SMTP)
def test_not_me_locks_everybody_else_out_and_tells_the_admins(anna: Client) -> None:
    intruder = sign_in("anna@example.com", PASSWORD, "198.51.100.66")
    assert intruder.get("/account/").status_code == 200
    app_password, _row = create_app_password(ANNA, current=PASSWORD, name="Laptop", protocols=["imap", "smtp"])
    keep_link("link-of-anna", "anna@example.com")
    queue_recovery("anna@example.com", ip="198.51.100.66")
    Credential.objects.create(username="anna@example.com", mechanism="CRAM-MD5", secret="x", made_for="x")
    before = anna.cookies[settings.SESSION_COOKIE_NAME].value
    answer = anna.post("/account/not-me/", {"current": PASSWORD, "new": NEW}, follow=True)
    assert answer.status_code == 200 and "Nobody else is signed in" in answer.content.decode()
    assert anna.cookies[settings.SESSION_COOKIE_NAME].value != before
    assert intruder.get("/account/").status_code == 302
    assert sign_in("anna@example.com", PASSWORD, "192.0.2.77").get("/account/").status_code == 302
    assert sign_in("anna@example.com", NEW, "192.0.2.78").get("/account/").status_code == 200
    assert not run_dovecot(APP_PASSWORD_QUERY, "anna@example.com", password=app_password)
    assert not AppPassword.objects.filter(username="anna@example.com").exists()
    assert not Credential.objects.filter(username="anna@example.com").exists()
    assert not OneTimeLink.objects.filter(login="mailbox:anna@example.com").exists()
    event = AuditEvent.objects.get(action="report_intrusion")
    assert event.after and event.after["revoked_app_passwords"] == 2
    told = OutgoingMail.objects.get()
    assert told.recipient == "bob@example.com" and "anna@example.com" in told.subject and PASSWORD not in told.body
    # On the overviews of those who may know, and of nobody else.
    assert "Reported: somebody else signed in" in text_of(signed_in(AccountKind.ADMIN, "bob@example.com"), "/")
    assert "Reported: somebody else signed in" in text_of(signed_in(AccountKind.ADMIN, "alice@ops.example"), "/")
    charlie = admin_client("charlie@third.example", domains=["third.example"])
    assert "Reported: somebody else signed in" not in text_of(charlie, "/")


@override_settings(MAILADMIN_SMTP_URL=SMTP)
def test_an_admin_tells_the_superadmins() -> None:
    # As old panels made them: no mail can go there.
    Admin.objects.create(username="root", password="x", superadmin=True, active=True)
    bob = signed_in(AccountKind.ADMIN, "bob@example.com")
    assert bob.post("/account/not-me/", {"current": PASSWORD, "new": NEW}).status_code == 302
    assert set(OutgoingMail.objects.values_list("recipient", flat=True)) == {"alice@ops.example", "amy@ops.example"}
    assert "bob@<wbr>" in text_of(signed_in(AccountKind.ADMIN, "alice@ops.example"), "/")
    assert "Reported: somebody else signed in" not in text_of(bob, "/")


def test_not_me_of_an_admin_voids_the_links_that_the_intruder_made() -> None:
    keep_link("of-bob", "anna@example.com", BOB)
    keep_link("of-alice", "berta@example.com")
    bob = signed_in(AccountKind.ADMIN, "bob@example.com")
    assert bob.post("/account/not-me/", {"current": PASSWORD, "new": NEW}).status_code == 302
    assert Client().get("/set-up/of-bob/").status_code == 404
    assert Client().get("/set-up/of-alice/").status_code == 200


def test_without_the_password_nothing_happens(anna: Client) -> None:
    stored = Mailbox.objects.get(username="anna@example.com").password
    for values in ({"current": "wrong", "new": NEW}, {"current": PASSWORD, "new": "short"}, {"current": PASSWORD}):
        assert anna.post("/account/not-me/", values).status_code == 200
    assert Mailbox.objects.get(username="anna@example.com").password == stored
    assert AppPassword.objects.exists() and not AuditEvent.objects.filter(action="report_intrusion").exists()
