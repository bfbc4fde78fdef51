"""What another program wrote into PostfixAdmin's log, taken into the history, so that one place tells all."""

import datetime as dt
import re
from collections.abc import Callable

from django.db import connection

from mailadmin.audit.models import AuditEvent, Log
from mailadmin.core.fields import live_key_collation

VIA = "PostfixAdmin"
BATCH = 1_000
OVERLAP = 200
"""Rows below the last one that are looked at again: somebody's transaction may have ended after that was written."""
_WHO = re.compile(r"(?P<name>.*?)(?: \((?P<ip>[^()]*)\))?", re.DOTALL)
_LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def foreign_events(after: int) -> tuple[list[AuditEvent], int, bool]:
    """Return events, not yet written, for those of the next rows of the log that the history does not have.

    `after` is the id of the last row looked at. Returns also the last id looked at now, and whether more may follow.
    """
    rows = list(Log.objects.filter(id__gt=after).order_by("id")[:BATCH])
    known = set(AuditEvent.objects.filter(log_id__in=[row.pk for row in rows]).values_list("log_id", flat=True))
    fit = _fitting()
    events = [_event(row, fit) for row in rows if row.pk not in known]
    return events, rows[-1].pk if rows else after, len(rows) == BATCH


def _event(row: Log, fit: Callable[[str], str]) -> AuditEvent:
    who = _WHO.fullmatch(row.username)
    name, ip = (who["name"], who["ip"] or "") if who else (row.username, "")
    return AuditEvent(
        time=row.timestamp or _LONG_AGO,
        actor_kind="",
        actor=fit(name.lower()),
        via=VIA,
        ip=ip[:45],
        request_id="",
        batch_id="",
        action=fit(row.action)[:40],
        target=fit(row.data.strip()),
        domain=fit(row.domain.lower()),
        log_id=row.pk,
    )


def _fitting() -> Callable[[str], str]:
    """Return what makes a text one that our key columns can hold; those of adopted databases may be latin1."""
    is_latin1 = connection.vendor == "mysql" and live_key_collation(connection).startswith("latin1")
    encoding = "cp1252" if is_latin1 else "utf-8"
    return lambda text: text.replace("\x00", "")[:255].encode(encoding, "replace").decode(encoding)
