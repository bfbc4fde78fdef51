"""What the tests of jobs share."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.utils import timezone

from aliases.models import Alias, AliasTarget
from mailadmin.audit.models import AuditEvent
from mailadmin.jobs.kinds import KINDS
from mailadmin.jobs.models import Job
from mailadmin.jobs.runner import work
from mailboxes.models import Mailbox
from tests.people import make_domains, make_mailboxes

MAILBOXES = "/domains/example.com/mailboxes/bulk/"
ALIASES = "/domains/example.com/aliases/bulk/"


def make_firm(count: int, **values: Any) -> list[str]:
    """Make example.com with so many mailboxes and their alias rows, and other.example; returns the addresses."""
    make_domains("example.com", "other.example")
    names = [f"m{number:05}@example.com" for number in range(count)]
    now = timezone.now()
    for start in range(0, count, 1000):
        part = names[start : start + 1000]
        make_mailboxes(*part, **values)
        own = {"domain": "example.com", "created": now, "modified": now}
        Alias.objects.bulk_create(Alias(address=name, goto=name, **own) for name in part)
        AliasTarget.objects.bulk_create(
            AliasTarget(target=name, target_domain="example.com", address=name) for name in part
        )
    return names


def make_aliases(*addresses: str, goto: str = "outside@remote.example") -> None:
    now = timezone.now()
    own = {"domain": "example.com", "created": now, "modified": now, "goto": goto}
    Alias.objects.bulk_create(Alias(address=address, **own) for address in addresses)
    AliasTarget.objects.bulk_create(
        AliasTarget(target=goto, target_domain=goto.partition("@")[2], address=address) for address in addresses
    )


def preview(client: Client, change: str, *, path: str = MAILBOXES, **fields: Any) -> Any:
    """Return the page that says what would happen to all, or to the `key` given."""
    chosen = {} if "key" in fields else {"everything": "1"}
    answer = client.post(path, {"change": change, "look": "1", **chosen, **fields})
    assert answer.status_code == 200
    return answer


def confirm(client: Client, change: str, *, path: str = MAILBOXES, **fields: Any) -> Any:
    """Look, then confirm; returns the answer to the second."""
    seen = preview(client, change, path=path, **fields).context["seen"]
    chosen = {} if "key" in fields else {"everything": "1"}
    return client.post(path, {"change": change, "confirm": "1", "seen": seen, **chosen, **fields})


def queued(client: Client, change: str, **fields: Any) -> Job:
    """Confirm a change that becomes a job, and return that."""
    answer = confirm(client, change, **fields)
    assert answer.status_code == 302, answer.context["title"]
    job = Job.objects.latest("pk")
    assert answer["Location"] == f"/jobs/{job.batch_id}/"
    return job


def run_here() -> None:
    """Do the jobs that wait in this process."""
    work(KINDS, threading.Event(), until_empty=True)


def wait_for(job: Job, ready: Callable[[Job], bool], seconds: float = 60) -> Job:
    """Wait until the job is as it should be."""
    deadline = time.monotonic() + seconds
    while True:
        job.refresh_from_db()
        if ready(job):
            return job
        assert time.monotonic() < deadline, f"{job.state} {job.done}/{job.total} {job.message}"
        time.sleep(0.05)


def active() -> int:
    return Mailbox.objects.filter(domain="example.com", active=True).count()


def events() -> int:
    return AuditEvent.objects.exclude(action__startswith="sign").count()
