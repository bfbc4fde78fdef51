"""The alias domains of a domain."""

import pytest
from django.test import Client

from domains.models import AliasDomain
from mailadmin.audit.models import AuditEvent
from tests.people import admin_client, make_domains

pytestmark = pytest.mark.django_db

URL = "/domains/a.example/alias-domains/"


@pytest.fixture
def bob() -> Client:
    make_domains("a.example", "b.example", "xn--bcher-kva.example", "foreign.example")
    return admin_client("bob@example.org", domains=["a.example", "b.example", "xn--bcher-kva.example"])


def test_create(bob: Client) -> None:
    page = bob.get(f"{URL}new/").content.decode()
    assert '<option value="bücher.example">' in page
    assert "foreign.example" not in page
    answer = bob.post(f"{URL}new/", {"alias_domain": "Bücher.example", "description": "x", "active": "on"}, follow=True)
    assert "bücher.example now has the addresses of a.example." in answer.content.decode()
    row = AliasDomain.objects.get()
    assert (row.alias_domain, row.target_domain, row.description) == ("xn--bcher-kva.example", "a.example", "x")
    assert (
        "bücher.example itself is an alias domain" in bob.get("/domains/bücher.example/alias-domains/").content.decode()
    )


@pytest.mark.parametrize(
    "name",
    ["", "foreign.example", "absent.example", "a.example", "x" * 300, "\x00", "a\x1b", "%", "😀", "usér", "../etc"],
)
def test_bad_names(bob: Client, name: str) -> None:
    answer = bob.post(f"{URL}new/", {"alias_domain": name, "active": "on"})
    assert answer.status_code == 200
    assert 'id="id_alias_domain_error"' in answer.content.decode()
    assert not AliasDomain.objects.exists()


def test_edit_moves_it_to_another_domain(bob: Client) -> None:
    AliasDomain.objects.create(alias_domain="xn--bcher-kva.example", target_domain="a.example")
    url = f"{URL}xn--bcher-kva.example/"
    assert 'value="a.example"' in bob.get(url).content.decode()
    bad = bob.post(url, {"target_domain": "foreign.example", "description": "typed", "active": "on"})
    assert bad.status_code == 200
    assert 'id="id_target_domain_error"' in bad.content.decode()
    assert 'value="typed"' in bad.content.decode()
    good = bob.post(url, {"target_domain": "B.example", "description": "y", "active": "on"})
    assert good.headers["Location"] == "/domains/b.example/alias-domains/"
    assert AliasDomain.objects.values_list("target_domain", "description").get() == ("b.example", "y")
    assert bob.get(url).status_code == 404


def test_switch_and_delete(bob: Client) -> None:
    AliasDomain.objects.create(alias_domain="b.example", target_domain="a.example")
    assert bob.post(f"{URL}b.example/toggle/", {"active": "0"}).status_code == 302
    assert not AliasDomain.objects.get().active
    row = bob.post(f"{URL}b.example/toggle/", {"active": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert row.strip().startswith("<tr")
    assert bob.post(f"{URL}b.example/toggle/", {}).status_code == 400
    assert "no longer exist at b.example" in bob.get(f"{URL}b.example/delete/").content.decode()
    answer = bob.post(f"{URL}b.example/delete/", follow=True)
    assert "Alias domain b.example deleted." in answer.content.decode()
    assert not AliasDomain.objects.exists()
    assert AuditEvent.objects.filter(action="delete_alias_domain").count() == 1
    assert bob.post(f"{URL}b.example/delete/").status_code == 404


def test_filters(bob: Client) -> None:
    AliasDomain.objects.create(alias_domain="b.example", target_domain="a.example", description="Old %")
    AliasDomain.objects.create(alias_domain="xn--bcher-kva.example", target_domain="a.example", active=False)
    for query, shown in ({"q": "%"}, ["b"]), ({"state": "off"}, ["bücher"]), ({"q": "BÜCHER.example"}, ["bücher"]):
        page = bob.get(URL, query).content.decode()
        rows = page[page.index('<section id="list"') :]
        assert [name for name in ("b", "bücher") if f">{name}.example<" in rows] == shown
    assert "No alias domain matches" in bob.get(URL, {"q": "nothing"}).content.decode()
    AliasDomain.objects.all().delete()
    assert "No alias domains" in bob.get(URL).content.decode()
