"""Search over everything in one's scope."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aliases.models import Alias
from domains.models import AliasDomain
from mailadmin import search_kinds
from mailadmin.accounts.credentials import AccountKind
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.search import begins_with, by_key
from mailadmin.search_views import SHOWN, TYPED_AHEAD
from mailboxes.models import Mailbox
from tests.core.test_ensure import OLD
from tests.people import admin_client, make_domains, make_mailboxes, signed_in
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}

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
    for path in ("/search/", "/search/panel/"):
        for inside in ("0", "1"):
            typed = q.encode("utf-8", "surrogatepass")
            answer = alice.get(path, {"q": typed, "inside": inside}, headers=HTMX)
            assert answer.status_code == 200
            assert b"<script>alert" not in answer.content


def test_no_word_and_words_from_nowhere(alice: Client) -> None:
    assert "Find anything by how it begins" in alice.get("/search/").content.decode()
    assert alice.get("/search/?q=%FF%FE").status_code == 200
    assert alice.get("/search/?q=a&q=b").status_code == 200
    assert "Nothing begins with this" in alice.get("/search/?q=zzz").content.decode()
    assert Client().get("/search/?q=a").status_code == 302


def ask(client: Client, q: str, **more: str) -> tuple[dict[str, list[str]], str]:
    """Return what the search box is answered while someone types: links by kind, and the whole answer."""
    answer = client.get("/search/panel/", {"q": q, **more}, headers=HTMX)
    assert answer.status_code == 200
    text = answer.content.decode()
    groups = {}
    for part in text.split('role="group"')[1:]:
        title = re.search(r'<p class="search__kind[^>]*>([^<]*)', part)
        assert title
        groups[title[1].strip()] = re.findall(r'<a href="([^"]+)"', part)
    return groups, text


def test_while_typing_beginnings_come_at_once(alice: Client) -> None:
    make_mailboxes(*(f"anna{number}@anna.example" for number in range(10)))
    groups, text = ask(alice, " Anna")
    assert groups["Domains"] == ["/domains/anna.example/"]
    assert len(groups["Mailboxes"]) == TYPED_AHEAD
    assert groups["Mailboxes"][0] == "/mailboxes/anna.b@anna.example/"
    assert groups["Aliases"] == ["/aliases/annals@anna.example/"]
    assert groups["Admins"] == ["/admins/anna.admin@example.org/"]
    assert text.count("the first of many") == 1
    assert 'href="/search/?q=Anna"' in text
    assert "8 matches" in text
    assert 'hx-get="/search/panel/?q=Anna&amp;inside=1&found=8"' in text


def test_fragments_follow_without_what_is_there_already(alice: Client) -> None:
    make_mailboxes("joanna@other.example", "x@other.example", name="Savannah")
    make_mailboxes("annabel@other.example", name="Anna Bella")
    groups, text = ask(alice, "anna", inside="1", found="7")
    assert groups == {
        "Mailboxes with “anna” inside": [
            "/mailboxes/a_b@anna.example/",
            "/mailboxes/joanna@other.example/",
            "/mailboxes/x@other.example/",
        ],
        "Aliases with “anna” inside": ["/aliases/@anna.example/"],
    }
    assert "11 matches" in text
    assert ask(alice, "domain", inside="1")[0]["Domains with “domain” inside"] == [
        "/domains/anna.example/",
        "/domains/other.example/",
        "/domains/xn--bcher-kva.example/",
    ]


def test_nothing_is_said_once_and_only_when_all_is_searched(alice: Client) -> None:
    assert "No matches</div>" not in ask(alice, "zzz")[1]
    assert ask(alice, "zzz", inside="1", found="0")[1].count("No matches</div>") == 1
    assert "No matches</div>" not in ask(alice, "zzz", inside="1", found="3")[1]
    # A single letter is inside almost everything: it is searched for by beginnings alone.
    groups, text = ask(alice, "z")
    assert groups == {} and "inside=1" not in text and "No matches</div>" in text
    assert ask(alice, "n", inside="1")[0] == {}


@pytest.mark.parametrize("found", ["", "-1", "x", "²", "9" * 5000, "1e9"])
def test_a_number_that_is_none_counts_nothing(alice: Client, found: str) -> None:
    assert "1 match<" in ask(alice, "nnals", inside="1", found=found)[1]


def test_fragments_stay_within_the_scope(alice: Client) -> None:
    make_mailboxes("joanna@other.example", name="Rossi")
    bob = admin_client("bob.too@example.org", domains=["anna.example"])
    groups = ask(bob, "nna", inside="1")[0]
    assert set(groups) == {"Domains with “nna” inside", "Mailboxes with “nna” inside", "Aliases with “nna” inside"}
    links = [link for found in groups.values() for link in found]
    assert links and not [link for link in links if "other.example" in link]
    assert ask(bob, "rossi", inside="1")[0]["Mailboxes with “rossi” inside"] == [
        "/mailboxes/a_b@anna.example/",
        "/mailboxes/anna.b@anna.example/",
        "/mailboxes/anna@anna.example/",
    ]
    for path in ("/search/?q=other&inside=1", "/search/?q=joanna&inside=1", "/search/?q=ther&inside=1"):
        assert "other.example/" not in bob.get(path).content.decode()


def test_a_mailbox_user_searches_nothing(alice: Client) -> None:
    anna = signed_in(AccountKind.MAILBOX, "anna@anna.example")
    for path in ("/search/", "/search/panel/"):
        for query in ({"q": "an"}, {"q": "an", "inside": "1"}):
            assert anna.get(path, query, headers=HTMX).status_code == 404
    assert 'id="search"' not in anna.get("/account/").content.decode()


def test_whoever_opens_the_panel_as_a_page_gets_the_page(alice: Client) -> None:
    answer = alice.get("/search/panel/", {"q": "a b&c"})
    assert (answer.status_code, answer["Location"]) == (302, "/search/?q=a+b%26c")


def test_the_page_does_both_steps(alice: Client) -> None:
    page = alice.get("/search/?q=anna").content.decode()
    assert 'hx-get="/search/?q=anna&amp;inside=1" hx-trigger="load"' in page
    assert "Search inside addresses and names too</a></noscript>" in page
    whole = alice.get("/search/?q=anna&inside=1").content.decode()
    first, _heading, further = whole.partition("Further matches")
    assert "/mailboxes/anna@anna.example/" in first and "/mailboxes/anna@anna.example/" not in further
    assert "/mailboxes/a_b@anna.example/" in further and "/mailboxes/a_b@anna.example/" not in first
    section = alice.get("/search/?q=anna&inside=1", headers=HTMX).content.decode()
    assert section.lstrip().startswith("<section") and "/mailboxes/a_b@anna.example/" in section
    assert "<html" not in section and "/mailboxes/anna@anna.example/" not in section
    assert "Nothing else has" in alice.get("/search/?q=zzz&inside=1").content.decode()


def test_pages_are_found_by_their_words(alice: Client) -> None:
    bob = admin_client("bob.too@example.org", domains=["anna.example"])
    assert ask(alice, "ne")[0]["Pages"] == ["/domains/new/", "/admins/new/"]
    assert ask(alice, "NEW ad")[0]["Pages"] == ["/admins/new/"]
    assert ask(alice, "pass")[0]["Pages"] == ask(bob, "pass")[0]["Pages"] == ["/account/password/"]
    assert ask(alice, "ad")[0]["Pages"] == ["/admins/", "/admins/new/"]
    assert "Pages" not in ask(bob, "ad")[0] and "Pages" not in ask(bob, "new")[0]
    assert "Pages" not in ask(alice, "dmin")[0]
    assert ask(bob, "lo")[0]["Pages"] == ["/log/"]
    assert '<a href="/log/">Log</a>' in bob.get("/search/?q=lo").content.decode()
    # In the person's language, and typed in a hurry, without the dots.
    bob.cookies["mailadmin_language"] = "de"
    assert "/account/password/" in str(ask(bob, "andern")[0])
    assert "/account/password/" not in str(ask(bob, "change")[0])


def queries(client: Client, path: str, **query: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path, query, headers=HTMX).status_code == 200
    return len(captured)


def test_the_number_of_queries_does_not_grow(alice: Client) -> None:
    asked = [("/search/panel/", {"q": "zoe"}), ("/search/panel/", {"q": "oe", "inside": "1"})]
    asked += [("/search/", {"q": "zoe"}), ("/search/", {"q": "oe", "inside": "1"})]
    ask(alice, "zoe")
    before = [queries(alice, path, **query) for path, query in asked]
    make_mailboxes(*(f"zoe{number}@anna.example" for number in range(60)))
    make_domains(*(f"zoe{number}.example" for number in range(60)))
    assert [queries(alice, path, **query) for path, query in asked] == before


def test_a_search_that_takes_too_long_says_so(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real one: 8,000 rows cannot be read in the time that is left to it."""
    make_mailboxes(*(f"u{number}@other.example" for number in range(8_000)), name="Somebody or other")
    assert "Stopped after" not in ask(alice, "zq", inside="1")[1]
    monkeypatch.setattr(search_kinds, "SECONDS", 0.001)
    # Where everything is busy, the database looks at its clock too late to stop a statement of a few milliseconds.
    for _turn in range(20):
        groups, text = ask(alice, "zq", inside="1", found="2")
        if groups:
            break
    assert "Mailboxes with “zq” inside" in groups
    assert "type more of it." in text and "2 matches" in text
    page = alice.get("/search/?q=zq&inside=1").content.decode()
    assert "type more of it." in page and "Nothing else has" not in page
    assert Mailbox.objects.filter(name="Somebody or other").count() == 8_000, "the connection is as it was"


