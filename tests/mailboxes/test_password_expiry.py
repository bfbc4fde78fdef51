"""Passwords that get too old: told before, asked for after, and nobody is shut out by a rule that was just set."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from domains.models import Domain
from domains.rules import set_domain_rules
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account, ExpiryWarning
from mailadmin.core.actor import Actor
from mailadmin.mailserver import lookups
from mailboxes.models import Mailbox, MailSignIn
from mailboxes.password_expiry import restart_passwords
from mailboxes.passwords import set_mailbox_password
from mailboxes.services import create_mailbox
from tests.people import admin_client, make_domains, make_mailboxes, signed_in
from tests.servers.processes import HOST
from tests.servers.sink import Sink

CLI = Actor.cli()
ANNA = "anna@example.com"
PASSWORD, OTHER = "correct horse battery", "slow tea, loud piano"
NEVER = None

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anna() -> None:
    make_domains("example.com", "other.example")
    create_mailbox(CLI, local_part="anna", domain="example.com", password=PASSWORD)


def ends(days: float | None, name: str = ANNA) -> None:
    moment = None if days is None else timezone.now() + dt.timedelta(days=days, minutes=-1)
    Mailbox.objects.filter(username=name).update(password_expiry=moment)


def days_left(name: str = ANNA) -> float:
    end = Mailbox.objects.get(username=name).password_expiry
    assert end is not None
    return round((end - timezone.now()) / dt.timedelta(days=1), 2)


def signs_in(name: str = ANNA) -> bool:
    return bool(lookups.run_dovecot(lookups.PASSWORD_QUERY, name))


def limit(days: int | None) -> None:
    """Set the period as another program does, past the operations."""
    Domain.objects.filter(domain="example.com").update(password_expiry=days)


@pytest.mark.parametrize(
    ("period", "left", "may"),
    [
        (0, -400, True),
        (None, -400, True),
        (-1, -400, True),
        (90, NEVER, True),
        (90, 0.1, True),
        (90, 0, False),
        (90, -400, False),
    ],
)
def test_dovecot_and_the_panel_agree(period: int | None, left: float | None, may: bool) -> None:
    limit(period)
    ends(left)
    assert signs_in() is may
    # Mail goes on arriving, and the panel lets the person in, to choose a new one.
    assert lookups.run_dovecot(lookups.USER_QUERY, ANNA)
    answer = signed_in(AccountKind.MAILBOX, ANNA).get("/account/")
    assert (answer.status_code == 200) is may


def test_a_date_of_postfixadmin_that_says_not_set_ends_nothing() -> None:
    from django.db import connection

    limit(90)
    for text in ("2000-01-01 00:00:00", "2000-01-01 23:59:59", "2000-01-02 00:00:00"):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE mailbox SET password_expiry = %s", [text])
        assert signs_in(), text


def test_too_old_it_has_to_be_changed_before_anything_else() -> None:
    limit(90)
    ends(-1)
    client = Client()
    answer = client.post("/login/", {"username": ANNA, "password": PASSWORD})
    assert answer["Location"] == "/account/password/"
    for path in ("/account/", "/account/vacation/", "/account/forwarding/", "/"):
        assert client.get(path)["Location"] == "/account/password/", path
    page = client.get("/account/password/").content.decode()
    assert "too old by the rules of your domain" in page and "lasts until" not in page
    assert client.post("/account/password/", {"current": PASSWORD, "new": OTHER}).status_code == 302
    assert client.get("/account/").status_code == 200
    assert signs_in() and 89.9 < days_left() <= 90


@pytest.mark.parametrize(("left", "told"), [(13.9, True), (14.1, False), (NEVER, False)])
def test_pages_of_its_owner_say_so_before(left: float | None, told: bool) -> None:
    limit(90)
    ends(left)
    client = signed_in(AccountKind.MAILBOX, ANNA)
    for path in ("/account/", "/account/vacation/"):
        assert ("Your password lasts until" in client.get(path).content.decode()) is told
    limit(0)
    assert "Your password lasts until" not in client.get("/account/").content.decode()


def test_the_first_period_counts_from_now() -> None:
    make_mailboxes("berta@example.com", "carl@example.com", "dora@other.example", password="{PLAIN}x")
    ends(-400)
    ends(NEVER, "berta@example.com")
    ends(300, "carl@example.com")
    ends(-400, "dora@other.example")
    set_domain_rules(CLI, domain="example.com", password_expiry=30)
    for name in (ANNA, "berta@example.com", "carl@example.com"):
        assert 29.9 < days_left(name) <= 30
        assert signs_in(name)
    assert days_left("dora@other.example") < -399


def test_a_shorter_period_shuts_nobody_out_and_a_longer_one_leaves_the_dates() -> None:
    make_mailboxes("berta@example.com", "carl@example.com", password="{PLAIN}x")
    limit(90)
    ends(80)
    ends(5, "berta@example.com")
    ends(-3, "carl@example.com")
    set_domain_rules(CLI, domain="example.com", password_expiry=30)
    assert [round(days_left(name)) for name in (ANNA, "berta@example.com", "carl@example.com")] == [30, 5, -3]
    set_domain_rules(CLI, domain="example.com", password_expiry=365)
    assert [round(days_left(name)) for name in (ANNA, "berta@example.com", "carl@example.com")] == [30, 5, -3]


def test_what_is_too_old_can_be_given_more_time() -> None:
    make_mailboxes("berta@example.com", password="{PLAIN}x")
    limit(90)
    ends(-400)
    ends(5, "berta@example.com")
    out = io.StringIO()
    call_command("password_expiry", "--restart", "example.com", stdout=out)
    assert out.getvalue() == "Passwords that last for one more period: 1.\n"
    assert [round(days_left(name)) for name in (ANNA, "berta@example.com")] == [90, 5]
    with pytest.raises(CommandError, match=r"nowhere\.example"):
        call_command("password_expiry", "--restart", "nowhere.example")
    assert restart_passwords(CLI, domain="other.example") == 0


@pytest.fixture
def mail(sink: Sink, settings: Settings) -> Sink:
    settings.MAILADMIN_SMTP_URL = {
        "EMAIL_HOST": HOST,
        "EMAIL_PORT": sink.port,
        "EMAIL_HOST_USER": "",
        "EMAIL_HOST_PASSWORD": "",
    }
    settings.MAILADMIN_MAIL_FROM = "panel@example.com"
    settings.MAILADMIN_URL = "https://panel.example.com"
    limit(90)
    return sink


def run() -> str:
    out = io.StringIO()
    call_command("password_expiry", stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_each_mail_is_sent_once(mail: Sink) -> None:
    sent = []
    for left in (20, 13.9, 13.5, 8, 6.9, 6, 1.5, 0.9, 0.1, -1):
        # The same end, seen from later and later days.
        warning = ExpiryWarning.objects.first()
        ends(left)
        if warning:
            ExpiryWarning.objects.update(expires=Mailbox.objects.get(username=ANNA).password_expiry)
        run()
        sent.append(len(mail.messages))
    assert sent == [0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    # What is past is not kept.
    assert not ExpiryWarning.objects.exists()


def test_the_mail_says_when_and_where_in_its_readers_language(mail: Sink) -> None:
    make_mailboxes("berta@example.com", password="{PLAIN}x")
    ends(6)
    ends(6, "berta@example.com")
    row = Mailbox.objects.get(username="berta@example.com")
    Account.objects.create(
        login="mailbox:berta@example.com", row_created=row.created, language="en", time_zone="Asia/Tokyo"
    )
    assert run() == "Mails sent: 2.\n"
    first, second = (received.message for received in mail.messages)
    assert (first["To"], second["To"]) == (ANNA, "berta@example.com")
    assert first["Auto-Submitted"] == "auto-generated"
    text = first.get_content()
    assert ANNA in text and "https://panel.example.com/account/password/" in text
    # Nine hours later on the clock.
    assert second["Subject"].partition("until")[2] != first["Subject"].partition("until")[2]


def test_a_name_that_is_no_address_keeps_nobody_waiting(mail: Sink) -> None:
    make_mailboxes("a b@example.com", "<@example.com", password="x")
    for name in (ANNA, "a b@example.com", "<@example.com"):
        ends(6, name)
    assert run() == "Mails sent: 1.\n"


def test_who_is_not_told(mail: Sink) -> None:
    make_mailboxes("off@example.com", password="x", active=False)
    make_mailboxes("dora@other.example", password="x")
    for name in (ANNA, "off@example.com", "dora@other.example"):
        ends(6, name)
    ends(NEVER)
    assert run() == "Mails sent: 0.\n"


def test_a_mail_that_fails_is_sent_by_the_next_run(mail: Sink) -> None:
    ends(6)
    mail.refuse[ANNA] = "452 4.2.2 Later"
    with pytest.raises(CommandError, match="could not be sent: 1"):
        run()
    assert not ExpiryWarning.objects.exists()
    mail.refuse.clear()
    assert run() == "Mails sent: 1.\n"
    out = io.StringIO()
    call_command("password_expiry", "--dry-run", stdout=out)
    assert out.getvalue() == ""


def test_a_new_password_is_a_new_count(mail: Sink) -> None:
    ends(6)
    run()
    set_mailbox_password(CLI, username=ANNA, password=OTHER)
    assert run() == "Mails sent: 0.\n"
    ends(6.5)
    assert run() == "Mails sent: 1.\n"


def test_a_dry_run_says_and_sends_nothing(mail: Sink, settings: Settings) -> None:
    ends(6)
    out = io.StringIO()
    call_command("password_expiry", "--dry-run", stdout=out)
    assert f"{ANNA}: lasts until " in out.getvalue() and "the mail of 7 days before" in out.getvalue()
    assert not mail.messages and not ExpiryWarning.objects.exists()
    settings.MAILADMIN_SMTP_URL = {}
    with pytest.raises(CommandError, match="set MAILADMIN_SMTP_URL"):
        run()


def test_admins_find_them(settings: Settings) -> None:
    make_mailboxes("berta@example.com", "carl@example.com", password="{PLAIN}x")
    signed_in(AccountKind.MAILBOX, "carl@example.com")
    Account.objects.filter(login="mailbox:carl@example.com").update(last_login=timezone.now())
    bob = admin_client("bob@ops.example", domains=["example.com"])
    path = "/domains/example.com/mailboxes/?state="
    assert "Password too old" not in bob.get(path).content.decode()
    limit(90)
    ends(-2)
    ends(NEVER, "berta@example.com")
    assert shown(bob.get(f"{path}password-ended&format=csv")) == [ANNA]
    assert shown(bob.get(f"{path}never-used&format=csv")) == [ANNA, "berta@example.com"]
    MailSignIn.objects.create(username="berta@example.com", service="imap", ip="192.0.2.9", last_login=1)
    assert shown(bob.get(f"{path}never-used&format=csv")) == [ANNA]
    page = bob.get(f"{path}password-ended").content.decode()
    assert "Password too old" in page and ANNA in page and "berta@" not in page
    detail = bob.get(f"/mailboxes/{ANNA}/").content.decode()
    assert "mail programs cannot sign in" in detail and "Make a set-up link" in detail


def shown(answer: Any) -> list[str]:
    text = b"".join(answer).decode()
    return [line.partition(",")[0].strip('"') for line in text.splitlines()[1:]]


def test_one_mailbox_and_one_admin_are_asked_for_a_new_password() -> None:
    alice = admin_client("alice@ops.example", superadmin=True)
    bob = admin_client("bob@ops.example", domains=["example.com"])
    anna = signed_in(AccountKind.MAILBOX, ANNA)
    for path, client in ((f"/mailboxes/{ANNA}/", anna), ("/admins/bob@ops.example/", bob)):
        asked = f"{path}password/ask/" if "mailboxes" in path else f"{path}ask/"
        assert f'action="{asked}"' in alice.get(path).content.decode()
        assert alice.post(asked).status_code == 302
        page = alice.get(path).content.decode()
        assert "Must choose a new password at the next sign-in." in page and f'action="{asked}"' not in page
        assert client.get("/account/")["Location"] == "/account/password/"
    assert bob.post("/admins/alice@ops.example/ask/").status_code in (302, 403, 404)
    assert not Account.objects.get(login="admin:alice@ops.example").must_change_password
    assert "bob@ops.example" not in alice.get("/admins/?show=never-used").content.decode()
    Account.objects.filter(login="admin:bob@ops.example").update(last_login=None)
    assert "bob@ops.example" in alice.get("/admins/?show=never-used").content.decode()
    assert "bob@ops.example" in alice.get("/admins/?show=weak-password").content.decode()
    # An admin's name is no mailbox's, and a remark of an earlier admin is none of this one.
    assert Account.objects.filter(must_change_password=True).count() == 2
