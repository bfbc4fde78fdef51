"""Changing, switching and forwarding a mailbox, and its password."""

import re

import pytest
from django.test import Client

from aliases.models import Alias
from aliases.services import update_alias
from domains.models import Domain
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from mailadmin.core.passwords import verify_password
from mailboxes.models import Mailbox
from tests.mailboxes.screens import BAD_LINES, PASSWORD, refused, rows, toasts
from tests.people import make_mailboxes

PAGE = "/mailboxes/anna@example.com/"
EDIT, TOGGLE, SECRET, FORWARD = (f"{PAGE}{part}/" for part in ("edit", "toggle", "password", "forwarding"))
FORM = {"name": "Anna", "quota": "unlimited", "smtp_active": "on"}
NEW = "Another-river-4096"


def anna_row() -> Mailbox:
    return Mailbox.objects.get(username="anna@example.com")


@pytest.mark.parametrize("who", ["charlie", "anna"])
def test_nobody_changes_what_is_not_theirs(who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)
    before = rows()
    for path in (EDIT, TOGGLE, SECRET, FORWARD, PAGE + "repair/"):
        assert client.post(path, FORM | {"active": "0", "password": NEW, "repeat": NEW}).status_code == 404
    assert rows() == before


def test_the_form_does_not_carry_the_key(bob: Client) -> None:
    page = bob.get(EDIT).content.decode()
    assert set(re.findall(r'name="(\w+)"', page.split("<main")[1])) == {
        "csrfmiddlewaretoken",
        "name",
        "quota",
        "smtp_active",
        "email_other",
    }
    bob.post(EDIT, FORM | {"username": "otto@other.example", "domain": "other.example", "name": "New"})
    assert anna_row().name == "New"
    assert Mailbox.objects.count() == 2


def test_name_quota_and_sending_are_changed_together(bob: Client) -> None:
    assert bob.post(EDIT, {"name": "Anna Rossi", "quota": "2 GB"})["Location"] == PAGE
    row = anna_row()
    assert (row.name, row.quota, row.smtp_active, row.active) == ("Anna Rossi", 2 * 1024**3, False, True)
    assert AuditEvent.objects.filter(action="edit_mailbox").count() == 1
    assert toasts(bob) == ["anna@example.com is saved."]


@pytest.mark.parametrize("quota", [0, -1, 1, 1000, 1048576001, 5 * 1024**3, 1024000 * 3, 2**63 - 1])
def test_an_unchanged_quota_stays_to_the_byte_and_is_not_judged_again(bob: Client, quota: int) -> None:
    Mailbox.objects.filter(username="anna@example.com").update(quota=quota)
    Domain.objects.filter(domain="example.com").update(maxquota=1, quota=1)
    typed = re.search(r'name="quota" value="([^"]*)"', bob.get(EDIT).content.decode())
    assert typed
    assert bob.post(EDIT, FORM | {"quota": typed[1], "name": "New"}).status_code == 302
    assert (anna_row().quota, anna_row().name) == (quota, "New")


def test_saving_nothing_new_writes_nothing(bob: Client) -> None:
    before = rows()
    assert bob.post(EDIT, FORM).status_code == 302
    assert rows() == before


@pytest.mark.parametrize("name", BAD_LINES)
def test_bad_names_are_refused_at_the_field(bob: Client, name: str) -> None:
    refused(bob, EDIT, FORM | {"name": name}, "name")


@pytest.mark.parametrize("quota", ["", "much", "0", "-1", "5 GB 5", "99999999999 TB", "\x00", "😀"])
def test_bad_quotas_are_refused_at_the_field(bob: Client, quota: str) -> None:
    refused(bob, EDIT, FORM | {"quota": quota}, "quota")


def test_a_quota_beyond_the_limit_says_who_can_raise_it(bob: Client) -> None:
    Domain.objects.filter(domain="example.com").update(maxquota=100)
    Mailbox.objects.filter(username="anna@example.com").update(quota=1024**2)
    assert "At most 100 MB." in bob.get(EDIT).content.decode()
    text = refused(bob, EDIT, FORM | {"quota": "101 MB"}, "quota")
    assert text == ["A mailbox of this domain can have at most 100 MB. A superadmin can raise the limit."]


def test_a_missing_alias_row_is_written_again_by_any_edit(bob: Client) -> None:
    Alias.objects.filter(address="anna@example.com").delete()
    bob.post(EDIT, FORM)
    assert Alias.objects.get(address="anna@example.com").goto == "anna@example.com"
    Alias.objects.filter(address="anna@example.com").delete()
    bob.post(TOGGLE, {"active": "0"})
    assert not Alias.objects.get(address="anna@example.com").active


def test_the_switch_says_what_it_did_and_goes_back_to_the_list(bob: Client) -> None:
    here = "/domains/example.com/mailboxes/?q=an"
    assert bob.post(TOGGLE, {"active": "0", "next": here})["Location"] == here
    assert not anna_row().active
    assert not Alias.objects.get(address="anna@example.com").active
    assert toasts(bob) == ["anna@example.com is off: mail to it is refused, and its owner cannot sign in."]
    assert bob.post(TOGGLE, {"active": "1", "next": "https://evil.example/"})["Location"] == PAGE
    assert anna_row().active


