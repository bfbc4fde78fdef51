"""Mailboxes whose password is stored in a weak form: found, told why, and asked for a new one."""

import io
import json

import pytest
from django.core.management import call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account
from mailadmin.audit.models import AuditEvent
from mailadmin.core import passwords
from mailadmin.core.actor import Actor, ActorKind
from mailboxes.models import Mailbox
from mailboxes.overview import weakly_stored
from mailboxes.password_requests import ask_for_new_passwords
from mailboxes.passwords import set_mailbox_password
from tests.core.password_strings import STORED
from tests.core.test_password_forms import ARGON2I, ARGON2ID, BCRYPT, DES, HEX_MD5, MD5, SHA512, WRITTEN_BY_POSTFIXADMIN
from tests.people import admin_client, make_domains, make_mailboxes, signed_in

PASSWORD = "correct horse battery"
BOB = Actor(ActorKind.ADMIN, "bob@ops.example")
LIST = "/domains/example.com/mailboxes/"
BULK = f"{LIST}bulk/"
pytestmark = pytest.mark.django_db

STRONG = [
    "",
    "!" + MD5,
    "*",
    SHA512,
    BCRYPT,
    ARGON2I,
    ARGON2ID,
    "{argon2id}" + ARGON2ID,
    "{CRYPT}" + BCRYPT,
    "{CRYPT}$y$j9T$x$y",
    "{CRYPT.B64}JDYkeA==",
    "{CRYPT.HEX}24362478",
    "{SHA512-CRYPT.B64}JDYkeA==",
    "{PBKDF2}$1$salt$5000$" + "0" * 40,
    "{SCRAM-SHA-256}4096,AAAA,AAAA,AAAA",
]
WEAK = {
    "{PLAIN}secret": "as it was typed",
    "{Cleartext.B64}dGVzdDEyMw==": "as it was typed",
    DES: "DES",
    "{CRYPT}" + DES: "DES",
    "{CRYPT.B64}VlhBWHV0VW5wVllnNg==": "DES",
    MD5: "MD5-CRYPT",
    "{CRYPT}" + MD5: "MD5-CRYPT",
    "{MD5}" + MD5: "MD5-CRYPT",
    HEX_MD5: "without salt",
    "{SHA256}7NcYcNGWMxapfjrDQIyYNa2M8PPBvHA1J8MCZVNPda4=": "without salt",
    "{SSHA512}AAAA": "a graphics card",
    "{CRAM-MD5}" + "0" * 64: "signs in with it",
    "secret": "unknown",
    "{OTP}sha1 1024 x y": "unknown",
    "{CRYPT}secret": "unknown",
    "{CRYPT.B64}!": "unknown",
}


@pytest.mark.parametrize("stored", STRONG)
def test_strong_forms(stored: str) -> None:
    assert passwords.weakness_of(stored) == ""


@pytest.mark.parametrize("stored", WEAK)
def test_weak_forms_have_a_reason(stored: str) -> None:
    assert WEAK[stored] in passwords.weakness_of(stored)


