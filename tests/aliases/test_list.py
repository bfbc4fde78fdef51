"""The list of a domain's aliases."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aliases.models import Alias
from aliases.services import create_alias
from mailadmin.core.actor import Actor
from tests.people import make_domains, make_mailboxes

LIST = "/domains/example.com/aliases/"
CLI = Actor.cli()


def listed(client: Client, query: str = "") -> list[str]:
    answer = client.get(LIST + query)
    assert answer.status_code == 200
    return [row.alias.address for row in answer.context["rows"]]


def make_aliases(*addresses: str, goto: str = "x@y.example") -> None:
    now = timezone.now()
    Alias.objects.bulk_create(
        Alias(address=address, goto=goto, domain=address.rpartition("@")[2], created=now, modified=now)
        for address in addresses
    )


def test_rows_of_mailboxes_are_not_aliases(alice: Client, bob: Client) -> None:
    assert listed(alice) == listed(bob) == ["info@example.com"]


@pytest.mark.parametrize("who", ["charlie", "anna"])
def test_a_foreign_domain_looks_like_an_absent_one(who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)
    assert client.get(LIST).status_code == client.get("/domains/absent.example/aliases/").status_code == 404


def test_the_catch_all_is_named_and_targets_are_shortened(bob: Client) -> None:
    create_alias(CLI, address="@example.com", targets=["anna@example.com"])
    create_alias(CLI, address="team@example.com", targets=[f"m{number}@remote.example" for number in range(5)])
    page = bob.get(LIST).content.decode()
    assert page.count("Catch-all</span>") == 1
    assert "m1@<wbr>" in page and "m2@<wbr>" not in page
    assert "and 3 more" in page
    assert listed(bob)[0] == "@example.com"


def test_filters_and_search_over_address_target_and_description(bob: Client) -> None:
    create_alias(
        CLI, address="team@example.com", targets=["Zoe@remote.example", "x@bücher.example"], description="Böhm"
    )
    create_alias(CLI, address="old@example.com", targets=["x@y.example"], active=False)
    assert listed(bob, "?state=active") == ["info@example.com", "team@example.com"]
    assert listed(bob, "?state=off") == ["old@example.com"]
    for word in ("TEAM", "zoe@", "Böhm", "x@bücher.example"):
        assert listed(bob, f"?q={word}") == ["team@example.com"]
    assert "No alias matches" in bob.get(LIST + "?q=zzz").content.decode()


@pytest.mark.parametrize("text", ["%25", "_", "'", '"', "\\", "us%C3%A9r@", "%F0%9F%98%80", "a@b@c", "x" * 3000])
def test_no_search_word_breaks_the_list(bob: Client, text: str) -> None:
    assert listed(bob, f"?q={text}") == []
    for name in ("sort", "size", "after", "before", "state"):
        assert bob.get(f"{LIST}?{name}={text}").status_code == 200


def test_an_empty_list_says_what_to_do_first(alice: Client) -> None:
    make_domains("empty.example")
    page = alice.get("/domains/empty.example/aliases/").content.decode()
    assert "No aliases yet" in page
    assert page.count("/domains/empty.example/aliases/new/") == 1


@pytest.mark.parametrize("query", ["", "?q=m0", "?state=active&sort=-address&size=200"])
def test_two_pages_cost_as_many_queries_as_many(bob: Client, query: str) -> None:
    make_aliases(*(f"m{number:05}@example.com" for number in range(201)))
    bob.get(LIST)
    with CaptureQueriesContext(connection) as few:
        bob.get(LIST + query)
    for start in range(0, 2_000, 1000):
        make_aliases(*(f"n{number:05}@example.com" for number in range(start, start + 1000)))
        make_mailboxes(*(f"n{number:05}@example.com" for number in range(start, start + 500)))
    with CaptureQueriesContext(connection) as many:
        bob.get(LIST + query)
    # On PostgreSQL counting within a time takes five statements more.
    most = 15 + 5 * (connection.vendor == "postgresql")
    assert len(few) == len(many) <= most
