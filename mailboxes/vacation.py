"""The vacation reply of a mailbox. The row is the one truth; Dovecot's Sieve reads it through a view."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from mailadmin.audit.services import record, snapshot
from mailadmin.core.actor import Actor
from mailadmin.core.errors import Invalid
from mailadmin.core.operation import operation
from mailadmin.core.permissions import Permission, require
from mailadmin.core.texts import check_line, check_text
from mailboxes.guard import lock_mailbox
from mailboxes.models import Vacation, VacationNotification
from mailboxes.vacation_entry import keep_entry

MAX_BODY = 20_000
"""Bytes: with its escapes the script stays below what a `text` column and Dovecot's dict hold."""

LAST_END = dt.datetime(2038, 1, 18, tzinfo=dt.UTC)
"""A TIMESTAMP column ends in January 2038; PostfixAdmin's default means "no end"."""


@operation
def set_vacation(
    actor: Actor,
    *,
    username: str,
    active: bool,
    subject: str,
    body: str,
    activefrom: dt.datetime | None = None,
    activeuntil: dt.datetime | None = None,
    interval_time: int = 0,
) -> Vacation:
    """Set the vacation reply; no `activefrom` is at once, no `activeuntil` without end.

    `interval_time` is in seconds, 0 answers each sender once. Raises NotFound, NotAllowed and Invalid.
    """
    require(actor, Permission.VACATION_SET)
    mailbox, _domain = lock_mailbox(actor, username)
    row = Vacation.objects.filter(email=mailbox.username).first()
    before = snapshot(row) if row else None
    now = timezone.now().replace(microsecond=0)
    is_new = row is None
    if row is None:
        row = Vacation(email=mailbox.username, domain=mailbox.domain, created=now, cache="")
    row.active = active
    row.subject, row.body = _texts(subject, body, required=active)
    # A beginning that has passed is kept; one that is still to come gives way to "at once".
    row.activefrom = (activefrom or min(row.activefrom or now, now)).replace(microsecond=0)
    row.activeuntil = (activeuntil or LAST_END).replace(microsecond=0)
    row.interval_time = interval_time
    _check_times(row, now)
    after = snapshot(row)
    if after != before:
        row.modified = now
        row.save(force_insert=is_new, force_update=not is_new)
        VacationNotification.objects.filter(on_vacation=row.email).delete()
        record(actor, "edit_vacation", target=row.email, domain=row.domain, before=before, after=after)
    # Even where nothing changed: another program may have left the alias row as it should not be.
    keep_entry(row.email)
    return row


def is_replying(row: Vacation, now: dt.datetime) -> bool:
    """Return whether the reply goes out at that moment."""
    return row.active and (row.activefrom or now) <= now <= (row.activeuntil or LAST_END)


def has_end(row: Vacation) -> bool:
    """Return whether the reply ends by itself."""
    return row.activeuntil is not None and row.activeuntil < LAST_END - dt.timedelta(days=1)


def _texts(subject: str, body: str, *, required: bool) -> tuple[str, str]:
    subject = check_line(subject, "subject")
    body = check_text(body, "body", max_bytes=MAX_BODY)
    missing = {name: [_("Enter a text.")] for name, text in (("subject", subject), ("body", body)) if not text}
    if required and missing:
        raise Invalid(missing)
    return subject, body


def _check_times(row: Vacation, now: dt.datetime) -> None:
    if row.interval_time < 0:
        raise Invalid.of("interval_time", _("Enter a whole number."))
    start, end = row.activefrom or now, row.activeuntil or LAST_END
    for parameter, moment in (("activefrom", start), ("activeuntil", end)):
        if not dt.datetime(2000, 1, 2, tzinfo=dt.UTC) <= moment <= LAST_END + dt.timedelta(days=1):
            raise Invalid.of(parameter, _("Choose a day between 2000 and 2038."))
    if row.active and end <= start:
        raise Invalid.of("activeuntil", _("The end must be after the beginning."))
    if row.active and end <= now:
        raise Invalid.of("activeuntil", _("The end has already passed."))
