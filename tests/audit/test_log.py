"""The log: who may read what, filters, pages."""

import datetime as dt
import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from domains.services import update_domain
from mailadmin.accounts.models import Account
from mailadmin.audit.models import AuditEvent
from mailadmin.core import lists
from mailadmin.core.actor import Actor
from mailboxes.services import create_mailbox
from tests.people import admin_client, make_domains

pytestmark = pytest.mark.django_db


def event(target: str, **values: object) -> AuditEvent:
    own = {"time": timezone.now(), "action": "edit_mailbox", "actor": "alice@ops.example", "actor_kind": "superadmin"}
    return AuditEvent.objects.create(target=target, domain=target.rpartition("@")[2], **own | values)


@pytest.fixture
def alice() -> Client:
    make_domains("example.com", "other.example")
    return admin_client("alice@ops.example", superadmin=True)


def shown(client: Client, **query: str) -> str:
    answer = client.get(f"/log/?{urlencode(query)}")
    assert answer.status_code == 200
    # Without the form, which repeats what was typed.
    return answer.content.decode().partition('<section id="list"')[2]


def test_scope(alice: Client) -> None:
    event("anna@example.com")
    event("berta@other.example")
    event("mine@elsewhere.example", actor="bob@example.com", actor_kind="admin")
    event("namesake@elsewhere.example", actor="bob@example.com", actor_kind="user")
    bob = admin_client("bob@example.com", domains=["example.com"])
    page = shown(bob)
    assert "anna@<wbr>" in page and "mine@<wbr>" in page
    assert "berta@<wbr>" not in page and "namesake@<wbr>" not in page
    assert "berta@<wbr>" not in shown(bob, domain="other.example")
    assert all(name in shown(alice) for name in ("anna@<wbr>", "berta@<wbr>", "mine@<wbr>", "namesake@<wbr>"))


def test_filters(alice: Client) -> None:
    event("anna@example.com")
    event("berta@other.example", actor="bob@example.com", action="delete_mailbox")
    event("carl@example.com", actor="CLI", time=timezone.now() - dt.timedelta(days=10))
    cases = [
        ({"who": " Bob@Example.com "}, {"berta"}),
        ({"who": "CLI"}, {"carl"}),
        ({"domain": "EXAMPLE.com"}, {"anna", "carl"}),
        ({"target": "anna@example.com"}, {"anna"}),
        ({"action": "delete_mailbox"}, {"berta"}),
        ({"until": f"{timezone.now() - dt.timedelta(days=5):%Y-%m-%dT%H:%M}"}, {"carl"}),
        ({"from": f"{timezone.now() - dt.timedelta(days=5):%Y-%m-%dT%H:%M}"}, {"anna", "berta"}),
        ({"who": "bob@example.com", "domain": "example.com"}, set()),
    ]
    for query, names in cases:
        page = shown(alice, **query)
        assert {name for name in ("anna", "berta", "carl") if f"{name}@<wbr>" in page} == names, query
        assert bool(names) != ("Nothing matches" in page)


@pytest.mark.parametrize("name", ["who", "target", "domain"])
def test_a_name_that_no_key_can_be_finds_nothing(alice: Client, name: str) -> None:
    event("", action="sign_in_failed", actor="", actor_kind="anonymous")
    assert "Nothing matches" in shown(alice, **{name: "usér@example.com"})


def test_times_are_the_persons(alice: Client) -> None:
    event("anna@example.com", time=dt.datetime(2026, 3, 1, 16, 30, tzinfo=dt.UTC))
    Account.objects.update(time_zone="Asia/Tokyo")
    assert "anna@<wbr>" in shown(alice, **{"from": "2026-03-02T01:30", "until": "2026-03-02T01:31"})
    assert "anna@<wbr>" not in shown(alice, **{"from": "2026-03-01T16:00", "until": "2026-03-01T17:00"})
    assert "01:30" in shown(alice)


