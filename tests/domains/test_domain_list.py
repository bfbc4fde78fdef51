"""The list of domains."""

import pytest

from tests.people import admin_client, make_domains

pytestmark = pytest.mark.django_db


def test_superadmin_sees_all_and_a_domain_admin_only_granted_ones() -> None:
    make_domains("a.example", "b.example")
    alice = admin_client("alice@example.org", superadmin=True)
    bob = admin_client("bob@example.org", domains=["b.example"])
    assert b"a.example" in alice.get("/domains/").content
    page = bob.get("/domains/").content
    assert b"b.example" in page
    assert b"a.example" not in page


def test_create_and_open() -> None:
    alice = admin_client("alice@example.org", superadmin=True)
    form = {"domain": "bücher.example", "mailboxes": "50", "aliases": "none", "maxquota": "1.5 GB"}
    answer = alice.post(
        "/domains/new/", form | {"quota": "unlimited", "transport": "virtual", "active": "on"}, follow=True
    )
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Domain bücher.example created." in page
    assert "<strong>0</strong> of 50 mailboxes" in page
