"""Hosting companies to measure with, up to a million mailboxes: written as rows in batches, the same ones every time.

Every password is one and the same hash, made once: hashing a million would take a day and prove nothing. What the rows
hold keeps the panel's rules (limits, own alias rows, derived rows). Memory is bounded: one domain is made at a time.
"""

import random
from typing import TextIO

from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

from mailadmin.accounts.services import create_admin
from mailadmin.audit.models import AuditEvent, Log
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.passwords import hash_password
from mailadmin.demo.bulk_rows import BulkRows, Progress
from mailadmin.demo.firm_rows import FirmRows
from mailadmin.demo.firms import Size, make_firms
from mailadmin.demo.history import History
from mailadmin.demo.maker import Made
from mailadmin.demo.moments import Moments
from mailadmin.demo.names import OWNER
from mailadmin.demo.small import HELPERS
from mailadmin.demo.tables import COLUMNS
from mailadmin.sweep.services import sweep_all


def fill(password: str, size: Size, out: TextIO) -> dict[str, int]:
    """Fill an empty panel; everybody gets the password, and `out` a line of progress. Returns how much was made."""
    chance = random.Random(20)
    stored = hash_password(password, username=OWNER)
    owner = Actor(ActorKind.SUPERADMIN, OWNER, ip="192.0.2.14", request_id="demo")
    for name in (OWNER, *sorted(HELPERS)):
        create_admin(owner, username=name, password=password, superadmin=True)
    # Roughly: a mailbox has four rows, an alias one and more than one target.
    progress = Progress(out, size.mailboxes * 4 + size.aliases * 5 // 2 + size.log + size.events + size.domains * 2)
    rows = BulkRows(COLUMNS, lambda _table, number: progress.add(number))
    moments = Moments(timezone.now())
    made = Made(firms=make_firms(chance, size))
    writer = FirmRows(rows, moments, chance, made, stored)
    for firm in made.firms:
        writer.firm(firm)
    mirrors = writer.alias_domains(size.alias_domains)
    admins = writer.admins(size.admins)
    History(rows, moments, chance, made).write(size, admins)
    rows.flush()
    progress.end()
    _finish()
    sweep_all()
    return {
        "domains": len(made.firms) + mirrors,
        "mailboxes": size.mailboxes,
        "aliases": size.aliases,
        "alias domains": mirrors,
        "admins": size.admins + 1 + len(HELPERS),
        "events": size.events,
    }


def _finish() -> None:
    """Let sequences go on after the keys that were written, and the planner know how large the tables are."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Log, AuditEvent]):
            cursor.execute(statement)
        if connection.vendor == "mysql":
            cursor.execute(f"ANALYZE TABLE {', '.join(COLUMNS)}")
            cursor.fetchall()
        else:
            cursor.execute("ANALYZE")