def test_the_switch_answers_htmx_with_the_row(bob: Client) -> None:
    answer = bob.post(TOGGLE, {"active": "0"}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert page.strip().startswith("<tr")
    assert 'class="is-off"' in page
    assert "anna@example.com is off" in page


@pytest.mark.parametrize("active", ["", "2", "on", "\x00"])
def test_a_switch_without_a_state_is_a_bad_request(bob: Client, active: str) -> None:
    before = rows()
    assert bob.post(TOGGLE, {"active": active}).status_code == 400
    assert bob.get(TOGGLE).status_code == 405
    assert rows() == before


def test_a_new_password_is_stored_as_a_hash(bob: Client) -> None:
    assert bob.post(SECRET, {"password": NEW, "repeat": NEW})["Location"] == PAGE
    assert verify_password(NEW, anna_row().password, username="anna@example.com")
    assert NEW not in repr(list(AuditEvent.objects.values_list()))
    assert toasts(bob) == ["anna@example.com has a new password. Mail programs need it now."]


def test_a_password_made_here_is_shown_once(bob: Client) -> None:
    answer = bob.post(SECRET, {"secret": "generate"})
    found = re.search(r"<code>(\w{16})</code>", answer.content.decode())
    assert found and answer.status_code == 200
    assert verify_password(found[1], anna_row().password, username="anna@example.com")
    assert found[1] not in bob.get(PAGE).content.decode()


@pytest.mark.parametrize("password", ["", "short", "anna@example.com", "x" * 1025, "Quiet\x00river-2048"])
def test_bad_passwords_are_refused_and_not_shown(bob: Client, password: str) -> None:
    before = rows()
    answer = bob.post(SECRET, {"password": password, "repeat": password})
    assert answer.status_code == 200
    assert answer.context["form"].errors["password"]
    assert rows() == before
    page = answer.content.decode().replace('value="anna@example.com" autocomplete="username"', "")
    assert not password or f'value="{password}"' not in page
    refused(bob, SECRET, {"password": PASSWORD, "repeat": NEW}, "repeat")


def test_forwarding_keeps_a_copy_or_not(bob: Client) -> None:
    bob.post(FORWARD, {"keep": "on", "targets": "Anna@Private.example\r\nbob@example.org, c@d.example\r\n\r\n"})
    own = Alias.objects.get(address="anna@example.com")
    assert own.goto == "anna@example.com,anna@private.example,bob@example.org,c@d.example"
    bob.post(FORWARD, {"targets": "anna@private.example"})
    own.refresh_from_db()
    assert own.goto == "anna@private.example"
    bob.post(FORWARD, {"keep": "on", "targets": ""})
    own.refresh_from_db()
    assert own.goto == "anna@example.com"


def test_forwarding_keeps_the_order_of_the_row(bob: Client) -> None:
    targets = ["a@x.example", "anna@example.com", "b@x.example"]
    update_alias(Actor.cli(), address="anna@example.com", targets=targets)
    before = rows()
    assert bob.post(FORWARD, {"keep": "on", "targets": "a@x.example\nb@x.example"}).status_code == 302
    assert rows() == before
    bob.post(FORWARD, {"keep": "on", "targets": "a@x.example\nc@x.example"})
    assert Alias.objects.get(address="anna@example.com").targets == ["a@x.example", "anna@example.com", "c@x.example"]


@pytest.mark.parametrize(
    "targets",
    [
        "",
        "no address",
        "a@b@c.example",
        "usér@x.example",
        "a\x07@x.example",
        "a\x00@x.example",
        "|/bin/sh",
        "/etc/passwd",
        "😀@x.example",
        "<b>@x.example",
        "@x.example",
        "x" * 300 + "@x.example",
        "x" * 200_000,
    ],
)
def test_bad_targets_are_refused_at_the_field(bob: Client, targets: str) -> None:
    refused(bob, FORWARD, {"targets": targets}, "targets")


def test_a_circle_is_refused_with_its_path(bob: Client) -> None:
    text = refused(bob, FORWARD, {"keep": "on", "targets": "info@example.com"}, "targets")
    assert text == ["Mail would go in a circle: anna@example.com → info@example.com → anna@example.com."]


def test_targets_of_other_programs_stay_as_they_are(bob: Client) -> None:
    make_mailboxes("old@example.com")
    Alias.objects.create(address="old@example.com", domain="example.com", goto="old@example.com,|/usr/bin/vacation")
    bob.post("/mailboxes/old@example.com/forwarding/", {"keep": "on", "targets": "|/usr/bin/vacation\nnew@x.example"})
    assert Alias.objects.get(address="old@example.com").goto == "old@example.com,|/usr/bin/vacation,new@x.example"
