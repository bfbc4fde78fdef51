"""Deleting a mailbox: what goes, what stays, and what a later mailbox of the name must not inherit."""

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from aliases.models import Alias, AliasTarget
from aliases.services import create_alias
from domains.models import Dkim, DkimSigning
from mailadmin.accounts.models import Account, ExpiryWarning, PasswordHistory, TotpException
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from mailboxes.models import (
    DeletedMaildir,
    Fetchmail,
    Mailbox,
    MailboxAppPassword,
    Quota,
    Quota2,
    Vacation,
    VacationNotification,
)
from tests.mailboxes.screens import PASSWORD, refused, rows, toasts
from tests.people import make_mailboxes

ANNA = "anna@example.com"
DELETE = f"/mailboxes/{ANNA}/delete/"
CLI = Actor.cli()


@pytest.fixture
def bound(world: None) -> None:
    """All that can hang on a mailbox."""
    now = timezone.now()
    key = Dkim.objects.create(domain_name="example.com")
    DkimSigning.objects.create(author=ANNA, dkim_id=key.pk)
    Fetchmail.objects.create(
        mailbox=ANNA, src_server="s", src_user="u", src_password="p", src_folder="", domain="example.com"
    )
    Vacation.objects.create(email=ANNA, subject="Away", body="x", domain="example.com", created=now, modified=now)
    VacationNotification.objects.create(on_vacation=ANNA, notified="x@y.example", notified_at=now)
    Quota.objects.create(username=ANNA, path="quota/storage", current=1)
    Quota2.objects.create(username=ANNA, bytes=3 * 1024**2, messages=12)
    MailboxAppPassword.objects.create(username=ANNA, description="phone", password_hash="x")
    TotpException.objects.create(ip="192.0.2.1", username=ANNA, description="office", created=now, modified=now)
    PasswordHistory.objects.create(login=f"mailbox:{ANNA}", stored="{SSHA}x", time=now)
    ExpiryWarning.objects.create(username=ANNA, expires=now, days=7)


def leftovers() -> list[str]:
    tables = {
        Mailbox: "username", Alias: "address", AliasTarget: "address", Fetchmail: "mailbox", Vacation: "email",
        VacationNotification: "on_vacation", Quota: "username", Quota2: "username", MailboxAppPassword: "username",
        TotpException: "username", DkimSigning: "author",
    }  # fmt: skip
    found = [
        model.__name__ for model, column in tables.items() if model._default_manager.filter(**{column: ANNA}).exists()
    ]
    found += ExpiryWarning.objects.filter(username=ANNA).values_list("username", flat=True)
    found += PasswordHistory.objects.filter(login=f"mailbox:{ANNA}").values_list("login", flat=True)
    return found + list(Account.objects.filter(login=f"mailbox:{ANNA}").values_list("login", flat=True))


def test_the_page_says_what_goes_and_what_stays(bob: Client, bound: None) -> None:
    create_alias(CLI, address="secret@other.example", targets=[ANNA])
    page = strip_tags(bob.get(DELETE).content.decode())
    assert "Its vacation reply." in page
    assert "1 job that fetches mail." in page
    assert "They are 12 messages, 3 MB." in page
    assert "Aliases that send mail here: info@example.com." in page
    assert "secret@" not in page
    assert page.index("Switch off instead") < page.index("What is deleted")


def test_everything_goes_and_the_history_stays(bob: Client, anna: Client, bound: None) -> None:
    assert len(leftovers()) == 14
    answer = bob.post(DELETE, {"confirm": "Anna@Example.com", "clean_references": "on"})
    assert answer["Location"] == "/domains/example.com/mailboxes/"
    assert leftovers() == []
    assert Alias.objects.get(address="info@example.com").goto == "outside@remote.example"
    assert AuditEvent.objects.filter(action="delete_mailbox", target=ANNA).count() == 1
    assert AuditEvent.objects.filter(action="create_mailbox", target=ANNA).exists()
    assert toasts(bob) == [f"{ANNA} is deleted."]
    assert anna.get("/account/").status_code == 302


def test_without_the_tick_the_aliases_stay(bob: Client, bound: None) -> None:
    bob.post(DELETE, {"confirm": ANNA})
    assert leftovers() == []
    assert Alias.objects.get(address="info@example.com").goto == f"{ANNA},outside@remote.example"


def test_an_alias_left_without_a_target_goes_too_and_plus_addresses_count(bob: Client) -> None:
    create_alias(CLI, address="only@example.com", targets=[ANNA])
    create_alias(CLI, address="news@example.com", targets=["anna+news@example.com", "x@y.example"])
    create_alias(CLI, address="theirs@other.example", targets=[ANNA])
    bob.post(DELETE, {"confirm": ANNA, "clean_references": "on"})
    assert not Alias.objects.filter(address="only@example.com").exists()
    assert Alias.objects.get(address="news@example.com").goto == "x@y.example"
    assert Alias.objects.get(address="theirs@other.example").goto == ANNA


@pytest.mark.parametrize(
    "typed", ["", "anna", "otto@other.example", "anna@example.com@", "usér@example.com", "a\x00", "x" * 300]
)
def test_another_name_deletes_nothing(bob: Client, typed: str) -> None:
    refused(bob, DELETE, {"confirm": typed, "clean_references": "on"}, "confirm")


@pytest.mark.parametrize("who", ["charlie", "anna"])
def test_nobody_deletes_what_is_not_theirs(who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)
    before = rows()
    assert client.post(DELETE, {"confirm": ANNA}).status_code == 404
    assert client.post("/mailboxes/absent@example.com/delete/", {"confirm": "absent@example.com"}).status_code == 404
    assert rows() == before


def test_a_name_made_again_inherits_nothing(bob: Client, anna: Client, bound: None) -> None:
    bob.post(DELETE, {"confirm": ANNA})
    form = {"local_part": "anna", "password": PASSWORD, "repeat": PASSWORD, "active": "on", "smtp_active": "on"}
    bob.post("/domains/example.com/mailboxes/new/", form)
    row = Mailbox.objects.get(username=ANNA)
    assert row.maildir == "example.com/anna@2/"
    assert DeletedMaildir.objects.get(username=ANNA).maildir == "example.com/anna/"
    assert leftovers() == ["Mailbox", "Alias", "AliasTarget"]
    assert anna.get("/account/").status_code == 302


def test_a_mailbox_without_alias_row_can_be_deleted(bob: Client) -> None:
    make_mailboxes("old@example.com")
    page = bob.get("/mailboxes/old@example.com/delete/").content.decode()
    assert "clean_references" not in page
    assert bob.post("/mailboxes/old@example.com/delete/", {"confirm": "old@example.com"}).status_code == 302
    assert not Mailbox.objects.filter(username="old@example.com").exists()