BAD = [
    "\x00",
    "😀",
    "x" * 5000,
    "%",
    "'\"; --",
    "<script>",
    "usér@example.com",
    "a@b@c",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
]


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize(
    "name", ["who", "target", "domain", "action", "from", "until", "after", "before", "size", "sort"]
)
def test_any_filter_is_an_answer(alice: Client, name: str, value: str) -> None:
    answer = alice.get("/log/", {name: value})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode().replace("<script src", "")


def test_a_mistake_is_told_at_the_field(alice: Client) -> None:
    page = alice.get("/log/?from=soon").content.decode()
    assert "Enter a day and a time" in page
    assert 'value="soon"' in page


def test_changes_in_words(alice: Client) -> None:
    update_domain(Actor.cli(), domain="example.com", mailboxes=-1, quota=5, description="<b>Shop</b>")
    page = shown(alice)
    assert "Domain changed" in page
    assert "unlimited" in page and "none" in page and "5 MB" in page
    assert "&lt;b&gt;Shop&lt;/b&gt;" in page
    assert "Transport" not in page


def test_passwords_are_masked(alice: Client) -> None:
    create_mailbox(Actor.cli(), local_part="anna", domain="example.com", password="correct horse battery")
    page = shown(alice)
    assert "***" in page
    assert "{SSHA512}" not in page


def test_pages(alice: Client) -> None:
    for number in range(60):
        event(f"m{number:02}@example.com")
    first = shown(alice, size="25")
    assert "m59@<wbr>" in first and "m35@<wbr>" in first and "m34@<wbr>" not in first
    link = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = alice.get(f"/log/{link}").content.decode()
    assert "m34@<wbr>" in second and "m35@<wbr>" not in second


def test_the_page_costs_the_same_for_any_number(alice: Client) -> None:
    costs = []
    for number in (1, 40):
        for i in range(number):
            event(f"q{number}-{i}@example.com")
        with CaptureQueriesContext(connection) as queries:
            shown(alice)
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_pages_of_a_span_of_time(alice: Client) -> None:
    for number in range(60):
        event(f"m{number:02}@example.com", time=timezone.now() - dt.timedelta(days=number + 1))
    seen = ""
    link = f"?size=25&until={timezone.now():%Y-%m-%dT%H:%M}"
    for _page in range(3):
        page = alice.get(f"/log/{link}").content.decode()
        seen += page.partition('<section id="list"')[2]
        link = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert [seen.count(f"m{number:02}@<wbr>") > 0 for number in range(60)] == [True] * 60
    assert 'rel="next"' not in page


@pytest.mark.parametrize("spans", [(), (1,), (7, 30), (1000,)])
def test_an_admin_turns_the_pages_both_ways(
    alice: Client, spans: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever lies between the admin's events, and however far is looked."""
    monkeypatch.setattr(lists, "_SPANS", spans)
    for number in range(60):
        event(f"m{number:02}@example.com")
        for _other in range(number % 4):
            event("x@other.example")
    bob = admin_client("bob@example.com", domains=["example.com"])
    link, pages = "?size=25", []
    for _page in range(3):
        page = bob.get(f"/log/{link}").content.decode()
        pages.append(targets(page))
        link = link_to(page, "next")
    assert [len(found) for found in pages] == [25, 25, 10]
    assert [*pages[0], *pages[1], *pages[2]] == [f"m{number:02}" for number in reversed(range(60))]
    assert targets(bob.get(f"/log/{link_to(page, 'prev')}").content.decode()) == pages[1]


def targets(page: str) -> list[str]:
    return re.findall(r"log__target\">(m\d\d)@", page)


def link_to(page: str, rel: str) -> str:
    return page.partition(f'rel="{rel}"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")


def test_an_admin_of_very_many_domains(alice: Client) -> None:
    names = [f"d{number}.example" for number in range(600)]
    make_domains(*names)
    bob = admin_client("bob@example.com", domains=names)
    event("anna@d599.example")
    event("carl@example.com")
    assert "anna@<wbr>" in shown(bob)
    assert "carl@" not in shown(bob)
