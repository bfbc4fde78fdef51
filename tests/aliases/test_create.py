"""New aliases and catch-alls."""

import pytest
from django.test import Client

from aliases.models import Alias, AliasTarget
from aliases.services import create_alias
from domains.models import Domain
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from tests.mailboxes.screens import BAD_LINES, BAD_LOCAL_PARTS, ODD_LINES, refused, rows, shown, toasts
from tests.people import make_domains

NEW = "/domains/example.com/aliases/new/"
FORM = {"address": "sales", "targets": "anna@example.com\nteam@remote.example", "description": "Sales", "active": "on"}
CLI = Actor.cli()


def test_a_domain_admin_creates_an_alias(bob: Client) -> None:
    assert bob.post(NEW, FORM)["Location"] == "/aliases/sales@example.com/"
    row = Alias.objects.get(address="sales@example.com")
    assert (row.goto, row.description, row.active) == ("anna@example.com,team@remote.example", "Sales", True)
    assert AliasTarget.objects.filter(address=row.address).count() == 2
    assert AuditEvent.objects.get(action="create_alias", target=row.address).actor == "bob@ops.example"
    assert toasts(bob) == ["Alias sales@example.com created."]


def test_targets_are_told_apart_by_lines_or_commas_and_kept_once(bob: Client) -> None:
    bob.post(NEW, FORM | {"targets": " Anna@Example.COM \r\n\r\nanna@example.com, x@bücher.example "})
    assert Alias.objects.get(address="sales@example.com").goto == "anna@example.com,x@xn--bcher-kva.example"
    assert "x@bücher.example" in bob.get("/aliases/sales@example.com/edit/").content.decode()


@pytest.mark.parametrize("form", [{"address": "", "catch_all": "on"}, {"address": "*"}])
def test_a_catch_all(bob: Client, form: dict[str, str]) -> None:
    assert bob.post(NEW, FORM | form)["Location"] == "/aliases/@example.com/"
    page = bob.get("/aliases/@example.com/").content.decode()
    assert "Mail to every address of the domain that does not exist." not in page
    assert "Catch-all" in page


def test_a_catch_all_has_no_address_of_its_own(bob: Client) -> None:
    assert refused(bob, NEW, FORM | {"catch_all": "on"}, "catch_all") == ["Leave the address empty for a catch-all."]


@pytest.mark.parametrize("who", ["charlie", "anna"])
def test_a_foreign_domain_looks_like_an_absent_one(who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)
    before = rows()
    for path in (NEW, "/domains/absent.example/aliases/new/"):
        assert client.get(path).status_code == client.post(path, FORM).status_code == 404
    assert rows() == before


@pytest.mark.parametrize("address", BAD_LOCAL_PARTS)
def test_bad_addresses_are_refused_at_the_field(bob: Client, address: str) -> None:
    refused(bob, NEW, FORM | {"address": address}, "address")


@pytest.mark.parametrize("description", BAD_LINES)
def test_bad_descriptions_are_refused_at_the_field(bob: Client, description: str) -> None:
    refused(bob, NEW, FORM | {"description": description}, "description")


@pytest.mark.parametrize("description", ODD_LINES)
def test_odd_descriptions_are_kept_and_shown_as_text(bob: Client, description: str) -> None:
    bob.post(NEW, FORM | {"description": description})
    assert Alias.objects.get(address="sales@example.com").description == description
    for path in ("/aliases/sales@example.com/", "/domains/example.com/aliases/"):
        assert b"<b>sons" not in bob.get(path).content


@pytest.mark.parametrize(
    "targets",
    ["", "  \n ", "no address", "a@b@c.example", "usér@x.example", "a\x07@x.example", "a\x00@x.example", "|/bin/sh",
     ":include:/etc/passwd", "😀@x.example", "<b>@x.example", '"a b"@x.example', "@x.example", "a@localhost",
     "x" * 300 + "@x.example", "a@" + "x" * 300 + ".example", "x" * 200_000],
)  # fmt: skip
def test_bad_targets_are_refused_at_the_field(bob: Client, targets: str) -> None:
    refused(bob, NEW, FORM | {"targets": targets}, "targets")


def test_each_bad_target_is_named(bob: Client) -> None:
    texts = refused(bob, NEW, FORM | {"targets": "one\nanna@example.com\ntwo"}, "targets")
    assert [text[:5] for text in texts] == ["“one”", "“two”"]


def test_too_many_targets_are_refused(bob: Client) -> None:
    refused(bob, NEW, FORM | {"targets": "\n".join(f"a{n}@x.example" for n in range(501))}, "targets")
    bob.post(NEW, FORM | {"targets": "\n".join(f"a{n}@x.example" for n in range(500))})
    assert len(Alias.objects.get(address="sales@example.com").targets) == 500


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("anna", "A mailbox with this address already exists."),
        ("ANNA@Example.com", "A mailbox with this address already exists."),
        ("Info", "An alias with this address already exists."),
    ],
)
def test_an_address_in_use_is_refused(bob: Client, address: str, message: str) -> None:
    assert refused(bob, NEW, FORM | {"address": address}, "address") == [message]


def test_an_alias_to_itself_and_circles_are_refused_with_the_path(bob: Client) -> None:
    assert refused(bob, NEW, FORM | {"targets": "sales@example.com"}, "targets") == ["An alias cannot point to itself."]
    create_alias(CLI, address="b@example.com", targets=["c@example.com"])
    create_alias(CLI, address="c@example.com", targets=["sales@example.com"])
    text = refused(bob, NEW, FORM | {"targets": "b@example.com"}, "targets")
    path = "sales@example.com → b@example.com → c@example.com → sales@example.com"
    assert text == [f"Mail would go in a circle: {path}."]


def test_the_limit_is_named_with_its_use_and_who_can_raise_it(bob: Client) -> None:
    Domain.objects.filter(domain="example.com").update(aliases=2)
    assert "1 of 2 left" in bob.get(NEW).content.decode()
    bob.post(NEW, FORM)
    text = refused(bob, NEW, FORM | {"address": "more"}, "address")
    assert text == ["2 of 2 aliases are in use in example.com. A superadmin can raise the limit."]
    Domain.objects.filter(domain="example.com").update(aliases=-1)
    assert "example.com may have no aliases. A superadmin can raise the limit." in bob.get(NEW).content.decode()


def test_an_international_domain_is_stored_as_labels_and_shown_readable(alice: Client) -> None:
    make_domains("xn--bcher-kva.example")
    answer = alice.post("/domains/bücher.example/aliases/new/", FORM | {"targets": "x@bücher.example"}, follow=True)
    assert Alias.objects.get(address="sales@xn--bcher-kva.example").goto == "x@xn--bcher-kva.example"
    assert "xn--" not in shown(answer.content)
    assert alice.get("/aliases/SALES@Bücher.example/").status_code == 200
