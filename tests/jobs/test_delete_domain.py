"""Deleting a domain that holds too much for a request."""

import signal
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from aliases.models import Alias, AliasTarget
from domains import bulk
from domains.models import Domain, DomainGuard
from domains.services import delete_domain
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from mailadmin.jobs.models import Job
from mailadmin.jobs.runner import Keeper
from mailboxes.models import DeletedMaildir, Mailbox, Quota2
from tests.jobs.conftest import StartWorker
from tests.jobs.firm import make_aliases, make_firm, run_here, wait_for
from tests.people import admin_client

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/domains/example.com/delete/"


@pytest.fixture
def alice(transactional_db: None) -> Client:
    return admin_client("alice@ops.example", superadmin=True)


def make_big(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make example.com with mailboxes, aliases, use, and an alias elsewhere that points at two of its addresses."""
    monkeypatch.setattr("domains.views.AT_ONCE", 100)
    names = make_firm(count)
    make_aliases("info@example.com", "office@example.com")
    Quota2.objects.bulk_create(Quota2(username=name, bytes=1, messages=1) for name in names)
    now = timezone.now()
    goto = f"{names[0]},outside@remote.example,{names[-1]}"
    Alias.objects.create(address="both@other.example", domain="other.example", goto=goto, created=now, modified=now)
    AliasTarget.objects.bulk_create(
        AliasTarget(target=name, target_domain="example.com", address="both@other.example")
        for name in (names[0], names[-1])
    )


def queued(client: Client, **fields: str) -> Job:
    answer = client.post(PATH, {"confirm": "example.com", "clean_references": "on", **fields})
    job = Job.objects.latest("pk")
    assert answer["Location"] == f"/jobs/{job.batch_id}/"
    return job


def nothing_is_left() -> bool:
    """Look whether the domain is gone with all that was in it, and the alias elsewhere cleaned up."""
    assert Alias.objects.get(address="both@other.example").goto == "outside@remote.example"
    assert not AliasTarget.objects.filter(target_domain="example.com").exists()
    tables: Any = (Mailbox, Alias, DomainGuard, Domain)
    return not any(table.objects.filter(domain="example.com").exists() for table in tables) and not (
        Quota2.objects.exists()
    )


def test_a_small_domain_goes_at_once(alice: Client) -> None:
    make_firm(3)
    assert 'name="in_parts"' not in alice.get(PATH).content.decode()
    assert alice.post(PATH, {"confirm": "example.com"})["Location"] == "/domains/"
    assert not Domain.objects.filter(domain="example.com").exists() and not Job.objects.exists()


def test_a_large_one_becomes_a_job(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_big(700, monkeypatch)
    assert 'name="in_parts"' in alice.get(PATH).content.decode()
    assert alice.post(PATH, {"confirm": "example.org"}).status_code == 200 and not Job.objects.exists()
    job = queued(alice)
    assert (job.total, job.in_parts, Mailbox.objects.count()) == (702, False, 700)
    run_here()
    job.refresh_from_db()
    assert (job.state, job.done, job.changed) == ("done", 702, 702), job.message
    assert nothing_is_left()
    assert DeletedMaildir.objects.count() == 700
    event = AuditEvent.objects.get(batch_id=job.batch_id)
    assert event.before is not None
    assert (event.action, event.target, event.before["deleted_mailboxes"]) == ("delete_domain", "example.com", 700)
    assert event.before["deleted_aliases"] == 2
    page = alice.get(f"/jobs/{job.batch_id}/").content.decode()
    assert "Delete example.com" in page and "Deleted, with 702 mailboxes and aliases." in page
    assert "Delete example.com" in alice.get("/jobs/").content.decode()


def test_cancelled_in_the_middle_it_is_whole(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_big(1500, monkeypatch)
    job = queued(alice)
    steps: list[int] = []
    step = Keeper.step

    def cancelled(keeper: Keeper, done: int) -> None:
        # As the thread learns it; on SQLite whoever cancels waits for the transaction.
        steps.append(Mailbox.objects.count())
        keeper.cancelled = done >= 1000
        step(keeper, done)

    monkeypatch.setattr(Keeper, "step", cancelled)
    run_here()
    job.refresh_from_db()
    assert steps == [1000, 500]
    assert (job.state, job.message) == ("cancelled", "Cancelled. Nothing was changed.")
    assert Mailbox.objects.count() == Quota2.objects.count() == 1500
    assert Domain.objects.get(domain="example.com").active


def test_in_parts_it_is_off_at_once_and_survives_a_killed_worker(
    alice: Client, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_big(2300, monkeypatch)
    job = queued(alice, in_parts="1")
    first = start_worker(pause=0.4, lease=2)
    wait_for(job, lambda row: row.changed >= 1000)
    first.send(signal.SIGKILL)
    assert not Domain.objects.get(domain="example.com").active
    left = Mailbox.objects.count()
    job.refresh_from_db()
    assert left == 2300 - job.changed > 0
    start_worker(lease=2)
    wait_for(job, lambda row: row.has_ended)
    assert (job.state, job.changed) == ("done", 2302), job.message
    assert nothing_is_left()
    found = AuditEvent.objects.filter(batch_id=job.batch_id)
    told = {action: found.filter(action=action).count() for action in set(found.values_list("action", flat=True))}
    assert told == {"edit_domain": 1, "delete_mailbox": 2300, "delete_alias": 2, "delete_domain": 1}


def test_in_parts_cancelled_it_keeps_what_is_left(
    alice: Client, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_big(2300, monkeypatch)
    job = queued(alice, in_parts="1")
    start_worker(pause=0.4, lease=4)
    wait_for(job, lambda row: row.changed >= 1000)
    alice.post(f"/jobs/{job.batch_id}/cancel/")
    wait_for(job, lambda row: row.has_ended)
    assert job.message == f"Cancelled. {job.changed:,} of 2,302 are done and stay so."
    assert Mailbox.objects.count() == Quota2.objects.count() == 2300 - job.changed
    assert not Domain.objects.get(domain="example.com").active


def test_a_domain_admin_cannot(transactional_db: None) -> None:
    make_firm(3)
    bob = admin_client("bob@ops.example", domains=["example.com"])
    assert bob.post(PATH, {"confirm": "example.com"}).status_code == 403
    assert not Job.objects.exists()


def test_whoever_is_demoted_deletes_nothing(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from domains.models import DomainAdmin
    from mailadmin.accounts.models import Admin

    make_big(300, monkeypatch)
    job = queued(alice, in_parts="1")
    Admin.objects.update(superadmin=False)
    DomainAdmin.objects.update(domain="example.com")
    run_here()
    job.refresh_from_db()
    assert (job.state, Mailbox.objects.count()) == ("failed", 300)
    assert Domain.objects.get(domain="example.com").active


def test_it_says_how_far_it_is(transactional_db: None) -> None:
    make_firm(1200)
    make_aliases("info@example.com")
    told: list[int] = []
    assert delete_domain(Actor.cli(), domain="example.com", step=told.append) == 1201
    assert told == [500, 1000, 1200, 1201]


def test_the_command_line_says_how_far_it_is(
    transactional_db: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_firm(1200)
    monkeypatch.setattr("mailadmin.core.commands.progress.Progress.FIRST", 0)
    monkeypatch.setattr("mailadmin.core.commands.progress.Progress.PLAIN", 0)
    call_command("domain", "delete", "example.com", "--yes")
    said = capsys.readouterr()
    assert "500 / 1,200" in said.err and "Deleted example.com." in said.out
    assert bulk.AT_ONCE == 2000
