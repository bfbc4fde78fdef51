"""A job and its changes in the log; old jobs go with old history."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from mailadmin.audit.models import AuditEvent
from mailadmin.jobs.models import Job
from tests.jobs.firm import make_firm, queued, run_here
from tests.people import admin_client

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bob(transactional_db: None) -> Client:
    make_firm(300)
    return admin_client("bob@ops.example", domains=["example.com"])


def test_the_job_leads_to_its_changes(bob: Client) -> None:
    job, other = queued(bob, "mailboxes_off"), queued(bob, "mailboxes_on")
    run_here()
    path = f"/log/?batch={job.batch_id}"
    assert path in bob.get(f"/jobs/{job.batch_id}/").content.decode()
    page = bob.get(path)
    assert {entry.event.batch_id for entry in page.context["entries"]} == {job.batch_id}
    assert f'href="/jobs/{job.batch_id}/"' in page.content.decode()
    rows = b"".join(bob.get(f"{path}&format=csv")).decode().splitlines()
    assert len(rows) == 301
    assert AuditEvent.objects.filter(batch_id=other.batch_id).count() == 300
    # Elsewhere each is one line of the page.
    folded = bob.get("/log/?size=100").content.decode()
    assert "100 together" in folded and "together" not in page.content.decode()
    charlie = admin_client("charlie@ops.example", domains=["other.example"])
    assert not charlie.get(path).context["entries"]


@pytest.mark.parametrize("batch", ["nothing", "x" * 500, "%00", "'"])
def test_what_is_no_job_has_no_changes_or_is_no_filter(bob: Client, batch: str) -> None:
    assert bob.get(f"/log/?batch={batch}").status_code == 200


def test_old_jobs_are_pruned(bob: Client, capsys: pytest.CaptureFixture[str]) -> None:
    old, young = queued(bob, "mailboxes_off"), queued(bob, "mailboxes_on")
    run_here()
    waiting = queued(bob, "mailboxes_off")
    Job.objects.filter(pk=old.pk).update(finished=timezone.now() - dt.timedelta(days=40))
    call_command("prune", "--days", "30")
    assert "1 job deleted." in capsys.readouterr().out
    assert set(Job.objects.values_list("pk", flat=True)) == {young.pk, waiting.pk}
