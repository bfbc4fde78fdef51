"""The sweep counts every domain, loses nothing that is done meanwhile, and is done by one worker at a time."""

import datetime as dt
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from aliases.models import Alias
from aliases.services import create_alias, delete_alias
from domains.guard import take_guard
from domains.models import ALL_DOMAINS, Domain, DomainGuard
from domains.services import delete_domain
from domains.use import DomainUse, domain_uses, live_uses
from mailadmin.accounts.models import Account, Admin
from mailadmin.audit.models import AuditEvent
from mailadmin.core.limits import MAX_BYTES
from mailadmin.jobs.kinds import CHANGES
from mailadmin.jobs.runner import work
from mailadmin.sweep import looking
from mailadmin.sweep.models import Finding, Sweep
from mailadmin.sweep.services import Sweeper, last_sweep, sweep_all
from mailboxes.models import Mailbox, Quota2
from mailboxes.services import create_mailbox
from tests.jobs.conftest import StartWorker
from tests.operations.cases import ALICE, PASSWORD
from tests.people import make_domains, make_mailboxes

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "CHUNK", 2)


def counted() -> dict[str, tuple[int, int, int]]:
    """Return the counters of the counted domains."""
    rows = DomainGuard.objects.filter(counted__isnull=False)
    return {row.domain: (row.mailboxes, row.aliases, row.promised) for row in rows}


def findings(kind: str) -> dict[str, int]:
    return dict(Finding.objects.filter(kind=kind).values_list("key", "share"))


def make_alias(address: str) -> None:
    now = timezone.now()
    Alias.objects.create(
        address=address, domain=address.rpartition("@")[2], goto="x@y.example", created=now, modified=now
    )


def test_it_counts_what_is_there_and_what_other_programs_change(small_chunks: None) -> None:
    make_domains("a.example", "b.example", "c.example", ALL_DOMAINS, mailboxes=10)
    make_domains("off.example", active=False)
    make_mailboxes("anna@a.example", "berta@a.example", "carl@c.example", quota=5)
    make_mailboxes("unlimited@a.example", "none@a.example", quota=-1)
    for address in ("anna@a.example", "info@a.example"):
        make_alias(address)
    totals = sweep_all()
    assert counted() == {
        "a.example": (4, 1, 10),
        "b.example": (0, 0, 0),
        "c.example": (1, 0, 5),
        "off.example": (0, 0, 0),
    }
    found = {"domains": 4, "domains_off": 1, "mailboxes": 5, "aliases": 1, "near_limits": 0, "nearly_full": 0}
    assert totals == found | {"admins": 0, "idle_admins": 0, "log": 0}
    use = domain_uses(["a.example"])["a.example"]
    assert use == DomainUse(4, 1, 10, use.counted) and use.counted is not None
    make_mailboxes("foreign@b.example", quota=7)
    Mailbox.objects.filter(domain="c.example").delete()
    Domain.objects.filter(domain="a.example").delete()
    assert counted()["b.example"] == (0, 0, 0)
    sweep_all()
    assert counted() == {"b.example": (1, 0, 7), "c.example": (0, 0, 0), "off.example": (0, 0, 0)}
    assert domain_uses(["a.example"])["a.example"] == DomainUse(4, 1, 10)


def test_what_is_done_while_it_counts_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    make_domains("a.example", "b.example")
    sweep_all()

    def count_then_create(names: list[str]) -> dict[str, DomainUse]:
        uses = live_uses(names)
        create_mailbox(ALICE, local_part="anna", domain="a.example", password=PASSWORD, quota=3)
        return uses

    make_mailboxes("foreign@b.example")
    monkeypatch.setattr(looking, "live_uses", count_then_create)
    sweep_all()
    assert counted() == {"a.example": (1, 0, 3), "b.example": (1, 0, 0)}
    monkeypatch.undo()
    make_mailboxes("foreign@a.example", quota=4)
    sweep_all()
    assert counted()["a.example"] == (2, 0, 7)


def test_a_domain_deleted_while_it_counts_stays_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    make_domains("a.example", "b.example", mailboxes=1)
    make_mailboxes("anna@a.example", "anna@b.example")

    def count_then_delete(names: list[str]) -> dict[str, DomainUse]:
        uses = live_uses(names)
        delete_domain(ALICE, domain="a.example")
        return uses

    monkeypatch.setattr(looking, "live_uses", count_then_delete)
    sweep_all()
    assert not DomainGuard.objects.filter(domain="a.example").exists()
    assert findings("domain") == {"b.example": 1000}


