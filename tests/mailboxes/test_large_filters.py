"""Filters that no index answers, in a domain too large to look through for one page."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mailadmin.core import look_through
from tests.people import admin_client, make_domains, make_mailboxes

pytestmark = pytest.mark.django_db

LIST = "/domains/a.example/mailboxes/"
WEAK = ("u0003", "u0700", "u1150")
STRONG = "{SHA512-CRYPT}$6$salt$hash"


@pytest.fixture
def alice(monkeypatch: pytest.MonkeyPatch) -> Client:
    """A browser before a domain of which one page looks through 300 mailboxes, then 500, and has no time for more."""
    monkeypatch.setattr(look_through, "_FIRST", 300)
    monkeypatch.setattr(look_through, "_LATER", 500)
    monkeypatch.setattr(look_through, "SECONDS", 0)
    make_domains("a.example", "b.example")
    names = [f"u{number:04}@a.example" for number in range(1200)]
    weak = {f"{name}@a.example" for name in WEAK}
    make_mailboxes(*(name for name in names if name not in weak), password=STRONG)
    make_mailboxes(*sorted(weak), "u0001@b.example", password="{PLAIN}secret")
    return admin_client("alice@ops.example", superadmin=True)


def shown(page: str) -> list[str]:
    return sorted(set(re.findall(r"u\d{4}(?=@a\.example)", page)))


def go_on(page: str) -> str:
    found = re.search(r'href="([^"]*)"[^>]*>\s*Go on looking', page)
    return LIST + found[1].replace("&amp;", "&") if found else ""


@pytest.mark.parametrize("sort", ["address", "-address", "name", "-quota"])
def test_going_on_finds_every_row_that_fits_once(alice: Client, sort: str) -> None:
    url, found, pages = f"{LIST}?state=weak-password&sort={sort}", [], 0
    while url:
        page = alice.get(url).content.decode()
        found += shown(page)
        url, pages = go_on(page), pages + 1
        assert pages < 10
    assert sorted(found) == list(WEAK)
    assert pages > 3


def test_a_page_says_that_it_did_not_look_at_all(alice: Client) -> None:
    first = alice.get(f"{LIST}?q=u11").content.decode()
    assert "None found so far" in first
    with CaptureQueriesContext(connection) as queries:
        empty = alice.get(f"{LIST}?state=weak-password&q=u0003").content.decode()
    assert "There may be more" in empty and shown(empty) == ["u0003"]
    # Its mailboxes are not counted then: that would look at all of them.
    assert not any("COUNT(*)" in query["sql"] and "REGEXP" in query["sql"].upper() for query in queries)


def test_what_fits_often_is_shown_at_once(alice: Client) -> None:
    page = alice.get(f"{LIST}?state=active").content.decode()
    assert len(shown(page)) == 50 and not go_on(page)


def test_with_time_enough_it_is_looked_at_whole(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look_through, "SECONDS", 60)
    page = alice.get(f"{LIST}?state=weak-password").content.decode()
    assert shown(page) == list(WEAK) and not go_on(page)
