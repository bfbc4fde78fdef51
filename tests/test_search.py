"""Search over everything in one's scope."""

import re

import pytest
from django.test import Client

from aliases.models import Alias
from aliases.services import without_mailboxes
from domains.models import AliasDomain, Domain
from mailadmin.core.search import begins_with
from mailadmin.search_views import SHOWN
from mailboxes.models import Mailbox
from tests.people import admin_client, make_domains, make_mailboxes

pytestmark = pytest.mark.django_db


WORDS = [
    *("", " ", "\x00", "\x1b[0m", "x" * 5000, "'", '"', "\\", "%", "_", "<script>alert(1)</script>", "../etc"),
    *("a@b@c", "@", "@@", "usér@example.org", "😀", "\ufffd", "\ud83d", "ﬀ.example", "xn--.example", "é" * 90),
    "a" * 300 + "@b.example",
]


@pytest.fixture
def alice() -> Client:
    make_domains("anna.example", "xn--bcher-kva.example", "other.example", description="A domain")
    make_mailboxes(
        "anna@anna.example", "anna.b@anna.example", "anna@other.example", "a_b@anna.example", name="Anna Rossi"
    )
    for address in ("anna@anna.example", "annals@anna.example", "@anna.example", "annex@other.example"):
        domain = address.rpartition("@")[2]
        Alias.objects.create(address=address, domain=domain, goto="x@elsewhere.example")
    AliasDomain.objects.create(alias_domain="xn--bcher-kva.example", target_domain="anna.example")
    return admin_client("anna.admin@example.org", superadmin=True)


def found(client: Client, q: str) -> dict[str, list[str]]:
    """Return the links of the results by kind."""
    answer = client.get("/search/", {"q": q})
    assert answer.status_code == 200
    page = answer.content.decode()
    groups = {}
    for part in page.split('<section class="card"')[1:]:
        title = re.search(r"</svg>([^<]+)</h2>", part)
        assert title
        groups[title[1].strip()] = re.findall(r'<li><a href="([^"]+)"', part)
    return groups


def test_everything_that_begins_with_the_word(alice: Client) -> None:
    assert found(alice, " ANNA") == {
        "Domains": ["/domains/anna.example/"],
        "Mailboxes": [
            "/mailboxes/anna.b@anna.example/",
            "/mailboxes/anna@anna.example/",
            "/mailboxes/anna@other.example/",
        ],
        "Aliases": ["/aliases/annals@anna.example/"],
        "Admins": ["/admins/anna.admin@example.org/"],
    }
    assert found(alice, "anna@anna.example") == {"Mailboxes": ["/mailboxes/anna@anna.example/"]}
    assert found(alice, "@anna") == {"Aliases": ["/aliases/@anna.example/"]}
    assert found(alice, "bücher.example") == {
        "Domains": ["/domains/xn--bcher-kva.example/"],
        "Alias domains": ["/domains/xn--bcher-kva.example/"],
    }


def test_wildcards_stand_for_themselves(alice: Client) -> None:
    assert found(alice, "a_") == {"Mailboxes": ["/mailboxes/a_b@anna.example/"]}
    assert found(alice, "%") == {}


def test_a_domain_admin_finds_only_what_is_theirs(alice: Client) -> None:
    bob = admin_client("anna.too@example.org", domains=["anna.example"])
    assert found(bob, "anna") == {
        "Domains": ["/domains/anna.example/"],
        "Mailboxes": ["/mailboxes/anna.b@anna.example/", "/mailboxes/anna@anna.example/"],
        "Aliases": ["/aliases/annals@anna.example/"],
    }
    assert found(bob, "annex") == {}
    assert found(bob, "other") == {}


def test_each_kind_is_bounded_and_the_very_word_comes_first(alice: Client) -> None:
    make_mailboxes(*(f"zoe{number}@anna.example" for number in range(30)), "zoe@anna.example")
    make_domains(*(f"zoe{number}.example" for number in range(SHOWN)))
    groups = found(alice, "zoe")
    assert len(groups["Mailboxes"]) == SHOWN
    assert len(groups["Domains"]) == SHOWN
    page = alice.get("/search/?q=zoe").content.decode()
    assert page.count("More than 20") == 1
    assert found(alice, "zoe1@anna.example")["Mailboxes"][0] == "/mailboxes/zoe1@anna.example/"


@pytest.mark.parametrize("q", WORDS)
def test_any_word_gives_a_page(alice: Client, q: str) -> None:
    answer = alice.get("/search/", {"q": q.encode("utf-8", "surrogatepass")})
    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content


def test_no_word_and_words_from_nowhere(alice: Client) -> None:
    assert "Find anything by how it begins" in alice.get("/search/").content.decode()
    assert alice.get("/search/?q=%FF%FE").status_code == 200
    assert alice.get("/search/?q=a&q=b").status_code == 200
    assert "Nothing begins with this" in alice.get("/search/?q=zzz").content.decode()
    assert Client().get("/search/?q=a").status_code == 302


@pytest.mark.mysql
def test_the_search_reads_an_index_on_mariadb() -> None:
    make_domains(*(f"d{number}.example" for number in range(2_000)))
    make_mailboxes(*(f"u{number}@d{number % 50}.example" for number in range(5_000)))
    Alias.objects.bulk_create(
        Alias(address=f"u{number}@d1.example", domain="d1.example", goto="x@y.example") for number in range(5_000)
    )
    for rows in (Domain.objects.all(), Mailbox.objects.all(), without_mailboxes(Alias.objects.all())):
        plan = rows.filter(begins_with("u1", "pk")).order_by("pk")[: SHOWN + 1].explain()
        assert "range" in plan
        assert "filesort" not in plan