def test_cleartext_that_the_settings_tell_of(settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_DEFAULT_SCHEME = "PLAIN"
    assert "as it was typed" in passwords.weakness_of("secret")


@pytest.mark.parametrize("scheme", sorted(passwords.WRITABLE_SCHEMES))
def test_every_scheme_that_is_written_is_judged(scheme: str) -> None:
    stored = passwords.hash_password(PASSWORD, scheme, username="anna@example.com")
    assert "unknown" not in passwords.weakness_of(stored)


def in_database(*stored: str) -> set[str]:
    """Return which of the stored strings the database finds weak."""
    Mailbox.objects.all().delete()
    names = {f"u{number:03}@example.com": one for number, one in enumerate(stored)}
    make_mailboxes(*names)
    for name, one in names.items():
        Mailbox.objects.filter(username=name).update(password=one)
    return set(weakly_stored(Mailbox.objects.all()).values_list("password", flat=True))


def test_the_database_finds_the_same_ones() -> None:
    forms = [*STRONG, *WEAK, *(form.stored for form in WRITTEN_BY_POSTFIXADMIN)]
    assert in_database(*forms) == {one for one in forms if passwords.weakness_of(one)}


LATIN1 = st.text(st.characters(codec="latin-1", exclude_characters="\0"), max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stored=STORED.filter(lambda text: len(text) <= 255 and text.isprintable()) | LATIN1)
def test_the_database_agrees_about_anything(stored: str) -> None:
    assert bool(in_database(stored)) == bool(passwords.weakness_of(stored)), stored


@pytest.fixture
def bob() -> Client:
    make_domains("example.com", "other.example")
    make_mailboxes("anna@example.com", "berta@example.com", "otto@other.example", password="{SSHA512}AAAA", name="x")
    make_mailboxes("clara@example.com", password=SHA512, name="x")
    return admin_client("bob@ops.example", domains=["example.com"])


def test_the_list_shows_them_and_why(bob: Client) -> None:
    page = bob.get(LIST, {"state": "weak-password", "columns": "weakness"}).content.decode()
    assert "anna@" in page and "berta@" in page and "clara@" not in page
    assert "a graphics card tries billions" in page
    assert "a graphics card tries billions" in bob.get("/mailboxes/anna@example.com/").content.decode()
    assert "Weakly stored" not in bob.get("/mailboxes/clara@example.com/").content.decode()
    file = bob.get(LIST, {"state": "weak-password", "columns": "weakness", "format": "csv"})
    text = b"".join(file.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.count("graphics card") == 2


def test_their_owners_are_asked(bob: Client) -> None:
    chosen = {"change": "mailboxes_ask_password", "everything": "1", "state": "weak-password"}
    page = bob.post(BULK, chosen)
    assert page.context["checked"].change == ["anna@example.com", "berta@example.com"]
    assert "Ask the owners of 2 mailboxes for a new password" in page.content.decode()
    assert bob.post(BULK, chosen | {"confirm": "1", "seen": page.context["seen"]}).status_code == 302
    assert AuditEvent.objects.filter(action="ask_password").count() == 2
    again = bob.post(BULK, chosen).context["checked"]
    assert (again.change, again.same) == ([], 2)
    assert Account.objects.filter(must_change_password=True).count() == 2


def test_who_is_asked_can_do_nothing_else_here_until_it_is_done(bob: Client) -> None:
    set_mailbox_password(Actor.cli(), username="anna@example.com", password=PASSWORD)
    assert ask_for_new_passwords(BOB, domain="example.com", usernames=["anna@example.com"]) == 1
    anna = Client()
    answer = anna.post("/login/", {"username": "anna@example.com", "password": PASSWORD})
    assert answer["Location"] == "/account/password/"
    assert anna.get("/account/vacation/")["Location"] == "/account/password/"
    assert "Your admin asks you for a new password" in anna.get("/account/password/").content.decode()
    # Another one from the admin is not what is asked for.
    set_mailbox_password(BOB, username="anna@example.com", password=f"{PASSWORD} staple")
    assert Account.objects.get(login="mailbox:anna@example.com").must_change_password
    anna.post("/login/", {"username": "anna@example.com", "password": f"{PASSWORD} staple"})
    anna.post("/account/password/", {"current": f"{PASSWORD} staple", "new": "another horse!"})
    assert not Account.objects.get(login="mailbox:anna@example.com").must_change_password
    assert anna.get("/account/vacation/").status_code == 200


def test_an_open_session_is_asked_too(bob: Client) -> None:
    anna = signed_in(AccountKind.MAILBOX, "anna@example.com")
    assert anna.get("/account/").status_code == 200
    ask_for_new_passwords(BOB, domain="example.com", usernames=["anna@example.com"])
    assert anna.get("/account/")["Location"] == "/account/password/"


def test_a_mailbox_that_was_made_again_is_asked_by_its_own_account(bob: Client) -> None:
    Account.objects.create(login="mailbox:anna@example.com", row_created="2001-01-01T00:00Z", language="it")
    assert ask_for_new_passwords(BOB, domain="example.com", usernames=["anna@example.com"]) == 1
    account = Account.objects.get(login="mailbox:anna@example.com")
    assert account.must_change_password and account.language == ""
    assert account.row_created == Mailbox.objects.get(username="anna@example.com").created


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("mailbox", "weak", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_lists_and_asks(bob: Client) -> None:
    told = json.loads(command("--json"))
    assert [one["username"] for one in told] == ["anna@example.com", "berta@example.com", "otto@other.example"]
    assert told[0]["scheme"] == "SSHA512" and "graphics card" in told[0]["weakness"]
    assert "AAAA" not in command() and command("--domain", "other.example").count("@") == 1
    assert not Account.objects.filter(must_change_password=True).exists()
    command("--ask")
    asked = Account.objects.filter(must_change_password=True).values_list("login", flat=True)
    assert sorted(asked) == [f"mailbox:{one['username']}" for one in told]
    assert command("--domain", "nowhere.example") == "" and json.loads(command("--domain", "x.example", "--json")) == []
