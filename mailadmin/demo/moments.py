"""Moments of the last years, made ready for columns once."""

import datetime as dt
from typing import Any

from django.db import connection, models

from mailadmin.audit.models import AuditEvent
from mailboxes.models import Mailbox

DAYS = 900


class Moments:
    """Moments of the last years in order, ready for columns of both kinds."""

    NUMBER = 40_000

    def __init__(self, now: dt.datetime) -> None:
        self.now = now.replace(microsecond=0)
        step = DAYS * 86_400 / self.NUMBER
        moments = [self.now - dt.timedelta(days=DAYS) + dt.timedelta(seconds=int(n * step)) for n in range(self.NUMBER)]
        self.legacy = [as_stored(Mailbox, "created", moment) for moment in moments]
        self.own = [as_stored(AuditEvent, "time", moment) for moment in moments]

    def at(self, share: float) -> int:
        """Return the index of the moment at this share of the time, from 0 to below 1."""
        return int(share * self.NUMBER)


def as_stored(model: type[models.Model], name: str, moment: dt.datetime) -> Any:
    """Return a moment as the column of the model holds it."""
    one: Any = model._meta.get_field(name)
    return one.get_db_prep_save(moment, connection)
