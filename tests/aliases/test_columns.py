"""The columns of the list of aliases, its export, and the way back from its switches."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from aliases.models import Alias
from tests.exports import FORMULAS, export_cost, exported
from tests.people import make_domains

LIST = "/domains/example.com/aliases/"


def make_aliases(*addresses: str, domain: str = "example.com", **values: object) -> None:
    now = timezone.now()
    own = {"domain": domain, "goto": "anna@example.com", "created": now, "modified": now}
    Alias.objects.bulk_create(Alias(**{**own, "address": address} | values) for address in addresses)


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("", ["Mail goes to", "Description", "State"]),
        ("?columns=modified", ["Changed"]),
        ("?columns=", []),
        ("?columns=goto,%00,'", ["Mail goes to", "Description", "State"]),
    ],
)
def test_columns_are_in_the_url(bob: Client, query: str, labels: list[str]) -> None:
    answer = bob.get(LIST + query)
    assert answer.status_code == 200
    assert re.findall(r'data-label="([^"]+)"', answer.content.decode()) == labels


def test_an_export_holds_what_is_listed(bob: Client) -> None:
    many = [f"t{number}@remote.example" for number in range(300)]
    make_aliases("team@example.com", goto=",".join(many), description="Everybody", active=False)
    make_domains("foreign.example")
    make_aliases("secret@foreign.example", domain="foreign.example")
    rows = exported(bob, f"{LIST}?format=csv")
    # The row of the mailbox anna is none of the aliases.
    assert [row["Address"] for row in rows] == ["info@example.com", "team@example.com"]
    assert rows[1] == {
        "Address": "team@example.com",
        "Mail goes to": ", ".join(many),
        "Description": "Everybody",
        "State": "Off",
    }
    assert [row["Address"] for row in exported(bob, f"{LIST}?format=csv&state=active")] == ["info@example.com"]
    assert list(exported(bob, f"{LIST}?format=csv&columns=targets,created")[0]) == [
        "Address",
        "Mail goes to",
        "Created",
    ]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(bob: Client, text: str) -> None:
    make_aliases("@example.com", description=text)
    row = exported(bob, f"{LIST}?format=csv")[0]
    assert (row["Address"], row["Description"]) == ("'@example.com", f"'{text}")


def test_a_foreign_export_looks_like_an_absent_one(charlie: Client, anna: Client) -> None:
    for client in (charlie, anna):
        for domain in ("example.com", "absent.example"):
            assert client.get(f"/domains/{domain}/aliases/?format=csv").status_code == 404


def test_ten_thousand_rows_cost_the_same_per_batch(bob: Client) -> None:
    make_aliases(*(f"m{number:05}@example.com" for number in range(10_000)))
    before, cost, rows = export_cost(bob, f"{LIST}?format=csv&sort=-address")
    assert rows == 10_001
    assert before < 12
    assert cost == 42, "one look at what is somebody's own beside each batch"


def test_a_switch_can_be_undone_without_javascript(bob: Client) -> None:
    page = bob.post("/aliases/info@example.com/toggle/", {"active": "0"}, follow=True).content.decode()
    form = re.search(r'<form method="post" action="([^"]+)" data-undo="1">', page)
    assert form
    assert bob.post(form[1], {"active": "1"})["Location"] == "/aliases/info@example.com/"
    assert Alias.objects.get(address="info@example.com").active
