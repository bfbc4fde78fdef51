"""Jobs as real workers do them."""

import signal
from typing import Any

import pytest
from django.test import Client

from aliases.models import Alias
from mailadmin.accounts.models import Admin
from mailadmin.audit.models import AuditEvent, Log
from mailadmin.jobs.kinds import CHANGES
from mailadmin.jobs.models import Job, JobState
from mailadmin.jobs.services import cancel_job, take_job
from mailboxes.models import Mailbox
from tests.jobs.conftest import StartWorker
from tests.jobs.firm import active, events, make_firm, queued, run_here, wait_for
from tests.people import admin_client

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = 5000


@pytest.fixture
def bob(transactional_db: None) -> Client:
    return admin_client("bob@ops.example", domains=["example.com"])


def test_five_thousand_mailboxes_show_progress_and_are_one_batch(bob: Client, start_worker: StartWorker) -> None:
    make_firm(COUNT)
    job = queued(bob, "mailboxes_off")
    assert "Waiting" in bob.get(f"/jobs/{job.batch_id}/").content.decode()
    start_worker(pause=0.05, lease=2)
    seen: list[tuple[str, int]] = []
    while not job.has_ended:
        wait_for(job, lambda row: row.has_ended or (row.state, row.done) not in seen)
        seen.append((job.state, job.done))
    assert (job.state, job.done, job.total) == ("done", COUNT, COUNT), job.message
    assert len([done for state, done in seen if state == "checking" and 0 < done < COUNT]) >= 1, seen
    assert [state for state, _done in seen if state == "running"], seen
    assert active() == 0
    assert Alias.objects.filter(domain="example.com", active=True).count() == 0
    found = AuditEvent.objects.filter(batch_id=job.batch_id, action="edit_mailbox_state", actor="bob@ops.example")
    assert found.count() == found.values("target").distinct().count() == events() == COUNT
    assert set(found.values_list("log_id", flat=True)) == set(Log.objects.values_list("id", flat=True))
    page = bob.get(f"/jobs/{job.batch_id}/").content.decode()
    assert "5000 changed." in page.replace(",", "")
    assert "every 1s" not in page


def test_cancelled_in_the_middle_nothing_has_changed(bob: Client, start_worker: StartWorker) -> None:
    make_firm(1500)
    job = queued(bob, "mailboxes_off")
    start_worker(pause=0.3, lease=4)
    wait_for(job, lambda row: row.state == "checking" and row.done > 0)
    assert bob.post(f"/jobs/{job.batch_id}/cancel/").status_code == 302
    wait_for(job, lambda row: row.has_ended)
    assert job.state == "cancelled"
    assert "Nothing was changed" in job.message
    assert (active(), events()) == (1500, 0)


def test_a_waiting_job_is_cancelled_at_once(bob: Client) -> None:
    make_firm(300)
    job = queued(bob, "mailboxes_off")
    bob.post(f"/jobs/{job.batch_id}/cancel/")
    run_here()
    job.refresh_from_db()
    assert (job.state, active()) == ("cancelled", 300)


@pytest.mark.parametrize("state", ["checking", "running"])
def test_another_worker_takes_over_from_a_killed_one(bob: Client, start_worker: StartWorker, state: str) -> None:
    make_firm(2000)
    job = queued(bob, "mailboxes_off")
    first = start_worker(pause=0.4, lease=2)
    wait_for(job, lambda row: row.state == state and (state == "running" or row.done > 0))
    first.send(signal.SIGKILL)
    start_worker(lease=2)
    wait_for(job, lambda row: row.has_ended)
    assert (job.state, job.attempts, active(), events()) == ("done", 2, 0, 2000), job.message


def test_a_stopped_worker_gives_its_job_back(bob: Client, start_worker: StartWorker) -> None:
    make_firm(1500)
    job = queued(bob, "mailboxes_off")
    first = start_worker(pause=0.3)
    wait_for(job, lambda row: row.state == "checking" and row.done > 0)
    first.send(signal.SIGTERM)
    wait_for(job, lambda row: row.state == "queued")
    assert active() == 1500
    run_here()
    job.refresh_from_db()
    assert (job.state, job.attempts, active()) == ("done", 1, 0)


