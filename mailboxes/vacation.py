"""The vacation reply of a mailbox. The row is the one truth; Dovecot's Sieve reads it through a view."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from mailadmin.audit.services import record, snapshot
from mailadmin.core.actor import Actor
from mailadmin.core.errors import Invalid, NotFound
from mailadmin.core.operation import operation
from mailadmin.core.permissions import Permission, require
from mailadmin.core.texts import check_line, check_text
from mailboxes.guard import lock_mailbox
from mailboxes.models import Vacation, VacationMore, VacationNotification
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
    inside_body: str = "",
) -> Vacation:
    """Set the vacation reply; no `activefrom` is at once, no `activeuntil` without end.

    `interval_time` is in seconds, 0 answers each sender once. `inside_body` is the text for senders inside the domain,
    "" where they get the same. Raises NotFound, NotAllowed and Invalid.
    """
    require(actor, Permission.VACATION_SET)
    mailbox, _domain = lock_mailbox(actor, username)
    row = Vacation.objects.filter(email=mailbox.username).first()
    before = _told(row, inside_body_of(row)) if row else None
    now = timezone.now().replace(microsecond=0)
    if row is None:
        row = Vacation(email=mailbox.username, domain=mailbox.domain, created=now, cache="")
    row.active = active
    row.subject, row.body = _texts(row, subject, body, required=active)
    # A beginning that has passed is kept; one that is still to come gives way to "at once".
    row.activefrom = (activefrom or min(row.activefrom or now, now)).replace(microsecond=0)
    row.activeuntil = (activeuntil or LAST_END).replace(microsecond=0)
    row.interval_time = interval_time
    _check_times(row, now)
    _write(actor, row, check_text(inside_body, "inside_body", max_bytes=MAX_BODY), before)
    return row


@operation
def end_vacation(actor: Actor, *, username: str) -> Vacation:
    """Switch the vacation reply off, whatever is in its row; texts and days stay for the next time.

    Raises NotFound, also where there is no reply, and NotAllowed.
    """
    require(actor, Permission.VACATION_SET)
    mailbox, _domain = lock_mailbox(actor, username)
    row = Vacation.objects.filter(email=mailbox.username).first()
    if row is None:
        raise NotFound(username)
    inside_body = inside_body_of(row)
    before = _told(row, inside_body)
    row.active = False
    _write(actor, row, inside_body, before)
    return row


def inside_body_of(row: Vacation | None) -> str:
    """Return the text for senders inside the domain, "" where they get the same as everybody.

    It belongs to the row: what is left of one that another program deleted does not count.
    """
    more = VacationMore.objects.filter(email=row.email).first() if row else None
    return more.inside_body if more else ""


def present_values(row: Vacation) -> dict[str, Any]:
    """Return what set_vacation was given for this row, so that what is left out of a change stays."""
    kept = {name: getattr(row, name) for name in ("active", "subject", "body", "activefrom", "interval_time")}
    end = row.activeuntil if has_end(row) else None
    return kept | {"activeuntil": end, "inside_body": inside_body_of(row)}


def _told(row: Vacation, inside_body: str) -> dict[str, Any]:
    return snapshot(row) | {"inside_body": inside_body}


def _write(actor: Actor, row: Vacation, inside_body: str, before: dict[str, Any] | None) -> None:
    """Write both rows and record it, if anything changes; without `before` the row is new."""
    after = _told(row, inside_body)
    if after != before:
        row.modified = timezone.now().replace(microsecond=0)
        row.save(force_insert=before is None, force_update=before is not None)
        if inside_body:
            VacationMore.objects.update_or_create(email=row.email, defaults={"inside_body": inside_body})
        else:
            VacationMore.objects.filter(email=row.email).delete()
        VacationNotification.objects.filter(on_vacation=row.email).delete()
        record(actor, "edit_vacation", target=row.email, domain=row.domain, before=before, after=after)
    # Even where nothing changed: another program may have left the alias row as it should not be.
    keep_entry(row.email)


def is_over(row: Vacation, now: dt.datetime) -> bool:
    """Return whether its end has passed by that moment."""
    return row.activeuntil is not None and row.activeuntil < now


def is_replying(row: Vacation, now: dt.datetime) -> bool:
    """Return whether the reply goes out at that moment."""
    return row.active and (row.activefrom or now) <= now <= (row.activeuntil or LAST_END)


def has_end(row: Vacation) -> bool:
    """Return whether the reply ends by itself."""
    return row.activeuntil is not None and row.activeuntil < LAST_END - dt.timedelta(days=1)


def _texts(row: Vacation, subject: str, body: str, *, required: bool) -> tuple[str, str]:
    """Return the texts as they are stored; those that another program wrote pass as they are."""
    subject = subject if subject == row.subject else check_line(subject, "subject")
    body = body if body == row.body else check_text(body, "body", max_bytes=MAX_BODY)
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
