"""The log as a file, and the links that lead to the history of one thing."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from domains.services import update_domain
from mailadmin.accounts.models import Account
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from mailboxes.passwords import set_mailbox_password
from mailboxes.services import create_mailbox
from tests.audit.test_log import alice, event
from tests.exports import FORMULAS, export_cost, exported
from tests.people import admin_client

__all__ = ["alice"]
pytestmark = pytest.mark.django_db


def test_an_export_tells_what_changed(alice: Client) -> None:
    Account.objects.update(time_zone="Asia/Kolkata")
    update_domain(Actor.cli(), domain="example.com", description="New", mailboxes=5)
    AuditEvent.objects.update(time=dt.datetime(2026, 3, 1, 20, tzinfo=dt.UTC))
    [row] = exported(alice, "/log/?format=csv")
    # PostgreSQL keeps values in an order of its own.
    assert sorted(row.pop("Changes").split("\n")) == ["Description: – → New", "Mailboxes: unlimited → 5"]
    assert [row] == [
        {
            "Time": "2026-03-02 01:30:00",
            "Action": "Domain changed",
            "What": "example.com",
            "Domain": "example.com",
            "Who": "CLI",
            "IP address": "localhost",
            "Way": "cli",
            "Times": "1",
        }
    ]


def test_the_filters_of_the_page_are_those_of_the_file(alice: Client) -> None:
    event("anna@example.com")
    event("berta@other.example", actor="bob@example.com", action="delete_mailbox")
    event("carl@example.com", time=timezone.now() - dt.timedelta(days=10))
    cases = {
        "": ["carl", "berta", "anna"],
        "&who=bob@example.com": ["berta"],
        "&target=anna@example.com": ["anna"],
        "&domain=example.com": ["carl", "anna"],
        "&action=delete_mailbox": ["berta"],
        f"&until={(timezone.now() - dt.timedelta(days=1)):%Y-%m-%dT%H:%M}": ["carl"],
        "&from=nonsense&sort=x&after=x": ["carl", "berta", "anna"],
    }
    for query, names in cases.items():
        rows = exported(alice, f"/log/?format=csv{query}")
        assert [row["What"].partition("@")[0] for row in rows] == names, query
    page = alice.get("/log/?who=bob@example.com&size=25").content.decode()
    assert 'href="?who=bob%40example.com&amp;format=csv"' in page
    rows = exported(alice, "/domains/example.com/log/?format=csv&domain=other.example&action=edit_mailbox")
    assert [row["What"] for row in rows] == ["carl@example.com", "anna@example.com"]


def test_foreign_events_are_in_no_export(alice: Client) -> None:
    event("anna@example.com")
    event("berta@other.example")
    bob = admin_client("bob@example.com", domains=["example.com"])
    assert [row["What"] for row in exported(bob, "/log/?format=csv")] == ["anna@example.com"]
    assert exported(bob, "/log/?format=csv&domain=other.example") == []
    assert bob.get("/domains/other.example/log/?format=csv").status_code == 404


def test_no_secret_is_exported(alice: Client) -> None:
    box = create_mailbox(Actor.cli(), local_part="anna", domain="example.com", password="Quiet-river-2048")
    set_mailbox_password(Actor.cli(), username=box.username, password="Other-river-2048")
    text = str(exported(alice, "/log/?format=csv"))
    assert "river" not in text and "{" not in text.replace("[{", "").replace(", {", "")
    assert "Password: *** → *** (changed)" in text


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(alice: Client, text: str) -> None:
    event(text, actor=text)
    row = exported(alice, "/log/?format=csv")[0]
    assert (row["What"], row["Who"]) == (f"'{text}", f"'{text}")


@pytest.mark.parametrize("query", ["", "&until=2100-01-01T00:00"])
def test_ten_thousand_events_cost_the_same_per_batch(alice: Client, query: str) -> None:
    now = timezone.now()
    AuditEvent.objects.bulk_create(
        (
            AuditEvent(time=now, actor="x", action="edit_mailbox", target="t", domain="example.com")
            for _ in range(10_000)
        ),
        batch_size=1000,
    )
    before, cost, rows = export_cost(alice, f"/log/?format=csv{query}")
    assert (rows, cost, before < 8) == (10_000, 21, True)


def test_pages_lead_to_the_whole_history(alice: Client) -> None:
    create_mailbox(Actor.cli(), local_part="a&b", domain="example.com", password="Quiet-river-2048")
    admin_client("bob@example.com")
    for path, target in (
        ("/mailboxes/a&b@example.com/", "a%26b%40example.com"),
        ("/admins/bob@example.com/", "bob%40example.com"),
        ("/domains/example.com/settings/", "example.com"),
    ):
        assert f'href="/log/?target={target}"' in alice.get(path).content.decode(), path
    rows = exported(alice, "/log/?target=a%26b%40example.com&format=csv")
    assert [row["Action"] for row in rows] == ["Mailbox created"]