def test_one_refused_row_and_nothing_has_changed(bob: Client) -> None:
    from domains.models import Domain

    names = make_firm(400, quota=1024**2)
    Domain.objects.filter(domain="example.com").update(quota=500)
    # 399 more than fit: each 2 MB, where 500 MB are all there is.
    job = queued(bob, "mailboxes_quota", quota="2 MB")
    run_here()
    job.refresh_from_db()
    assert job.state == "failed"
    assert f"refused. The first is {names[100]}: " in job.message
    assert Mailbox.objects.filter(quota=1024**2).count() == 400
    assert events() == 0
    page = bob.get(f"/jobs/{job.batch_id}/").content.decode()
    assert "A superadmin can raise the limit." in page
    job = queued(bob, "mailboxes_quota", quota="2 MB", leave_out="1")
    run_here()
    job.refresh_from_db()
    assert job.result is not None
    assert (job.result["changed"], job.result["same"], job.result["refused"]) == (100, 0, 300)
    assert Mailbox.objects.filter(quota=2 * 1024**2).count() == events() == 100


def test_what_was_not_looked_at_is_not_changed(bob: Client) -> None:
    from tests.people import make_mailboxes

    make_firm(300)
    job = queued(bob, "mailboxes_delete", count="300")
    make_mailboxes("new@example.com")
    run_here()
    job.refresh_from_db()
    assert (job.state, active()) == ("failed", 301)
    assert "The list has changed" in job.message


def test_two_workers_do_a_job_once(bob: Client, start_worker: StartWorker) -> None:
    make_firm(600)
    jobs = [queued(bob, change) for change in ("mailboxes_off", "mailboxes_on", "mailboxes_off")]
    for _number in range(2):
        start_worker()
    for job in jobs:
        wait_for(job, lambda row: row.has_ended)
        assert (job.state, job.attempts) == ("done", 1), job.message


def test_taking_is_won_by_one(bob: Client) -> None:
    make_firm(300)
    job = queued(bob, "mailboxes_off")
    assert take_job() == job
    assert take_job() is None
    Job.objects.update(lease_until="2020-01-01T00:00Z")
    again = take_job()
    assert again == job and again is not None and again.token != Job(token=job.token).token


def test_whoever_lost_the_right_changes_nothing(bob: Client) -> None:
    make_firm(300)
    job = queued(bob, "mailboxes_off")
    Admin.objects.filter(username="bob@ops.example").update(active=False)
    run_here()
    job.refresh_from_db()
    assert (job.state, active()) == ("failed", 300)


def test_a_domain_taken_away_is_out_of_reach(bob: Client) -> None:
    from domains.models import DomainAdmin

    make_firm(300)
    job = queued(bob, "mailboxes_off")
    DomainAdmin.objects.all().delete()
    run_here()
    job.refresh_from_db()
    assert (job.state, active()) == ("failed", 300)


def test_a_job_that_ends_every_worker_is_given_up(bob: Client) -> None:
    make_firm(300)
    job = queued(bob, "mailboxes_off")
    Job.objects.update(attempts=5)
    run_here()
    job.refresh_from_db()
    assert (job.state, active()) == ("failed", 300)


def test_a_mistake_of_the_panel_is_told_and_the_worker_lives(bob: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_firm(300)
    job, second = queued(bob, "mailboxes_off"), queued(bob, "mailboxes_delete", count="300")

    def broken(*_args: Any, **_kwargs: Any) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(CHANGES["mailboxes_off"], "apply", broken)
    run_here()
    job.refresh_from_db()
    second.refresh_from_db()
    assert job.state == JobState.FAILED and "mistake" in job.message
    assert (second.state, Mailbox.objects.count(), Alias.objects.count()) == ("done", 0, 0)


def test_cancelled_while_it_changes_all_goes_back(bob: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from mailadmin.core.actor import Actor

    make_firm(300)
    job = queued(bob, "mailboxes_off")
    change = CHANGES["mailboxes_off"]
    check = change.check

    def checked(*args: Any, **kwargs: Any) -> Any:
        found = check(*args, **kwargs)
        cancel_job(Actor.cli(), batch_id=job.batch_id)
        return found

    monkeypatch.setattr(change, "check", checked)
    run_here()
    job.refresh_from_db()
    assert (job.state, active(), events()) == ("cancelled", 300, 0)
