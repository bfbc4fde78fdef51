"""Jobs in parts: each part stays done, whatever becomes of the job."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from domains.models import Domain
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from mailadmin.jobs.kinds import CHANGES
from mailadmin.jobs.models import Job, JobPart
from mailadmin.jobs.services import cancel_job
from mailboxes.models import Mailbox
from tests.jobs.conftest import StartWorker
from tests.jobs.firm import active, confirm, events, make_firm, preview, queued, run_here, wait_for
from tests.people import admin_client, make_mailboxes

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = 2500


@pytest.fixture
def bob(transactional_db: None) -> Client:
    return admin_client("bob@ops.example", domains=["example.com"])


def parts_of(job: Job) -> list[int]:
    return [len(part.keys) for part in JobPart.objects.filter(batch_id=job.batch_id).order_by("number")]


def stop_after(monkeypatch: pytest.MonkeyPatch, change: str, parts: int, error: Any) -> None:
    """Let the change raise in the part after so many."""
    apply = CHANGES[change].apply
    calls: Iterator[int] = iter(range(1000))

    def broken(*args: Any, **kwargs: Any) -> int:
        if next(calls) == parts:
            raise error
        return apply(*args, **kwargs)

    monkeypatch.setattr(CHANGES[change], "apply", broken)


def test_parts_are_a_choice(bob: Client) -> None:
    make_firm(1200)
    page = preview(bob, "mailboxes_off").content.decode()
    assert 'name="in_parts"' in page and "In parts of 1,000" in page
    assert 'name="in_parts"' not in preview(bob, "mailboxes_off", q="m000").content.decode()
    confirm(bob, "mailboxes_off")
    assert not Job.objects.latest("pk").in_parts
    confirm(bob, "mailboxes_off", in_parts="1")
    assert Job.objects.latest("pk").in_parts


def test_all_parts_are_one_batch(bob: Client) -> None:
    make_firm(COUNT)
    Mailbox.objects.filter(username="m00003@example.com").update(active=False)
    job = queued(bob, "mailboxes_off", in_parts="1")
    run_here()
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"changed": COUNT - 1, "same": 1, "refused": 0, "told": {}}), job.message
    assert (active(), parts_of(job)) == (0, [])
    assert AuditEvent.objects.filter(batch_id=job.batch_id).count() == events() == COUNT - 1
    assert "2,499 changed. 1 was so already." in bob.get(f"/jobs/{job.batch_id}/").content.decode()


def test_another_worker_goes_on_after_the_last_part(bob: Client, start_worker: StartWorker) -> None:
    make_firm(COUNT)
    job = queued(bob, "mailboxes_off", state="active", in_parts="1")
    first = start_worker(pause=0.3, lease=2)
    wait_for(job, lambda row: row.changed >= 1000)
    first.send(signal.SIGKILL)
    job.refresh_from_db()
    assert active() == COUNT - job.changed and job.changed < COUNT
    # Made meanwhile, and as the filter asks: nobody has looked at it.
    make_mailboxes("new@example.com")
    start_worker(lease=2)
    wait_for(job, lambda row: row.has_ended)
    assert (job.state, job.changed, active(), events()) == ("done", COUNT, 1, COUNT), job.message


def test_cancelled_it_says_what_stays(bob: Client, start_worker: StartWorker) -> None:
    make_firm(COUNT)
    job = queued(bob, "mailboxes_off", in_parts="1")
    start_worker(pause=0.3, lease=4)
    wait_for(job, lambda row: row.changed >= 1000)
    bob.post(f"/jobs/{job.batch_id}/cancel/")
    wait_for(job, lambda row: row.has_ended)
    assert job.state == "cancelled" and job.changed in (1000, 2000)
    assert job.message == f"Cancelled. {job.changed:,} of 2,500 are done and stay so."
    assert (active(), events(), parts_of(job)) == (COUNT - job.changed, job.changed, [])


def test_a_worker_that_is_told_to_stop_leaves_the_rest_for_the_next(bob: Client, start_worker: StartWorker) -> None:
    make_firm(COUNT)
    job = queued(bob, "mailboxes_delete", count=str(COUNT), in_parts="1")
    first = start_worker(pause=0.3)
    wait_for(job, lambda row: row.changed >= 1000)
    first.send(signal.SIGTERM)
    wait_for(job, lambda row: row.state == "queued")
    assert Mailbox.objects.count() == COUNT - job.changed > 0
    cancel_job(Actor.cli(), batch_id=job.batch_id)
    job.refresh_from_db()
    assert job.message == f"Cancelled. {job.changed:,} of 2,500 are done and stay so."
    run_here()
    assert Mailbox.objects.count() == COUNT - job.changed


def test_a_fault_stops_it_and_the_parts_before_stay(bob: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_firm(COUNT)
    job = queued(bob, "mailboxes_off", in_parts="1")
    stop_after(monkeypatch, "mailboxes_off", 1, ZeroDivisionError())
    run_here()
    job.refresh_from_db()
    assert (job.state, job.state_label, active()) == ("failed", "Stopped", COUNT - 1000)
    assert job.message.startswith("1,000 of 2,500 are done and stay so. The panel made a mistake.")


def test_what_is_refused_by_now_stops_it_or_is_left_out(bob: Client) -> None:
    names = make_firm(COUNT)
    for leave_out in ("", "1"):
        Mailbox.objects.update(quota=0)
        Domain.objects.filter(domain="example.com").update(quota=0)
        job = queued(bob, "mailboxes_quota", quota="2 MB", in_parts="1", leave_out=leave_out)
        change = CHANGES["mailboxes_quota"]
        check, looks = change.check, iter(range(1000))

        def lowered(*args: Any, check: Any = check, looks: Iterator[int] = looks) -> Any:
            # Between the look at all and the second part somebody lowers what the domain may have.
            if next(looks) == 2:
                Domain.objects.filter(domain="example.com").update(quota=3000)
            return check(*args)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(change, "check", lowered)
            run_here()
        job.refresh_from_db()
        if not leave_out:
            assert job.state == "failed"
            assert job.message.startswith(f"1,000 of 2,500 are done and stay so. {names[1500]}: "), job.message
            assert Mailbox.objects.filter(quota=2 * 1024**2).count() == 1000
        else:
            assert job.result is not None
            assert (job.state, job.changed, job.result["refused"]) == ("done", 1500, 1000)


def test_a_job_that_gets_on_is_not_given_up(bob: Client) -> None:
    make_firm(COUNT)
    job = queued(bob, "mailboxes_off", in_parts="1")
    Job.objects.update(attempts=4)
    with pytest.MonkeyPatch.context() as patch:
        stop_after(patch, "mailboxes_off", 1, SystemExit())
        with pytest.raises(SystemExit):
            run_here()
    Job.objects.update(lease_until="2020-01-01T00:00Z")
    job.refresh_from_db()
    assert (job.attempts, parts_of(job)) == (1, [1000, 500])
    run_here()
    job.refresh_from_db()
    assert (job.state, active(), events()) == ("done", 0, COUNT)


def test_a_part_of_a_lost_job_goes_back(bob: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_firm(1500)
    job = queued(bob, "mailboxes_off", in_parts="1")
    apply = CHANGES["mailboxes_off"].apply
    lost: list[int] = []

    def taken(*args: Any, **kwargs: Any) -> int:
        changed = apply(*args, **kwargs)
        if not lost:
            lost.append(Job.objects.update(token="another"))
        return changed

    monkeypatch.setattr(CHANGES["mailboxes_off"], "apply", taken)
    run_here()
    job.refresh_from_db()
    assert lost == [1]
    # What the part wrote went back with the mark of the other worker.
    assert (job.changed, active(), events()) == (0, 1500, 0)
