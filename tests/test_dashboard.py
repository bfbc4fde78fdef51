"""The overview, by role."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from domains.services import set_domain_active
from mailadmin import views
from mailadmin.accounts.credentials import AccountKind
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from tests.people import admin_client, make_domains, make_mailboxes, signed_in

pytestmark = pytest.mark.django_db


def cost(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/").status_code == 200
    return len(queries)


def test_superadmin(monkeypatch: pytest.MonkeyPatch) -> None:
    make_domains("example.com", "other.example")
    make_mailboxes("anna@example.com", "berta@example.com")
    set_domain_active(Actor.cli(), domain="other.example", active=False)
    AuditEvent.objects.create(action="sign_in_failed", target="x@example.com", ip="192.0.2.9", time=timezone.now())
    alice = admin_client("alice@ops.example", superadmin=True)
    page = alice.get("/").content.decode()
    assert "1 switched off" in page
    assert "192.0.2.9" in page
    assert "Domain changed" in page
    monkeypatch.setattr(views, "MOST", 1)
    assert "<strong>1+</strong>" in alice.get("/").content.decode()


def test_domain_admin() -> None:
    make_domains("example.com", mailboxes=10)
    make_domains("other.example")
    make_mailboxes("anna@example.com", "berta@example.com")
    bob = admin_client("bob@example.com", domains=["example.com"])
    page = bob.get("/").content.decode()
    assert "<strong>2</strong> of 10" in page
    assert "other.example" not in page
    assert "No domain is yours yet" in admin_client("carl@example.com").get("/").content.decode()


def test_mailbox_user() -> None:
    make_domains("example.com")
    make_mailboxes("anna@example.com", password="x")
    assert signed_in(AccountKind.MAILBOX, "anna@example.com").get("/")["Location"] == "/account/"


@pytest.mark.parametrize("superadmin", [True, False])
def test_the_overview_costs_the_same_for_any_number(superadmin: bool) -> None:
    names = [f"d{number}.example" for number in range(15)]
    make_domains(*names)
    few = cost(admin_client("few@ops.example", superadmin=superadmin, domains=names[:1]))
    make_mailboxes(*(f"m{number}@{name}" for number in range(5) for name in names))
    many = cost(admin_client("many@ops.example", superadmin=superadmin, domains=names))
    assert few == many
