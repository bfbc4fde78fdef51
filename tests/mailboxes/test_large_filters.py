"""Filters that no index answers, in a domain too large to look through for one page."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aliases.models import Alias
from mailadmin.core import look_through
from mailadmin.core.statement_limit import TookTooLong
from mailboxes.models import Mailbox
from tests.people import admin_client, make_domains, make_mailboxes

pytestmark = pytest.mark.django_db

LIST = "/domains/a.example/mailboxes/"
WEAK = ("u0003", "u0700", "u1150")
STRONG = "{SHA512-CRYPT}$6$salt$hash"


@pytest.fixture
def alice(monkeypatch: pytest.MonkeyPatch) -> Client:
    """A browser before a domain of which one page looks through 300 mailboxes, and has no time for more."""
    monkeypatch.setattr(look_through, "_FIRST", 300)
    monkeypatch.setattr(look_through, "SECONDS", 0)
    make_domains("a.example", "b.example")
    names = [f"u{number:04}@a.example" for number in range(1200)]
    weak = {f"{name}@a.example" for name in WEAK}
    make_mailboxes(*(name for name in names if name not in weak), password=STRONG)
    make_mailboxes(*sorted(weak), "u0001@b.example", password="{PLAIN}secret")
    return admin_client("alice@ops.example", superadmin=True)


def shown(page: str) -> list[str]:
    return sorted(set(re.findall(r"u\d{4}(?=@a\.example)", page)))


def listed(page: str) -> list[str]:
    """Return the mailboxes of the page in its order."""
    return re.findall(r'<th scope="row">.*?/mailboxes/([^/]+)/', page)


def neighbour(page: str, which: str) -> str:
    found = re.search(rf'href="([^"]*)" rel="{which}"', page)
    return LIST + found[1].replace("&amp;", "&") if found else ""


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


@pytest.fixture
def time_enough(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time for the whole domain, in parts of 40, 80, 160 mailboxes and so on."""
    for name, value in {"SECONDS": 60, "_FIRST": 40, "_GROWTH": 2}.items():
        monkeypatch.setattr(look_through, name, value)


def test_with_time_enough_it_is_looked_at_whole(alice: Client, time_enough: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = alice.get(f"{LIST}?state=weak-password").content.decode()
    assert shown(page) == list(WEAK) and not go_on(page)
    # 40, 80, 160, 320 and 640 mailboxes: two questions each, not as many as there are parts of the first size.
    assert 10 <= sum("password" in query["sql"] or "OFFSET" in query["sql"] for query in queries) < 20


def test_a_part_that_takes_too_long_is_stopped_where_the_one_before_ended(
    alice: Client, time_enough: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = []

    @contextmanager
    def stopped(seconds: float) -> Iterator[None]:
        limits.append(seconds)
        yield
        if len(limits) == 3:
            raise TookTooLong

    monkeypatch.setattr(look_through, "statement_limit", stopped)
    first = alice.get(f"{LIST}?state=weak-password").content.decode()
    # 40, 80 and 160 were looked at, 320 more were not.
    assert shown(first) == [WEAK[0]] and limits == sorted(limits, reverse=True) and limits[0] < 60
    assert shown(alice.get(go_on(first)).content.decode()) == list(WEAK[1:])


@pytest.mark.parametrize("few", [0, 500], ids=["parts", "index"])
@pytest.mark.parametrize(
    ("filters", "sort", "number"),
    [
        ("q=u11", "address", 100),
        ("q=Curie", "-address", 60),
        ("q=Curie", "name", 60),
        ("q=Curie", "-quota", 60),
        ("q=u11&state=weak-password", "address", 1),
        ("q=nobody", "address", 0),
    ],
)
def test_every_way_of_looking_shows_the_same_pages(
    alice: Client, time_enough: None, monkeypatch: pytest.MonkeyPatch, filters: str, sort: str, number: int, few: int
) -> None:
    """Through all the parts, or by the few keys from the index that has names and addresses."""
    monkeypatch.setattr(look_through, "_FEW", few)
    monkeypatch.setattr(look_through, "_MANY", 100)
    Mailbox.objects.filter(username__contains="7@a.").filter(username__lt="u06").update(name="Marie Curie", quota=5)
    url, pages = f"{LIST}?{filters}&sort={sort}&size=25", []
    while url:
        page = alice.get(url).content.decode()
        assert not go_on(page)
        assert number <= 25 or f"Select all {number} that match" in page
        pages.append(listed(page))
        assert len(pages) < 6
        url = neighbour(page, "next")
    found = [name for names in pages for name in names]
    assert len(found) == len(set(found)) == number
    if sort.endswith("address"):
        assert found == sorted(found, reverse=sort.startswith("-"))
    # And back again.
    for names in reversed(pages[:-1]):
        page = alice.get(neighbour(page, "prev")).content.decode()
        assert listed(page) == names
    assert not neighbour(page, "prev")


@pytest.mark.mysql
def test_aliases_are_looked_for_among_the_mailboxes_only_where_they_fit(alice: Client, time_enough: None) -> None:
    """The domain's 1,200 mailboxes have an alias row each."""
    names = Mailbox.objects.filter(domain="a.example").values_list("username", flat=True)
    Alias.objects.bulk_create(Alias(address=name, goto=name, domain="a.example") for name in names)
    assert probes(alice, "u0") > 1000
    assert probes(alice, "nothing") < 50


def probes(client: Client, word: str) -> int:
    """Return how many rows MariaDB looks up by their keys to show the aliases with the word."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/domains/a.example/aliases/?q={word}").status_code == 200
    with connection.cursor() as cursor:
        looking = [query["sql"] for query in queries if f"%{word}%" in query["sql"]]
        assert len(looking) > 3
        before = looked_up(cursor)
        for sql in looking:
            cursor.execute(sql)
            cursor.fetchall()
        return looked_up(cursor) - before


def looked_up(cursor: Any) -> int:
    cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read_key'")
    return int(cursor.fetchone()[1])
