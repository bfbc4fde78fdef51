"""One alias: its page, changing, switching and deleting it."""

import re

import pytest
from django.test import Client
from django.utils.html import strip_tags

from aliases.models import Alias, AliasTarget
from aliases.services import create_alias
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from tests.mailboxes.screens import BAD_LINES, refused, rows, toasts

INFO = "info@example.com"
PAGE = f"/aliases/{INFO}/"
EDIT, TOGGLE, DELETE = (f"{PAGE}{part}/" for part in ("edit", "toggle", "delete"))
FORM = {"targets": "anna@example.com\noutside@remote.example", "description": ""}
CLI = Actor.cli()


def info() -> Alias:
    return Alias.objects.get(address=INFO)


def test_the_page_says_where_mail_goes_and_who_points_here(bob: Client) -> None:
    create_alias(CLI, address="team@example.com", targets=[INFO])
    create_alias(CLI, address="secret@other.example", targets=[INFO])
    page = bob.get("/aliases/INFO@Example.com/").content.decode()
    assert 'href="/mailboxes/anna@example.com/"' in page
    assert "outside@<wbr>" in page
    assert 'href="/aliases/team@example.com/"' in page
    assert "secret@" not in page
    assert page.count('class="log__entry"') == 1


def test_targets_of_other_admins_are_not_told_from_the_outside(bob: Client) -> None:
    create_alias(CLI, address="far@example.com", targets=["otto@other.example", "nobody@other.example"])
    page = bob.get("/aliases/far@example.com/").content.decode()
    assert "/mailboxes/otto@other.example/" not in page


def test_the_row_of_a_mailbox_is_told_on_the_mailbox_page(bob: Client) -> None:
    assert bob.get("/aliases/anna@example.com/")["Location"] == "/mailboxes/anna@example.com/"
    before = rows()
    for part in ("edit", "toggle", "delete"):
        path = f"/aliases/anna@example.com/{part}/"
        assert bob.post(path, FORM | {"active": "0", "confirm": "anna@example.com"}).status_code == 404
    assert rows() == before


@pytest.mark.parametrize("who", ["charlie", "anna"])
def test_nobody_sees_or_changes_what_is_not_theirs(who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)
    before = rows()
    for address in (INFO, "absent@example.com", "anna@example.com"):
        for part in ("", "edit/", "delete/"):
            assert client.get(f"/aliases/{address}/{part}").status_code == 404
        for part in ("edit/", "toggle/", "delete/"):
            assert (
                client.post(f"/aliases/{address}/{part}", FORM | {"active": "0", "confirm": address}).status_code == 404
            )
    assert rows() == before


@pytest.mark.parametrize(
    "path", ["no-at", "a@b@c", "usér@example.com", "%00@example.com", "😀@example.com", "x" * 300 + "@example.com"]
)
def test_what_is_no_address_is_not_found(bob: Client, path: str) -> None:
    assert bob.get(f"/aliases/{path}/").status_code == 404


def test_the_form_does_not_carry_the_key(bob: Client) -> None:
    page = bob.get(EDIT).content.decode()
    assert set(re.findall(r'name="(\w+)"', page.split("<main")[1])) == {"csrfmiddlewaretoken", "targets", "description"}
    bob.post(EDIT, FORM | {"address": "otto@other.example", "description": "New"})
    assert info().description == "New"


def test_targets_and_description_are_changed_together(bob: Client) -> None:
    assert bob.post(EDIT, {"targets": "new@remote.example", "description": "Front desk"})["Location"] == PAGE
    assert (info().goto, info().description) == ("new@remote.example", "Front desk")
    assert list(AliasTarget.objects.filter(address=INFO).values_list("target", flat=True)) == ["new@remote.example"]
    assert AuditEvent.objects.filter(action="edit_alias").count() == 1
    assert toasts(bob) == [f"{INFO} is saved."]


def test_saving_nothing_new_writes_nothing(bob: Client) -> None:
    before = rows()
    assert bob.post(EDIT, FORM).status_code == 302
    assert rows() == before


