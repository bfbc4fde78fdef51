"""The list of domains."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aliases.models import Alias
from domains.models import ALL_DOMAINS, AliasDomain, Domain, DomainAdmin
from mailadmin.audit.models import AuditEvent
from mailadmin.audit.services import visible_events
from mailadmin.core.actor import Actor, ActorKind
from tests.people import admin_client, make_domains, make_mailboxes

pytestmark = pytest.mark.django_db


def shown(client: Client, **query: str) -> list[str]:
    """Return the names in the list, as people read them."""
    page = client.get("/domains/", query).content.decode()
    return re.findall(r'<th scope="row" class="cell-name"><a href="[^"]+">([^<]+)</a>', page)


@pytest.fixture
def alice() -> Client:
    return admin_client("alice@example.org", superadmin=True)


def test_superadmin_sees_all_and_a_domain_admin_only_granted_ones(alice: Client) -> None:
    make_domains("a.example", "b.example", ALL_DOMAINS)
    bob = admin_client("bob@example.org", domains=["b.example"])
    assert shown(alice) == ["a.example", "b.example"]
    assert shown(bob) == ["b.example"]
    page = bob.get("/domains/").content.decode()
    assert "/toggle/" not in page
    assert "New domain" not in page


def test_use_of_the_limits(alice: Client) -> None:
    make_domains("a.example", mailboxes=50, aliases=-1, quota=10)
    make_mailboxes("anna@a.example", "bruno@a.example", quota=3 * 1024**2)
    make_mailboxes("unlimited@a.example", "none@a.example", quota=-1)
    for address in ("anna@a.example", "info@a.example"):
        Alias.objects.create(address=address, domain="a.example", goto="anna@a.example")
    page = re.sub(r"<[^>]+>|\s+", " ", alice.get("/domains/").content.decode())
    page = re.sub(r"\s+", " ", page)
    assert "4 of 50" in page
    assert "1 (none allowed) · full" in page
    assert "6 MB of 10 MB" in page


def test_filters_and_empty_states(alice: Client) -> None:
    assert "No domains yet" in alice.get("/domains/").content.decode()
    bob = admin_client("bob@example.org")
    assert "No domain is yours yet" in bob.get("/domains/").content.decode()
    make_domains("a.example", description="Rossi 100%")
    make_domains("b_b.example", active=False)
    make_domains("xn--bcher-kva.example", backupmx=True)
    assert shown(alice, q="ROSSI") == ["a.example"]
    assert shown(alice, q="%") == ["a.example"]
    assert shown(alice, q="_") == ["b_b.example"]
    assert shown(alice, q="Bücher.example") == ["bücher.example"]
    assert shown(alice, state="active") == ["a.example", "bücher.example"]
    assert shown(alice, state="off") == ["b_b.example"]
    assert shown(alice, state="backup") == ["bücher.example"]
    assert shown(alice, state="off", q="rossi") == []
    assert "No domain matches" in alice.get("/domains/?q=zzz").content.decode()


def test_rows_of_other_programs_with_names_that_no_url_can_hold(alice: Client) -> None:
    make_domains("", "a/b", "a.example")
    AliasDomain.objects.bulk_create(AliasDomain(alias_domain=name, target_domain="a.example") for name in ("", "a/b"))
    assert "a/b" in alice.get("/domains/").content.decode()
    assert "a/b" in alice.get("/domains/a.example/alias-domains/").content.decode()
    assert alice.get("/search/?q=a/").status_code == 200


@pytest.mark.parametrize(
    "value", ["\x00", "\x1b", "x" * 5000, "'\"<b>", "%", "😀", "usér", "../etc", "9" * 30, "\ud83d", "@", "\\"]
)
@pytest.mark.parametrize("name", ["q", "state", "sort", "after", "before", "size"])
def test_whatever_the_url_says(alice: Client, name: str, value: str) -> None:
    make_domains("a.example")
    answer = alice.get("/domains/", {name: value.encode("utf-8", "surrogatepass")})
    assert answer.status_code == 200
    assert b"<b>" not in answer.content


def test_pages_meet_without_gap_or_overlap(alice: Client) -> None:
    names = [f"d{number:03d}.example" for number in range(60)]
    make_domains(*names)
    found, url = [], "/domains/?size=25&sort=-domain"
    while url:
        page = alice.get(url).content.decode()
        found += re.findall(r'<th scope="row" class="cell-name"><a href="[^"]+">([^<]+)</a>', page)
        match = re.search(r'href="([^"]+)" rel="next"', page)
        url = "/domains/" + match[1].replace("&amp;", "&") if match else ""
    assert found == sorted(names, reverse=True)


def count_queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    "url",
    [
        "/domains/",
        "/domains/?q=example&state=active",
        "/domains/d1.example/alias-domains/",
        "/domains/d1.example/admins/",
        "/domains/d1.example/log/",
        "/domains/d1.example/settings/",
        "/search/?q=d",
    ],
)
def test_the_number_of_queries_does_not_grow(alice: Client, url: str) -> None:
    bob = admin_client("bob@example.org", domains=["d1.example"])
    make_domains(*(f"d{number}.example" for number in range(10)))
    AliasDomain.objects.create(alias_domain="d2.example", target_domain="d1.example")
    clients = [alice] if "admins" in url else [alice, bob]
    few = [count_queries(client, url) for client in clients]
    make_domains(*(f"e{number}.example" for number in range(10_000)))
    make_mailboxes(*(f"dora{number}@d1.example" for number in range(2_000)))
    Alias.objects.bulk_create(
        Alias(address=f"dino{number}@d1.example", domain="d1.example", goto="x@y.example") for number in range(2_000)
    )
    AliasDomain.objects.bulk_create(
        AliasDomain(alias_domain=f"e{number}.example", target_domain="d1.example") for number in range(1_000)
    )
    many = [count_queries(client, url) for client in clients]
    assert few == many
    # PostgreSQL is told the time limit of each question in statements of their own.
    assert max(many) <= (34 if connection.vendor == "postgresql" else 16)


@pytest.mark.mysql
def test_the_list_reads_its_page_from_an_index() -> None:
    make_domains(*(f"d{number}.example" for number in range(5_000)))
    for rows in (Domain.objects.real(), Domain.objects.real().filter(domain__gt="d3000.example")):
        plan = rows.order_by("domain")[:51].explain()
        assert "PRIMARY" in plan
        assert "filesort" not in plan


@pytest.mark.mysql
def test_the_tabs_read_their_pages_from_an_index() -> None:
    make_domains(*(f"d{number}.example" for number in range(200)))
    now = timezone.now()
    AuditEvent.objects.bulk_create(
        AuditEvent(time=now, domain=f"d{number % 200}.example", action="edit_domain", actor="x")
        for number in range(8_000)
    )
    AliasDomain.objects.bulk_create(
        AliasDomain(alias_domain=f"m{number}.example", target_domain=f"d{number % 50}.example")
        for number in range(3_000)
    )
    bob = Actor(ActorKind.ADMIN, "bob@example.org")
    DomainAdmin.objects.create(username="bob@example.org", domain="d1.example")
    for actor in (Actor.cli(), bob):
        plan = visible_events(actor).filter(domain="d1.example").order_by("-id")[:51].explain()
        assert "mailadmin_audit_domain" in plan
        assert "filesort" not in plan
        mirrors = AliasDomain.objects.visible_to(actor).filter(target_domain="d1.example")
        assert "alias_domain_target_domain" in mirrors.order_by("alias_domain")[:51].explain()
