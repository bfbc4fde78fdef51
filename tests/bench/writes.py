"""Creating mailboxes by the operation beside the raw INSERTs of the same rows; runs inside the panel, see inside.py."""

import statistics
import time
import uuid
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from domains.models import Domain
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.demo.names import OWNER
from mailboxes.models import Mailbox
from mailboxes.services import _create_mailbox, delete_mailbox

GB = 1024**3


def creates(domain: str, number: int) -> dict[str, Any]:
    """Return the median milliseconds of an operation (its hash made before) and of its INSERTs alone, in turn."""
    actor = Actor(ActorKind.SUPERADMIN, OWNER, ip="192.0.2.1", request_id="bench")
    limits = Domain.objects.filter(domain=domain).values("mailboxes", "quota", "maxquota").get()
    Domain.objects.filter(domain=domain).update(mailboxes=0, quota=0, maxquota=0)
    stored = Mailbox.objects.values_list("password", flat=True)[0]
    connection.ensure_connection()
    operations, raw = [], []
    inserts: list[str] = []
    made: list[str] = []
    for _turn in range(number):
        local_part = f"bench-{uuid.uuid4().hex[:12]}"
        with CaptureQueriesContext(connection) as captured:
            started = time.perf_counter()
            _create(actor, local_part, domain, stored)
            operations.append(time.perf_counter() - started)
        inserts = [query["sql"] for query in captured.captured_queries if query["sql"].startswith("INSERT INTO")]
        other = f"bench-{uuid.uuid4().hex[:12]}"
        statements = [statement.replace(local_part, other) for statement in inserts]
        raw.append(_insert(statements))
        made += [f"{local_part}@{domain}", f"{other}@{domain}"]
    for username in made:
        delete_mailbox(actor, username=username)
    Domain.objects.filter(domain=domain).update(**limits)
    return {
        "operation": statistics.median(operations[3:]) * 1000,
        "raw": statistics.median(raw[3:]) * 1000,
        "statements": len(inserts),
        "queries": len(captured),
    }


def _create(actor: Actor, local_part: str, domain: str, stored: str) -> None:
    _create_mailbox(
        actor,
        local_part=local_part,
        domain=domain,
        stored=stored,
        name="Bench Mark",
        quota=GB // 1024,
        active=True,
        smtp_active=True,
    )


def _insert(statements: list[str]) -> float:
    started = time.perf_counter()
    with transaction.atomic():
        cursor = connection.connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
    return time.perf_counter() - started