def test_what_another_program_wrote_stays_when_only_the_description_changes(bob: Client) -> None:
    goto = "|/usr/bin/list,Upper@X.example,info@example.com," + ",".join(f"a{n}@x.example" for n in range(600))
    Alias.objects.filter(address=INFO).update(goto=goto)
    typed = "\r\n".join(info().targets)
    assert bob.post(EDIT, {"targets": typed, "description": "New"}).status_code == 302
    assert (info().goto, info().description) == (goto, "New")


@pytest.mark.parametrize(
    "targets", ["", "no address", "a@b@c.example", "usér@x.example", "a\x00@x.example", "/etc/passwd", "<b>@x"]
)
def test_bad_targets_are_refused_at_the_field(bob: Client, targets: str) -> None:
    refused(bob, EDIT, FORM | {"targets": targets}, "targets")


@pytest.mark.parametrize("description", BAD_LINES)
def test_bad_descriptions_are_refused_at_the_field(bob: Client, description: str) -> None:
    refused(bob, EDIT, FORM | {"description": description}, "description")


def test_circles_are_refused_with_the_path(bob: Client) -> None:
    assert refused(bob, EDIT, FORM | {"targets": INFO}, "targets") == ["An alias cannot point to itself."]
    create_alias(CLI, address="team@example.com", targets=[INFO])
    text = refused(bob, EDIT, FORM | {"targets": "team@example.com"}, "targets")
    assert text == [f"Mail would go in a circle: {INFO} → team@example.com → {INFO}."]


def test_the_switch(bob: Client) -> None:
    here = "/domains/example.com/aliases/?q=in"
    assert bob.post(TOGGLE, {"active": "0", "next": here})["Location"] == here
    assert not info().active
    assert toasts(bob) == [f"{INFO} is off: it sends nothing on."]
    answer = bob.post(TOGGLE, {"active": "1"}, headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith("<tr")
    assert info().active
    assert bob.post(TOGGLE, {"active": "yes"}).status_code == 400
    assert bob.get(TOGGLE).status_code == 405


def test_deleting_says_what_goes_and_cleans_up_if_told_so(bob: Client) -> None:
    create_alias(CLI, address="team@example.com", targets=[INFO, "x@y.example"])
    create_alias(CLI, address="only@example.com", targets=[INFO])
    page = strip_tags(bob.get(DELETE).content.decode())
    assert "Mail to info@example.com no longer goes to anna@example.com, outside@remote.example." in page
    assert "Aliases that send mail here: only@example.com, team@example.com." in page
    assert page.index("Switch off instead") < page.index("What is deleted")
    assert (
        bob.post(DELETE, {"confirm": INFO.upper(), "clean_references": "on"})["Location"]
        == "/domains/example.com/aliases/"
    )
    assert not Alias.objects.filter(address__in=[INFO, "only@example.com"]).exists()
    assert Alias.objects.get(address="team@example.com").goto == "x@y.example"
    assert not AliasTarget.objects.filter(address=INFO).exists()
    assert toasts(bob) == [f"{INFO} is deleted."]


def test_deleting_without_the_tick_leaves_the_others(bob: Client) -> None:
    create_alias(CLI, address="team@example.com", targets=[INFO])
    bob.post(DELETE, {"confirm": INFO})
    assert Alias.objects.get(address="team@example.com").goto == INFO


@pytest.mark.parametrize("typed", ["", "info", "anna@example.com", "usér@example.com", "a\x00", "x" * 300])
def test_another_name_deletes_nothing(bob: Client, typed: str) -> None:
    refused(bob, DELETE, {"confirm": typed}, "confirm")


def test_a_catch_all_is_changed_and_deleted_like_the_rest(bob: Client) -> None:
    create_alias(CLI, address="@example.com", targets=[INFO])
    assert bob.post("/aliases/@example.com/edit/", {"targets": "x@y.example"}).status_code == 302
    assert Alias.objects.get(address="@example.com").goto == "x@y.example"
    assert bob.post("/aliases/@example.com/toggle/", {"active": "0"}).status_code == 302
    assert bob.post("/aliases/@example.com/delete/", {"confirm": "@example.com"}).status_code == 302
    assert not Alias.objects.filter(address="@example.com").exists()