@pytest.mark.django_db(transaction=True)
def test_changes_in_parallel_and_the_sweep_agree_in_the_end() -> None:
    make_domains("a.example", "b.example", "c.example")
    sweep_all()
    errors: list[BaseException] = []

    def change(number: int) -> None:
        try:
            for turn in range(15):
                name = f"a{number}-{turn}@{'abc'[turn % 3]}.example"
                create_alias(ALICE, address=name, targets=["x@remote.example"])
                if turn % 2:
                    delete_alias(ALICE, address=name)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    rounds = 0
    while any(thread.is_alive() for thread in threads):
        sweep_all()
        rounds += 1
    for thread in threads:
        thread.join()
    assert not errors
    assert rounds
    kept = counted()
    live = live_uses(["a.example", "b.example", "c.example"])
    assert sum(use.aliases for use in live.values()) == 24
    assert kept == {name: (use.mailboxes, use.aliases, use.promised) for name, use in live.items()}


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_a_guard_that_is_held_for_long_holds_up_nothing_else() -> None:
    make_domains("a.example", "b.example")
    sweep_all()
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            take_guard(["a.example"])
            held.set()
            let_go.wait(30)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    make_mailboxes("foreign@a.example", "foreign@b.example")
    began = time.monotonic()
    sweep_all()
    took = time.monotonic() - began
    let_go.set()
    thread.join()
    assert counted() == {"a.example": (0, 0, 0), "b.example": (1, 0, 0)}
    assert took < 5
    sweep_all()
    assert counted()["a.example"] == (1, 0, 0)


def test_storage_beyond_all_sense_is_counted_when_asked_for() -> None:
    make_domains("a.example")
    make_mailboxes("anna@a.example", "berta@a.example", quota=MAX_BYTES)
    Quota2.objects.create(username="anna@a.example", bytes=MAX_BYTES)
    sweep_all()
    assert counted() == {}
    assert domain_uses(["a.example"])["a.example"].promised == 2 * MAX_BYTES
    assert findings("mailbox") == {"anna@a.example": 1000}


def test_it_finds_what_needs_somebody(small_chunks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "FULLEST", 2)
    make_domains("a.example", mailboxes=10, aliases=-1)
    make_domains("b.example", quota=1)
    make_domains("off.example", mailboxes=1, active=False)
    make_mailboxes(*(f"u{number}@a.example" for number in range(8)), quota=1000)
    make_mailboxes("u9@b.example", quota=950_000)
    make_mailboxes("u8@a.example", "u9@off.example", quota=1000, active=False)
    names = [*(f"u{number}@a.example" for number in range(9)), "u9@off.example"]
    Quota2.objects.bulk_create(Quota2(username=name, bytes=895 + number) for number, name in enumerate(names))
    sweep_all()
    assert findings("domain") == {"a.example": 900, "b.example": 905}
    # Of 900, 901, 902 bytes; the one in use by nobody and the one of a domain that is off need nobody.
    assert findings("mailbox") == {"u6@a.example": 901, "u7@a.example": 902}
    guard = DomainGuard.objects.get(domain="a.example")
    assert (guard.nearly_full, guard.fullest) == (3, 902)
    assert {"near_limits": 2, "nearly_full": 3}.items() <= last_sweep().totals.items()
    Quota2.objects.filter(username="u7@a.example").update(bytes=999)
    Quota2.objects.filter(username="u6@a.example").update(bytes=1)
    Domain.objects.filter(domain="b.example").delete()
    sweep_all()
    assert findings("domain") == {"a.example": 900}
    assert findings("mailbox") == {"u5@a.example": 900, "u7@a.example": 999}