ANALYZE = {
    "mysql": "ANALYZE TABLE domain, mailbox, alias, domain_admins",
    "postgresql": "ANALYZE domain, mailbox, alias, domain_admins",
    "sqlite": "ANALYZE",
}


def reads_all(plan: str, table: str) -> bool:
    """Return whether the plan has a step that reads the whole table, in the words of any of the databases."""
    return bool(re.search(rf"(^|\n).* {table} (ALL|index) |Seq Scan on {table}\b|SCAN {table}\b", plan))


def explained(rows: QuerySet[Any]) -> str:
    return str(rows.order_by(by_key("pk")).only("pk", "active")[: SHOWN + 1].explain())


@pytest.mark.django_db(transaction=True)
def test_beginnings_are_read_from_an_index_in_its_order() -> None:
    """Also by an admin of 200 domains; ANALYZE commits on MariaDB, so the rows are real ones."""
    names = [f"d{number}.example" for number in range(1_000)]
    make_domains(*names)
    make_mailboxes(*(f"u{number}@d{number % 500}.example" for number in range(4_000)))
    Alias.objects.bulk_create(
        Alias(address=f"a{number}@d{number % 500}.example", domain=f"d{number % 500}.example", goto="x@y.example")
        for number in range(4_000)
    )
    admin_client("bob@example.org", domains=names[:200])
    with connection.cursor() as cursor:
        cursor.execute(ANALYZE[connection.vendor])
    alice, bob = Actor(ActorKind.SUPERADMIN, "alice"), Actor(ActorKind.ADMIN, "bob@example.org")
    for actor in (alice, bob):
        for kind, q in zip(search_kinds.kinds(actor)[:3], ("d12", "u12", "a12"), strict=True):
            plan = explained(kind.rows.filter(begins_with(q, "pk")))
            assert not reads_all(plan, kind.rows.model._meta.db_table), f"{actor.kind} {kind.name}:\n{plan}"
    # A handful may be sorted; what many rows begin with has to come in the order of the index.
    for kind, q in zip(search_kinds.kinds(alice)[:2], ("d1", "u1"), strict=True):
        plan = explained(kind.rows.filter(begins_with(q, "pk")))
        assert not re.search("filesort|Sort Key|TEMP B-TREE", plan), plan


