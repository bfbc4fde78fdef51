"""Prepared queries find what the same query finds, and nothing of the arguments before."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models
from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aliases.models import Alias
from domains.models import Domain, DomainAdmin
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.prepared import prepared
from mailboxes.models import Mailbox

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]

ADMIN = Actor(ActorKind.ADMIN, "anna@a.example")


@prepared
def _domains(actor: Actor, name: str) -> QuerySet[Domain]:
    return Domain.objects.visible_to(actor).filter(domain=name)


@prepared
def _named(names: tuple[str, ...]) -> QuerySet[Mailbox]:
    return Mailbox.objects.filter(username__in=names).order_by("-username")


@pytest.fixture(autouse=True)
def _rows() -> None:
    for name in ("a.example", "b.example"):
        Domain.objects.create(domain=name, description="", transport="virtual", created=timezone.now())
        Mailbox.objects.create(
            username=f"anna@{name}", domain=name, local_part="anna", maildir="x/", quota=7, active=name < "b"
        )
    DomainAdmin.objects.create(username=ADMIN.username, domain="a.example", created=timezone.now())


def _all(row: models.Model) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name != "_state"}


def test_rows_are_those_of_the_query() -> None:
    whole = prepared(lambda name: Mailbox.objects.filter(username=name))
    for name in ("anna@a.example", "anna@b.example", "nobody@a.example", "' OR 1=1 --", "%s"):
        assert list(map(_all, whole(name))) == list(map(_all, Mailbox.objects.filter(username=name))), name
    found = whole.first("anna@a.example")
    assert found is not None
    found.name = "Anna"
    found.save()
    assert Mailbox.objects.get(username="anna@a.example").name == "Anna"


def test_the_sql_is_made_once_and_asked_each_time() -> None:
    built: list[object] = []

    @prepared
    def active(name: str, wanted: bool) -> QuerySet[Mailbox]:
        built.append(name)
        return Mailbox.objects.filter(username=name, active=wanted)

    with CaptureQueriesContext(connection) as captured:
        shown = [len(active(name, on)) for name in ("anna@a.example", "anna@b.example") for on in (True, False, True)]
    assert shown == [1, 0, 1, 0, 1, 0]
    assert (len(captured), len(built)) == (6, 2), "once for each of the two states"


def test_the_scope_is_that_of_the_actor_who_asks() -> None:
    superadmin, other = Actor(ActorKind.SUPERADMIN, "root@x.example"), Actor(ActorKind.ADMIN, "zoe@x.example")
    user = Actor(ActorKind.USER, "anna@a.example")
    seen = [
        [domain for domain in ("a.example", "b.example", "ALL") if _domains.first(actor, domain)]
        for actor in (ADMIN, superadmin, other, user, Actor.anonymous(), ADMIN)
    ]
    assert seen == [["a.example"], ["a.example", "b.example"], [], [], [], ["a.example"]]


def test_tuples_of_every_length() -> None:
    names = tuple(f"anna@{name}" for name in ("a.example", "b.example"))
    assert [row.username for row in _named(names)] == ["anna@b.example", "anna@a.example"]
    assert [row.username for row in _named(names[:1])] == ["anna@a.example"]
    assert _named(()) == []
    many = tuple(f"n{number}@a.example" for number in range(500))
    assert [row.username for row in _named(many + names)] == ["anna@b.example", "anna@a.example"]
    assert len(_named._made) <= 3, "long ones are not kept"


def test_some_columns_and_annotations() -> None:
    @prepared
    def some(domain: str) -> QuerySet[Mailbox]:
        has_alias = Exists(Alias.objects.filter(address=OuterRef("username")))
        rows = Mailbox.objects.filter(domain=domain).only("quota", "created")
        return rows.annotate(has_alias=has_alias, more=F("quota") + 1)

    row = some.first("a.example")
    assert row is not None
    assert (row.quota, row.more, row.has_alias) == (7, 8, False)  # type: ignore[attr-defined]
    assert row.get_deferred_fields() >= {"password", "name"}
    assert row.active is True, "asked for when it is wanted"
    assert row.created == Mailbox.objects.get(pk=row.pk).created


def test_values_are_tuples() -> None:
    @prepared
    def counted(domain: str) -> QuerySet[Mailbox, tuple[str, int]]:
        rows = Mailbox.objects.filter(domain=domain).values_list("domain")
        return rows.annotate(number=Count("username")).order_by()

    assert counted("a.example") == [("a.example", 1)]
    assert counted("c.example") == []


def test_none_of_ours_depends_on_more_than_its_arguments() -> None:
    apps = ("mailadmin", "domains", "aliases", "mailboxes")
    sources = [path.read_text() for app in apps for path in (ROOT / app).rglob("*.py")]
    found = re.compile(r"^@prepared\n(def .*?)(?:\n\n\n|\Z)", re.MULTILINE | re.DOTALL)
    ours = [body for source in sources for body in found.findall(source)]
    assert len(ours) > 30
    guilty = re.compile(r"\bnow\(|settings\.|get_language|\b_\(|connection")
    assert [body for body in ours if guilty.search(body)] == [], "it would be asked as it was the first time"
