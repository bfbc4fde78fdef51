"""Every page of a domain opens for who may see it and for nobody else."""

import pytest
from django.urls import reverse

from domains.models import AliasDomain, Domain
from tests.people import admin_client, make_domains, make_mailboxes

pytestmark = pytest.mark.django_db

PAGES = ["", "mailboxes/", "aliases/", "alias-domains/", "alias-domains/new/", "log/", "settings/"]
SUPERADMIN_PAGES = ["admins/", "delete/"]


@pytest.fixture(autouse=True)
def domains() -> None:
    make_domains("a.example", "b.example", "xn--bcher-kva.example")
    make_mailboxes("anna@a.example", quota=1024**3)


@pytest.mark.parametrize("page", PAGES)
def test_page_of_a_domain(page: str) -> None:
    bob = admin_client("bob@example.org", domains=["a.example"])
    answer = bob.get(f"/domains/a.example/{page}")
    assert answer.status_code == 200
    assert bob.get(f"/domains/b.example/{page}").status_code == 404
    assert bob.get(f"/domains/absent.example/{page}").status_code == 404


@pytest.mark.parametrize("page", SUPERADMIN_PAGES)
def test_page_for_superadmins(page: str) -> None:
    alice = admin_client("alice@example.org", superadmin=True)
    bob = admin_client("bob@example.org", domains=["a.example"])
    assert alice.get(f"/domains/a.example/{page}").status_code == 200
    assert bob.get(f"/domains/a.example/{page}").status_code == 403
    assert bob.get(f"/domains/b.example/{page}").status_code == 404


def test_international_name_is_shown_readable_and_found_in_either_spelling() -> None:
    alice = admin_client("alice@example.org", superadmin=True)
    assert reverse("domain_detail", args=["xn--bcher-kva.example"]) == "/domains/xn--bcher-kva.example/"
    for name in ("xn--bcher-kva.example", "bücher.example", "BÜCHER.example"):
        page = alice.get(f"/domains/{name}/settings/")
        assert page.status_code == 200
        assert "bücher.example" in page.content.decode()


@pytest.mark.parametrize(
    "name",
    ["..%2fetc", "%00", "a%00.example", "%0a", "usér", "😀.example", "ALL", "%25", "_", "'", "<b>", "x" * 300, "%ff"],
)
def test_a_name_that_no_domain_has(name: str) -> None:
    alice = admin_client("alice@example.org", superadmin=True)
    assert alice.get(f"/domains/{name}/").status_code == 404
    assert alice.post(f"/domains/{name}/toggle/", {"active": "0"}).status_code == 404
    assert alice.get(f"/domains/a.example/alias-domains/{name}/").status_code == 404


def test_a_domain_admin_reads_the_settings_but_does_not_change_them() -> None:
    bob = admin_client("bob@example.org", domains=["a.example"])
    page = bob.get("/domains/a.example/settings/").content.decode()
    assert "A superadmin can change these." in page
    assert '<form class="form"' not in page
    assert bob.post("/domains/a.example/settings/", {"description": "x"}).status_code == 403
    assert bob.post("/domains/a.example/toggle/", {"active": "0"}).status_code == 403
    assert bob.post("/domains/a.example/delete/", {"confirm": "a.example"}).status_code == 403
    assert bob.post("/domains/a.example/admins/", {"username": "bob@example.org"}).status_code == 403
    assert bob.get("/domains/new/").status_code == 403
    assert bob.post("/domains/new/", {"domain": "c.example"}).status_code == 403
    assert Domain.objects.filter(domain="a.example", active=True, description="").exists()


def test_a_mailbox_user_has_no_domains() -> None:
    from mailadmin.accounts.credentials import AccountKind
    from tests.people import signed_in

    anna = signed_in(AccountKind.MAILBOX, "anna@a.example")
    for url in ("/domains/", "/domains/a.example/", "/domains/a.example/log/", "/search/?q=a"):
        assert anna.get(url).status_code == 404
    assert anna.get("/domains/new/").status_code == 403


def test_an_alias_domain_with_one_side_is_seen_but_not_changed() -> None:
    AliasDomain.objects.create(alias_domain="b.example", target_domain="a.example", active=True)
    bob = admin_client("bob@example.org", domains=["a.example"])
    page = bob.get("/domains/a.example/alias-domains/").content.decode()
    assert "b.example" in page
    assert "/alias-domains/b.example/toggle/" not in page
    assert bob.get("/domains/a.example/alias-domains/b.example/").status_code == 404
    assert bob.post("/domains/a.example/alias-domains/b.example/toggle/", {"active": "0"}).status_code == 404
    assert bob.post("/domains/a.example/alias-domains/b.example/delete/").status_code == 404
    assert AliasDomain.objects.filter(active=True).count() == 1