@pytest.mark.mysql
def test_letters_that_an_old_table_lacks_match_nothing(mariadb: MariaDB) -> None:
    """A database all in latin1, as PostfixAdmin's first versions made it; MariaDB refuses to compare them there."""
    panel = Panel(mariadb.create_database("latin1_search", charset="latin1"))
    old = OLD.replace(" CHARACTER SET utf8mb3", "").replace("'Anna'", "'Anna Müller'")
    mariadb.sql("SET sql_mode = ''; " + old, database="latin1_search")
    panel.migrate()

    answers = json.loads(panel.manage("shell", "--verbosity=0", "-c", LATIN1_SEARCHES))
    anna = ["anna@old.example"]
    assert answers["anna"] == [anna, [], anna]
    assert answers["nna"] == answers["müll"] == answers["MÜLL"] == [[], anna, anna]
    for word in ("Дми", "😀😀", "łł", "Anna 田中", "字@old.example"):
        assert answers[word] == [[], [], []], word


LATIN1_SEARCHES = """
import json
from mailadmin.core.actor import Actor
from mailadmin.core.search import contains
from mailadmin.search_kinds import find_beginnings, find_inside
from mailboxes.models import Mailbox
def names(groups):
    assert not any(group.stopped for group in groups)
    return [hit.name for group in groups for hit in group.hits]
found = {}
for q in ("anna", "nna", "müll", "MÜLL", "Дми", "😀😀", "łł", "Anna 田中", "字@old.example"):
    found[q] = [names(find(Actor.cli(), q, most=5)) for find in (find_beginnings, find_inside)]
    listed = Mailbox.objects.filter(contains(q, keys=["username"], texts=["name"]))
    found[q].append([row.username for row in listed])
print(json.dumps(found))
"""
