"""What another program wrote into PostfixAdmin's log stands in the history, once."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mailadmin.audit import foreign
from mailadmin.audit.models import AuditEvent, Log
from mailadmin.core.actor import Actor
from mailadmin.sweep.looking import look_at_log
from mailadmin.sweep.services import sweep_all
from mailboxes.services import create_mailbox
from tests.people import admin_client, make_domains

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)


def written(data: str, *, who: str = "bob@example.com (192.0.2.7)", domain: str = "example.com", **more: object) -> Log:
    """A row as PostfixAdmin writes it."""
    values = {"timestamp": NOW, "username": who, "domain": domain, "action": "edit_mailbox", "data": data} | more
    return Log.objects.create(**values)


def taken() -> list[tuple[str, str, str]]:
    return list(AuditEvent.objects.filter(via=foreign.VIA).order_by("id").values_list("actor", "action", "target"))


def test_rows_of_others_are_taken_once_and_ours_never() -> None:
    make_domains("example.com")
    create_mailbox(Actor.cli(), local_part="anna", domain="example.com", password="correct horse 7 battery")
    ours = AuditEvent.objects.count()
    written("anna@example.com")
    written("berta@example.com", who="ADMIN.SETUP", action="create_mailbox")
    for _sweep in range(2):
        sweep_all()
        assert taken() == [
            ("bob@example.com", "edit_mailbox", "anna@example.com"),
            ("admin.setup", "create_mailbox", "berta@example.com"),
        ]
    assert AuditEvent.objects.count() == ours + 2
    event = AuditEvent.objects.get(target="anna@example.com", via=foreign.VIA)
    assert (event.time, event.ip, event.domain, event.before) == (NOW, "192.0.2.7", "example.com", None)


def test_many_rows_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "BATCH", 3)
    for number in range(8):
        written(f"m{number}@example.com")
    assert sweep_all()["log"] == 8
    assert [target for _actor, _action, target in taken()] == [f"m{number}@example.com" for number in range(8)]


def test_a_part_costs_as_many_queries_whatever_it_holds() -> None:
    sweep_all()
    costs = []
    for number in (1, 40):
        for _row in range(number):
            written("anna@example.com")
        with CaptureQueriesContext(connection) as captured:
            look_at_log("")
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_a_row_that_came_late_is_taken_too() -> None:
    late = written("late@example.com")
    values = {name: getattr(late, name) for name in ("id", "timestamp", "username", "domain", "action", "data")}
    late.delete()
    written("early@example.com")
    sweep_all()
    Log.objects.create(**values)
    sweep_all()
    assert [target for _actor, _action, target in taken()] == ["early@example.com", "late@example.com"]


def test_whatever_stands_there() -> None:
    written("x" * 1000, who="(only) (brackets", domain="ALL", action="a" * 200, timestamp=None)
    written("", who="", domain="")
    written("字 🙂 'quoted'\n", who="Bob (with) (::1)")
    sweep_all()
    assert len(taken()) == 3
    assert AuditEvent.objects.filter(time=dt.datetime(2000, 1, 1, tzinfo=dt.UTC)).count() == 1
    assert AuditEvent.objects.get(ip="::1").actor == "bob (with)"
    client = admin_client("alice@ops.example", superadmin=True)
    assert "字 🙂" in client.get("/log/").content.decode()


def test_admins_read_them_within_their_domains() -> None:
    make_domains("example.com", "other.example")
    written("anna@example.com")
    written("otto@other.example", domain="other.example")
    sweep_all()

    def page(client: Client) -> str:
        return client.get("/log/").content.decode()

    assert "otto@" in page(admin_client("alice@ops.example", superadmin=True))
    bob = page(admin_client("bob@example.com", domains=["example.com"]))
    assert "anna@" in bob and "otto@" not in bob


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_letters_that_old_columns_lack_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "live_key_collation", lambda _connection: "latin1_swedish_ci")
    written("büro@example.com 字")
    sweep_all()
    assert [target for _actor, _action, target in taken()] == ["büro@example.com ?"]
    assert connection.vendor == "mysql"