def test_it_finds_admins_who_have_not_signed_in_for_long(small_chunks: None) -> None:
    now = timezone.now().replace(microsecond=0)
    long_ago = now - dt.timedelta(days=200)
    for name, made, active in (
        ("here@x.example", long_ago, True),
        ("idle@x.example", long_ago, True),
        ("new@x.example", now, True),
        ("never@x.example", long_ago, True),
        ("again@x.example", long_ago, True),
        ("off@x.example", long_ago, False),
    ):
        Admin.objects.create(username=name, password="x", created=made, modified=made, active=active)
    for name, seen, made in (
        ("here@x.example", now, long_ago),
        ("idle@x.example", now - dt.timedelta(days=91), long_ago),
        ("again@x.example", now, long_ago - dt.timedelta(days=5)),
    ):
        Account.objects.create(login=f"admin:{name}", last_login=seen, row_created=made)
    sweep_all()
    never = looking.NEVER
    assert findings("admin") == {"idle@x.example": 91, "never@x.example": never, "again@x.example": never}
    Admin.objects.filter(username__in=["idle@x.example", "never@x.example"]).delete()
    sweep_all()
    assert findings("admin") == {"again@x.example": never}


def test_it_finds_refused_sign_ins_of_each_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "NEWEST", 2)
    make_domains("a.example", "b.example")
    now = timezone.now()

    def event(target: str, **values: Any) -> str:
        domain = target.rpartition("@")[2]
        fields = {"action": "sign_in_failed", "time": now, "target": target, "domain": domain}
        return str(AuditEvent.objects.create(**fields | values).pk)

    event("one@a.example")
    kept = {event("two@a.example"), event("three@a.example"), event("four@b.example")}
    event("five@b.example", time=now - dt.timedelta(days=2))
    event("six@elsewhere.example")
    event("seven@a.example", action="edit_mailbox")
    sweep_all()
    assert findings("sign_in").keys() == kept


def lapse() -> None:
    Sweep.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))


def test_one_worker_at_a_time_and_another_goes_on_where_one_was_killed(small_chunks: None) -> None:
    make_domains(*(f"d{number}.example" for number in range(5)))
    killed, other = Sweeper(), Sweeper()
    assert killed.step() is True
    assert counted().keys() == {"d0.example", "d1.example"}
    assert other.step() is False
    lapse()
    # What was done is not done again.
    DomainGuard.objects.filter(domain="d0.example").update(counted=None)
    other = Sweeper()
    assert other.step() is True
    assert counted().keys() == {"d1.example", "d2.example", "d3.example"}
    while other.step():
        assert killed.step() is False
        killed = Sweeper()
    assert counted().keys() == {f"d{number}.example" for number in range(1, 5)}
    sweep = last_sweep()
    assert sweep.totals["domains"] == 5
    assert sweep.begun is None and sweep.finished is not None and sweep.seen is not None


@pytest.mark.django_db(transaction=True)
def test_it_is_done_again_when_it_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    make_domains("a.example")
    work(CHANGES, threading.Event(), until_empty=True, between=Sweeper().step)
    first = last_sweep().finished
    assert first is not None
    make_mailboxes("foreign@a.example")
    work(CHANGES, threading.Event(), until_empty=True, between=Sweeper().step)
    assert last_sweep().finished == first
    Sweep.objects.update(finished=first - dt.timedelta(minutes=11))
    monkeypatch.setattr(settings, "MAILADMIN_SWEEP_MINUTES", 0)
    assert Sweeper().step() is False
    monkeypatch.setattr(settings, "MAILADMIN_SWEEP_MINUTES", 10)
    work(CHANGES, threading.Event(), until_empty=True, between=Sweeper().step)
    assert counted() == {"a.example": (1, 0, 0)}


@pytest.mark.django_db(transaction=True)
def test_a_broken_sweep_leaves_the_worker_its_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_names: list[str]) -> Iterator[Any]:
        raise ZeroDivisionError

    make_domains("a.example")
    monkeypatch.setattr(looking, "live_uses", broken)
    work(CHANGES, threading.Event(), until_empty=True, between=Sweeper().step)
    assert counted() == {}


@pytest.mark.django_db(transaction=True)
def test_real_workers_one_of_them_killed(start_worker: StartWorker) -> None:
    names = [f"d{number:04}.example" for number in range(3_000)]
    make_domains(*names)
    make_mailboxes(*(f"anna@{name}" for name in names), quota=2)
    first = start_worker(lease=1)
    _wait_for(lambda: Sweep.objects.exclude(place="").exists() or last_sweep().finished is not None)
    first.send(signal.SIGKILL)
    start_worker(lease=1)
    _wait_for(lambda: last_sweep().finished is not None)
    assert counted() == dict.fromkeys(names, (1, 0, 2))
    assert last_sweep().totals["mailboxes"] == 3_000


def _wait_for(ready: Any) -> None:
    deadline = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.02)
