"""What the search box offers to do with the only match."""

import re

import pytest
from django.test import Client

from tests.people import admin_client, make_domains, make_mailboxes

HTMX = {"HX-Request": "true"}
STEP = re.compile(r'<a href="([^"]+)"[^>]* id="hit-steps-')


@pytest.fixture
def bob(db: None) -> Client:
    make_domains("anna.example", "berta.example", "berlin.example")
    make_mailboxes("carla@anna.example", "carla@berlin.example")
    return admin_client("bob@ops.example", domains=["anna.example", "berta.example", "berlin.example"])


def offered(client: Client, q: str) -> list[str]:
    text = client.get("/search/panel/", {"q": q}, headers=HTMX).content.decode()
    return STEP.findall(text)


def test_the_only_match_comes_with_what_is_often_done_with_it(bob: Client) -> None:
    assert offered(bob, "ann") == ["/domains/anna.example/mailboxes/new/", "/domains/anna.example/aliases/new/"]
    assert offered(bob, "carla@a") == [
        "/mailboxes/carla@anna.example/password/",
        "/mailboxes/carla@anna.example/vacation/",
    ]


@pytest.mark.parametrize("q", ["ber", "carla", "nothing"])
def test_several_matches_or_none_offer_nothing(bob: Client, q: str) -> None:
    assert offered(bob, q) == []


def test_a_foreign_domain_offers_nothing(bob: Client) -> None:
    charlie = admin_client("charlie@ops.example", domains=["berta.example"])
    assert offered(charlie, "ann") == []
