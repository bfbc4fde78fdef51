"""Screens of admins."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from domains.models import Domain
from mailadmin.accounts.models import Admin
from mailadmin.accounts.services import create_admin, granted_names, superadmins
from mailadmin.core.actor import Actor
from tests.people import admin_client, make_domains

PASSWORD = "correct horse battery"
pytestmark = pytest.mark.django_db
BAD = [
    "",
    "a" * 300,
    "bob\x00@example.com",
    "<b>@example.com",
    "'\"; --",
    "%",
    "_",
    "a@b@c",
    "😀@example.com",
    "usér@a.de",
]


@pytest.fixture
def alice() -> Client:
    make_domains("example.com", "other.example", "xn--mnchen-3ya.example")
    return admin_client("alice@ops.example", superadmin=True)


def new(**values: str) -> dict[str, str]:
    return {"username": "bob@example.com", "password": PASSWORD, "must_change": "on", "domains": "example.com"} | values


def test_create(alice: Client) -> None:
    domains = "example.com\r\nMÜNCHEN.example, example.com"
    answer = alice.post("/admins/new/", new(username="Bob@Example.COM", domains=domains))
    assert answer["Location"] == "/admins/bob@example.com/"
    assert granted_names("bob@example.com") == ["example.com", "xn--mnchen-3ya.example"]
    page = alice.get("/admins/bob@example.com/").content.decode()
    assert "münchen" in page
    assert "Admin created" in page
    assert "must choose a new password" in page.lower()


@pytest.mark.parametrize("username", BAD)
def test_bad_names(alice: Client, username: str) -> None:
    answer = alice.post("/admins/new/", new(username=username))
    assert answer.status_code == 200
    assert "field__error" in answer.content.decode()
    assert Admin.objects.count() == 1


def test_what_was_typed_is_kept_but_for_the_password(alice: Client) -> None:
    page = alice.post("/admins/new/", new(domains="example.com\nabsent.example")).content.decode()
    assert "There is no domain absent.example here" in page
    assert "bob@example.com" in page
    assert PASSWORD not in page
    for domains in ("no domain", "😀" * 200, "a" * 300, "x\x00y", "'%_"):
        answer = alice.post("/admins/new/", new(domains=domains))
        assert answer.status_code == 200
    assert not Admin.objects.filter(username="bob@example.com").exists()


def test_a_name_that_is_taken(alice: Client) -> None:
    assert "already exists" in alice.post("/admins/new/", new(username="ALICE@ops.example")).content.decode()


def test_edit(alice: Client) -> None:
    create_admin(Actor.cli(), username="bob@example.com", password=PASSWORD, domains=["example.com"])
    assert "\nexample.com</textarea>" in alice.get("/admins/bob@example.com/edit/").content.decode()
    alice.post("/admins/bob@example.com/edit/", {"domains": "other.example"})
    assert granted_names("bob@example.com") == ["other.example"]
    alice.post("/admins/bob@example.com/edit/", {"superadmin": "on", "domains": ""})
    assert superadmins().filter(username="bob@example.com").exists()


def test_ten_thousand_domains(alice: Client) -> None:
    names = [f"d{number:05}.example" for number in range(10_000)]
    make_domains(*names)
    alice.post("/admins/new/", new(domains=""))
    assert alice.post("/admins/bob@example.com/edit/", {"domains": "\n".join(names)}).status_code == 302
    assert len(granted_names("bob@example.com")) == 10_000
    assert "and 9900 more" in alice.get("/admins/bob@example.com/").content.decode()
    assert names[-1] in alice.get("/admins/bob@example.com/edit/").content.decode()


def test_the_last_superadmin_stays(alice: Client) -> None:
    page = alice.post("/admins/alice@ops.example/edit/", {"domains": ""}).content.decode()
    assert 'id="id_superadmin_error"' in page
    assert "last superadmin" in page
    page = alice.post("/admins/alice@ops.example/delete/", {"confirmation": "alice@ops.example"}).content.decode()
    assert "last superadmin" in page
    answer = alice.post("/admins/alice@ops.example/toggle/", {"active": "0"}, follow=True)
    assert "last superadmin" in answer.content.decode()
    assert Admin.objects.get().active


def test_password(alice: Client) -> None:
    create_admin(Actor.cli(), username="bob@example.com", password=PASSWORD)
    url = "/admins/bob@example.com/password/"
    assert "at least 10" in alice.post(url, {"password": "short"}).content.decode()
    assert alice.post(url, {"password": "another long one"}).status_code == 302
    assert Client().post("/login/", {"username": "bob@example.com", "password": "another long one"}).status_code == 302
    assert alice.get("/admins/alice@ops.example/password/")["Location"] == "/account/password/"


def test_toggle(alice: Client) -> None:
    create_admin(Actor.cli(), username="bob@example.com", password=PASSWORD)
    url = "/admins/bob@example.com/toggle/"
    assert alice.post(url, {"active": "0", "next": "/admins/?q=b"})["Location"] == "/admins/?q=b"
    assert not Admin.objects.get(username="bob@example.com").active
    assert alice.post(url, {"active": "1", "next": "//evil.example"})["Location"] == "/admins/bob@example.com/"
    assert alice.post(url, {"active": "perhaps"}).status_code == 400
    assert alice.get(url).status_code == 405
    assert Admin.objects.get(username="bob@example.com").active


def test_delete_takes_the_typed_name(alice: Client) -> None:
    create_admin(Actor.cli(), username="bob@example.com", password=PASSWORD, domains=["example.com"])
    url = "/admins/bob@example.com/delete/"
    assert "manage 1 domain: example.com" in alice.get(url).content.decode()
    for typed in ("", "alice@ops.example", "b\x00", "😀"):
        assert alice.post(url, {"confirmation": typed}).status_code == 200
    assert alice.post(url, {"confirmation": " bob@example.com"})["Location"] == "/admins/"
    assert not Admin.objects.filter(username="bob@example.com").exists()
    assert alice.get("/admins/bob@example.com/").status_code == 404
    assert Domain.objects.filter(domain="example.com").exists()


@pytest.mark.parametrize(
    "name", ["nobody@example.com", "a" * 300, "😀", "%00", "%", "'", "ALL", "%F0%9F", "us%C3%A9r@a.de"]
)
def test_absent_admins(alice: Client, name: str) -> None:
    for page in ("", "edit/", "password/", "delete/"):
        assert alice.get(f"/admins/{name}/{page}").status_code == 404


def test_others_have_no_business_here(alice: Client) -> None:
    bob = admin_client("bob@example.com", domains=["example.com"])
    for path in ("/admins/", "/admins/new/", "/admins/alice@ops.example/", "/admins/nobody@x.example/"):
        assert bob.get(path).status_code == 403
    assert bob.post("/admins/bob@example.com/edit/", {"superadmin": "on"}).status_code == 403


def test_the_list(alice: Client) -> None:
    for number in range(60):
        create = {"password": "x", "active": number % 2 == 0}
        Admin.objects.create(username=f"a{number:02}@example.com", **create)
    page = alice.get("/admins/?size=25").content.decode()
    assert "a24@" in page and "a25@" not in page and "Next" in page
    assert "alice@" in alice.get("/admins/?show=superadmins").content.decode()
    assert "a00@" not in alice.get("/admins/?show=superadmins").content.decode()
    assert "a00@" not in alice.get("/admins/?show=off").content.decode()
    assert "a07@" in alice.get("/admins/?q=A07").content.decode()
    assert "No admin matches" in alice.get("/admins/?q=%25").content.decode()


@pytest.mark.parametrize(
    "query", ["after=%00", "after=zz", "before=😀", "size=-1", "sort=;", "q=%00%F0", "show=%00", "q=" + "é" * 500]
)
def test_the_list_takes_any_address(alice: Client, query: str) -> None:
    assert alice.get(f"/admins/?{query}").status_code == 200


def test_the_list_costs_the_same_for_any_number(alice: Client) -> None:
    costs = []
    for number in (1, 60):
        Admin.objects.bulk_create(Admin(username=f"n{number}-{i}@example.com", password="x") for i in range(number))
        with CaptureQueriesContext(connection) as queries:
            alice.get("/admins/")
        costs.append(len(queries))
    assert costs[0] == costs[1]
