"""What another program wrote into PostfixAdmin's log, taken into the history, so that one place tells all."""

import datetime as dt
import re

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
    events = [_event(row) for row in rows if row.pk not in known]
    return events, rows[-1].pk if rows else after, len(rows) == BATCH


def _event(row: Log) -> AuditEvent:
    who = _WHO.fullmatch(row.username)
    name, ip = (who["name"], who["ip"] or "") if who else (row.username, "")
    return AuditEvent(
        time=row.timestamp or _LONG_AGO,
        actor_kind="",
        actor=_key(name.lower()),
        via=VIA,
        ip=ip[:45],
        request_id="",
        batch_id="",
        action=_key(row.action)[:40],
        target=_key(row.data.strip()),
        domain=_key(row.domain.lower()),
        log_id=row.pk,
    )


def _key(text: str) -> str:
    """Return a text as our key columns can hold it; those of adopted databases may be latin1."""
    text = text.replace("\x00", "")[:255]
    if connection.vendor == "mysql" and live_key_collation(connection).startswith("latin1"):
        return text.encode("cp1252", "replace").decode("cp1252")
    return text
