"""Changes of 100,000 mailboxes, and deleting their domain, while mail is looked up."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from aliases.models import Alias
from domains.models import Domain
from mailadmin.audit.models import AuditEvent
from mailadmin.core.batches import in_batches
from mailadmin.jobs.models import Job
from mailboxes.models import Mailbox, Quota2
from tests.conftest import ENGINE
from tests.jobs.conftest import StartWorker, start_worker  # noqa: F401
from tests.jobs.firm import queued
from tests.jobs.looking import Looking
from tests.people import admin_client, make_domains, make_mailboxes
from tests.prove.report import write_section
from tests.servers.processes import Process

pytestmark = pytest.mark.django_db(transaction=True)

COUNT = 100_000
DOMAIN = "example.com"
OFF = {"active": False}
BOUND = 1.0
"""Seconds that no lookup may wait, on a machine that also runs the worker and the server."""
ENGINES = {"mysql": "MariaDB", "postgres": "PostgreSQL", "sqlite": "SQLite"}


def memory_of(process: Process) -> int:
    """Return the most memory that the process has had, in MB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


LINES = [
    "| | seconds | memory of the worker | lookups per second | slowest | 99 of 100 within |",
    "|---|---|---|---|---|---|",
]
"""The table, to which each test adds."""


@pytest.fixture
def alice(transactional_db: None) -> Client:
    make_domains("example.com", "other.example")
    names = [f"m{number:05}@example.com" for number in range(COUNT)]
    insert(
        "mailbox", "username, password, name, maildir, local_part, domain", [(n, "", "", n, n, DOMAIN) for n in names]
    )
    insert("alias", "address, goto, domain", [(name, name, DOMAIN) for name in names])
    insert("mailadmin_alias_target", "target, target_domain, address", [(name, DOMAIN, name) for name in names])
    insert("quota2", "username, bytes, messages", [(name, 1, 1) for name in names])
    make_mailboxes(*(f"n{number}@other.example" for number in range(20)))
    with connection.cursor() as cursor:
        tables = "mailbox, alias, quota2, mailadmin_alias_target"
        cursor.execute({"mysql": f"ANALYZE TABLE {tables}", "sqlite": "ANALYZE"}.get(ENGINE, f"ANALYZE {tables}"))
    return admin_client("alice@ops.example", superadmin=True)


def insert(table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    """Write rows past everything, for their number is what matters."""
    places = ", ".join(["%s"] * len(rows[0]))
    with transaction.atomic(), connection.cursor() as cursor:
        for batch in in_batches(rows, 2000):
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", batch)


def addresses() -> list[str]:
    """Return addresses of the domain that changes, of another, and some that do not exist."""
    mine = [f"m{number:05}@example.com" for number in range(0, COUNT, COUNT // 40)]
    return [*mine, *(f"n{number}@other.example" for number in range(20)), "no@example.com", "no@other.example"]


def looked_at(during: Callable[[Looking], Any]) -> Looking:
    looking = Looking(addresses())
    looking.start()
    try:
        during(looking)
    finally:
        looking.end()
    return looking


def done(job: Job) -> None:
    while not Job.objects.get(pk=job.pk).has_ended:
        time.sleep(0.5)


def put_down(what: str, looking: Looking, worker: Process | None = None) -> None:
    """Add a line to the table, write it, and require what it promises."""
    memory = f"{memory_of(worker)} MB" if worker else ""
    cells = [f"{looking.seconds:.0f}", memory, f"{looking.per_second:.0f}"]
    LINES.append(
        f"| {' | '.join([what, *cells, f'{1000 * looking.slowest:.0f} ms', f'{1000 * looking.usual:.1f} ms'])} |"
    )
    assert not looking.errors, looking.errors
    assert looking.slowest < BOUND, LINES
    text = (
        f"{ENGINES[ENGINE]}, {COUNT:,} mailboxes in one domain, each with its alias row and its use. The generated\n"
        "lookups of Postfix and Dovecot are asked one after the other on their own connection, of addresses in that\n"
        f"domain, elsewhere and nowhere. Required: no error, no lookup slower than {BOUND:.0f} s.\n\n"
    )
    write_section(f"Changes of {COUNT:,} mailboxes on {ENGINES[ENGINE]}", text + "\n".join(LINES))


def test_lookups_alone(alice: Client) -> None:
    put_down("nothing else at work", looked_at(lambda _looking: time.sleep(20)))


@pytest.mark.parametrize(
    ("what", "change", "fields"),
    [
        ("switching off, all or nothing", "mailboxes_off", {}),
        ("switching off, in parts", "mailboxes_off", {"in_parts": "1"}),
        ("setting the quota, all or nothing", "mailboxes_quota", {"quota": "5 GB"}),
    ],
)
def test_changing_all(
    what: str,
    change: str,
    fields: dict[str, str],
    alice: Client,
    start_worker: StartWorker,  # noqa: F811
) -> None:
    job = queued(alice, change, **fields)
    worker = start_worker()
    looking = looked_at(lambda _looking: done(job))
    job.refresh_from_db()
    assert (job.state, job.changed) == ("done", COUNT), job.message
    assert AuditEvent.objects.filter(batch_id=job.batch_id).count() == COUNT
    unchanged = Mailbox.objects.filter(domain=DOMAIN).exclude(**({"quota": 5 * 1024**3} if "quota" in fields else OFF))
    assert not unchanged.exists()
    put_down(what, looking, worker)


@pytest.mark.parametrize("in_parts", ["", "1"])
def test_deleting_the_domain(in_parts: str, alice: Client, start_worker: StartWorker) -> None:  # noqa: F811
    job = deletion(alice, in_parts)
    worker = start_worker()
    looking = looked_at(lambda _looking: done(job))
    job.refresh_from_db()
    assert (job.state, job.changed) == ("done", COUNT), job.message
    left: Any = (Mailbox, Alias, Domain)
    assert not any(table.objects.filter(domain=DOMAIN).exists() for table in left)
    assert not Quota2.objects.exists()
    put_down(f"deleting the domain, {'in parts' if in_parts else 'all or nothing'}", looking, worker)


def deletion(client: Client, in_parts: str) -> Job:
    """Confirm the deletion of the domain, which becomes a job."""
    answer = client.post("/domains/example.com/delete/", {"confirm": DOMAIN, "in_parts": in_parts})
    job = Job.objects.latest("pk")
    assert answer["Location"] == f"/jobs/{job.batch_id}/"
    return job
