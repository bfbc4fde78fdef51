"""When passwords get too old: the dates in the rows, and the mails that tell their owners before.

`domain.password_expiry` says how many days a password lasts, `mailbox.password_expiry` when the present one ends, as
PostfixAdmin keeps them. It writes that date also where no period is set: it counts only where one is. Without a date a
password never ends.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from smtplib import SMTPException
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from domains.guard import lock_domain
from domains.models import Domain
from mailadmin.accounts.links import mailbox_login
from mailadmin.accounts.models import WARNED_BEFORE, Account, ExpiryWarning
from mailadmin.audit.services import record
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import is_deliverable
from mailadmin.core.batches import SIZE, in_batches, in_key_order
from mailadmin.core.fields import NOT_SET
from mailadmin.core.language import is_language
from mailadmin.core.mail import panel_url, send
from mailadmin.core.operation import operation
from mailadmin.core.permissions import Permission, require
from mailboxes.models import Mailbox

WARNED = (1, 7, WARNED_BEFORE.days)
"""Days before the end on which a mail is sent, the last first."""
PASSWORD_DAYS = 365
"""Validity that PostfixAdmin writes where the domain sets none."""
_DATED = dt.datetime.fromisoformat(f"{NOT_SET}+00:00") + dt.timedelta(days=2)


def password_end(domain: Domain) -> dt.datetime:
    """Return when a password ends that is set now."""
    return timezone.now() + dt.timedelta(days=domain.password_days or PASSWORD_DAYS)


def with_end_in(mailboxes: QuerySet[Mailbox], start: dt.datetime | None, end: dt.datetime) -> QuerySet[Mailbox]:
    """Return those of the mailboxes whose password ends after the start, if any, and not after the end.

    Whether their domains set a period is for the caller to see.
    """
    return mailboxes.filter(password_expiry__gt=start or _DATED, password_expiry__lte=end)


def date_passwords(domain: Domain, *, days_before: int) -> None:
    """Let the period that was just set for a domain end nobody's password at once; the caller holds its guard.

    The first period counts from now, for everybody: dates that were written without one say nothing. A shorter one
    leaves nobody more days than it has. A longer one counts for passwords that are set from now on.
    """
    if not domain.password_days:
        return
    rows, end = Mailbox.objects.filter(domain=domain.domain), password_end(domain)
    if days_before:
        rows = rows.filter(password_expiry__gt=end)
    rows.update(password_expiry=end)


@operation
def restart_passwords(actor: Actor, *, domain: str) -> int:
    """Let the passwords of a domain that are too old last for one more period; returns how many those are.

    For a database whose old panel wrote dates that nothing went by. Raises NotFound and NotAllowed.
    """
    require(actor, Permission.DOMAIN_RULES)
    row = lock_domain(actor, domain)
    if not row.password_days:
        return 0
    end = password_end(row)
    done = with_end_in(Mailbox.objects.filter(domain=row.domain), None, timezone.now()).update(password_expiry=end)
    if done:
        after = {"mailboxes": done, "password_expiry": end.isoformat(timespec="minutes")}
        record(actor, "restart_passwords", target=row.domain, domain=row.domain, after=after)
    return done


@dataclass(frozen=True, slots=True)
class PasswordWarning:
    """A mail that is due: to whom, when the password ends, and which of WARNED it is for."""

    username: str
    expires: dt.datetime
    days: int
    language: str
    zone: str


def due_warnings(now: dt.datetime) -> Iterator[PasswordWarning]:
    """Yield the mails that are due, domain by domain."""
    domains = Domain.objects.real().filter(active=True, password_expiry__gt=0)
    for domain in in_key_order(domains, SIZE):
        rows = Mailbox.objects.filter(domain=domain.domain, active=True)
        near = with_end_in(rows, now, now + WARNED_BEFORE).only("username", "password_expiry")
        for batch in in_batches(in_key_order(near, SIZE)):
            yield from _due(batch, now)


def _due(rows: Sequence[Mailbox], now: dt.datetime) -> Iterator[PasswordWarning]:
    names = [row.username for row in rows]
    told = ExpiryWarning.objects.in_bulk(names)
    accounts = {account.username: account for account in _accounts(names)}
    for row in rows:
        if not is_deliverable(row.username):
            # A name that another program wrote: one mail that cannot be sent shall not keep the others waiting.
            continue
        expires = row.password_expiry
        assert expires is not None
        days = next(days for days in WARNED if expires - now <= dt.timedelta(days=days))
        before = told.get(row.username)
        if before is None or before.expires != expires or before.days > days:
            account = accounts.get(row.username)
            yield PasswordWarning(row.username, expires, days, _language(account), account.time_zone if account else "")


def _accounts(names: Sequence[str]) -> QuerySet[Account]:
    return Account.objects.filter(login__in=[mailbox_login(name) for name in names])


def _language(account: Account | None) -> str:
    return account.language if account and is_language(account.language) else settings.LANGUAGE_CODE


def send_warning(warning: PasswordWarning) -> bool:
    """Send a mail, once: of two who try at the same time, one is told False.

    Raises OSError or SMTPException where it cannot be sent, and the next try sends it.
    """
    before = ExpiryWarning.objects.filter(username=warning.username).values("expires", "days").first()
    if not _claim(warning, before):
        return False
    try:
        send(warning.username, *warning_text(warning))
    except (OSError, SMTPException):
        own = ExpiryWarning.objects.filter(username=warning.username)
        if before is None:
            own.delete()
        else:
            own.update(**before)
        raise
    return True


def _claim(warning: PasswordWarning, before: Mapping[str, object] | None) -> bool:
    """Note that the mail is sent, if nobody else did meanwhile."""
    values = {"expires": warning.expires, "days": warning.days}
    if before == values:
        return False
    if before is not None:
        return ExpiryWarning.objects.filter(username=warning.username, **before).update(**values) == 1
    try:
        with transaction.atomic():
            ExpiryWarning.objects.create(username=warning.username, **values)
    except IntegrityError:
        return False
    return True


def warning_text(warning: PasswordWarning) -> tuple[str, str]:
    """Return subject and text of the mail, in its reader's language and time zone."""
    zone = ZoneInfo(warning.zone) if warning.zone else None
    with translation.override(warning.language), timezone.override(zone):
        end = date_format(timezone.localtime(warning.expires), "DATETIME_FORMAT")
        values = {"address": warning.username, "time": end, "name": settings.MAILADMIN_NAME}
        link = panel_url(reverse("account_password"))
        lines = [
            _("The password of your mailbox %(address)s lasts until %(time)s.") % values,
            _("After that, mail programs cannot sign in with it any more. Mail goes on arriving meanwhile."),
            _("Sign in to %(name)s and choose a new one.") % values,
        ]
        text = "\n\n".join([*lines, *([link] if link else [])])
        return _("Your password lasts until %(time)s") % values, f"{text}\n"


def forget_past_warnings(now: dt.datetime) -> None:
    """Delete what was noted of passwords that have ended since, one way or the other."""
    ExpiryWarning.objects.filter(expires__lt=now).delete()
