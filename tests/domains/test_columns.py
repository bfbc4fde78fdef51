"""The columns of the lists of domains and alias domains, their exports, and the way back from their switches."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from domains.models import ALL_DOMAINS, AliasDomain, Domain
from tests.exports import FORMULAS, export_cost, exported
from tests.people import admin_client, make_domains, make_mailboxes

pytestmark = pytest.mark.django_db
ALIAS_DOMAINS = "/domains/a.example/alias-domains/"


@pytest.fixture
def alice() -> Client:
    make_domains("a.example", ALL_DOMAINS, mailboxes=50, aliases=-1, quota=10, description="First")
    return admin_client("alice@example.org", superadmin=True)


@pytest.fixture
def bob(alice: Client) -> Client:
    make_domains("foreign.example")
    return admin_client("bob@example.org", domains=["a.example"])


def make_alias_domains(*names: str, target: str, **values: object) -> None:
    now = timezone.now()
    own = {"target_domain": target, "created": now, "modified": now}
    AliasDomain.objects.bulk_create(AliasDomain(**{**own, "alias_domain": name} | values) for name in names)


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("", ["Description", "Mailboxes", "Aliases", "Storage promised", "State"]),
        ("?columns=modified,transport", ["Transport", "Changed"]),
        ("?columns=&columns=maxquota&columns=created", ["Largest mailbox", "Created"]),
        ("?columns=", []),
        ("?columns=x%00y", ["Description", "Mailboxes", "Aliases", "Storage promised", "State"]),
    ],
)
def test_columns_are_in_the_url(alice: Client, query: str, labels: list[str]) -> None:
    page = alice.get(f"/domains/{query}").content.decode()
    assert re.findall(r'data-label="([^"]+)"', page) == labels


def test_an_export_holds_what_is_listed(alice: Client) -> None:
    make_mailboxes("anna@a.example", quota=3 * 1024**2)
    rows = exported(
        alice, "/domains/?format=csv&columns=description,mailboxes,aliases,promised,maxquota,transport,state"
    )
    assert rows == [
        {
            "Domain": "a.example",
            "Description": "First",
            "Mailboxes": "1",
            "Mailboxes allowed": "50",
            "Aliases": "0",
            "Aliases allowed": "none",
            "Storage promised (bytes)": str(3 * 1024**2),
            "Storage allowed (bytes)": str(10 * 1024**2),
            "Largest mailbox (bytes)": "unlimited",
            "Transport": "virtual",
            "State": "Active",
            "Backup MX": "no",
        }
    ]
    assert exported(alice, "/domains/?format=csv&state=off") == []


def test_foreign_rows_are_in_no_export(bob: Client) -> None:
    make_alias_domains("mine.example", target="a.example")
    make_alias_domains("theirs.example", target="foreign.example")
    assert [row["Domain"] for row in exported(bob, "/domains/?format=csv")] == ["a.example"]
    assert [row["Alias domain"] for row in exported(bob, f"{ALIAS_DOMAINS}?format=csv")] == ["mine.example"]
    for name in ("foreign.example", "absent.example"):
        for tab in ("alias-domains", "log"):
            assert bob.get(f"/domains/{name}/{tab}/?format=csv").status_code == 404


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(alice: Client, text: str) -> None:
    Domain.objects.filter(domain="a.example").update(description=text)
    make_alias_domains("mine.example", target="a.example", description=text)
    assert exported(alice, "/domains/?format=csv")[0]["Description"] == f"'{text}"
    row = exported(alice, f"{ALIAS_DOMAINS}?format=csv")[0]
    assert (row["Description"], row["Target domain"], row["State"]) == (f"'{text}", "a.example", "Active")


def test_ten_thousand_rows_cost_the_same_per_batch(alice: Client) -> None:
    names = [f"d{number:05}.example" for number in range(9_999)]
    for start in range(0, len(names), 1000):
        make_domains(*names[start : start + 1000])
    make_alias_domains(*(f"x{name}" for name in names), "x.example", target="a.example")
    before, cost, rows = export_cost(alice, "/domains/?format=csv")
    assert (rows, before < 8) == (10_000, True)
    # 20 batches, each with its mailboxes, aliases and storage counted; then one that is empty.
    assert cost == 20 * 4 + 1
    before, cost, rows = export_cost(alice, f"{ALIAS_DOMAINS}?format=csv&sort=-name")
    assert (rows, cost, before < 8) == (10_000, 21, True)


@pytest.mark.parametrize("kind", ["domain", "alias domain"])
def test_a_switch_can_be_undone_without_javascript(alice: Client, kind: str) -> None:
    make_alias_domains("mine.example", target="a.example")
    toggle = "/domains/a.example/toggle/" if kind == "domain" else f"{ALIAS_DOMAINS}mine.example/toggle/"
    page = alice.post(toggle, {"active": "0", "next": "/domains/?columns=state"}, follow=True).content.decode()
    form = re.search(r'<form method="post" action="([^"]+)" data-undo="1">', page)
    assert form and form[1] == toggle
    alice.post(form[1], {"active": "1"})
    assert Domain.objects.get(domain="a.example").active
    assert AliasDomain.objects.get(alias_domain="mine.example").active


def test_a_switch_keeps_the_columns_of_its_list(alice: Client) -> None:
    values = {"active": "0", "next": "/domains/?columns=transport"}
    row = alice.post("/domains/a.example/toggle/", values, headers={"HX-Request": "true"}).content.decode()
    assert re.findall(r'data-label="([^"]+)"', row) == ["Transport"]
    assert 'value="/domains/?columns=transport"' in row


def test_alias_domains_have_columns_to_choose(alice: Client) -> None:
    make_alias_domains("mine.example", target="a.example")
    for query, labels in [("", ["Description", "State"]), ("?columns=created", ["Created"]), ("?columns=", [])]:
        page = alice.get(f"{ALIAS_DOMAINS}{query}").content.decode()
        assert re.findall(r'data-label="([^"]+)"', page) == labels
    toggle, values = f"{ALIAS_DOMAINS}mine.example/toggle/", {"active": "0", "next": f"{ALIAS_DOMAINS}?columns=state"}
    row = alice.post(toggle, values, headers={"HX-Request": "true"}).content.decode()
    assert re.findall(r'data-label="([^"]+)"', row) == ["State"]
