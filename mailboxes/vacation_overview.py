"""What the screens tell of a vacation reply: its state in words, what stands in its way, who set it, how it reads."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from aliases.models import Alias
from aliases.targets import is_vacation_entry
from domains.models import Domain
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import readable, readable_domain
from mailboxes.models import Mailbox, Vacation
from mailboxes.vacation import LAST_END, has_end, inside_body_of, is_over

ONCE, DAILY, WEEKLY, EVERY_MESSAGE = 0, 86400, 604800, 1
_SLACK = dt.timedelta(seconds=5)
# Languages that write the days of the week with a capital inside a sentence.
_CAPITAL_DAYS = ("de", "en")


def vacation_sentence(row: Vacation | None, now: dt.datetime) -> str:
    """Return the state of the vacation reply in one sentence, in the person's zone and language."""
    if row is None or not row.active:
        return _("No vacation reply.")
    start, end = row.activefrom or now, row.activeuntil or LAST_END
    dates = {"start": moment_words(start, now), "end": moment_words(end, now)}
    if is_over(row, now):
        return _("The vacation reply ended on %(end)s.") % dates
    if start > now:
        return (
            _("Will reply from %(start)s until %(end)s.") % dates
            if has_end(row)
            else _("Will reply from %(start)s on, without an end date.") % dates
        )
    return _("Replies until %(end)s.") % dates if has_end(row) else _("Replies, without an end date.")


def moment_words(moment: dt.datetime, now: dt.datetime) -> str:
    """Return the day of the week, the day and the time, with the year where it is not the present one."""
    local = timezone.localtime(moment)
    same_year = local.year == timezone.localtime(now).year
    weekday = date_format(local, "l")
    if (get_language() or "en").partition("-")[0] not in _CAPITAL_DAYS:
        weekday = weekday.lower()
    return _("%(weekday)s %(day)s, %(time)s") % {
        "weekday": weekday,
        "day": date_format(local, "MONTH_DAY_FORMAT" if same_year else "DATE_FORMAT"),
        "time": date_format(local, "TIME_FORMAT"),
    }


def interval_words(seconds: int) -> str:
    """Return how often one sender is answered; other programs write any number."""
    known = {
        ONCE: _("Once"),
        DAILY: _("Once a day"),
        WEEKLY: _("Once a week"),
        EVERY_MESSAGE: _("With every message"),
    }
    if seconds in known:
        return known[seconds]
    if seconds % 86400 == 0:
        return ngettext("Once in %d day", "Once in %d days", seconds // 86400) % (seconds // 86400)
    if seconds % 3600 == 0:
        return ngettext("Once in %d hour", "Once in %d hours", seconds // 3600) % (seconds // 3600)
    if seconds % 60 == 0:
        return ngettext("Once in %d minute", "Once in %d minutes", seconds // 60) % (seconds // 60)
    return ngettext("Once in %d second", "Once in %d seconds", seconds) % seconds


def hindrances(row: Vacation | None, mailbox: Mailbox, domain: Domain | None, alias: Alias | None) -> list[str]:
    """Return why nobody is answered although the reply is on, one sentence each."""
    if row is None or not row.active or is_over(row, timezone.now()):
        return []
    found = []
    name = readable_domain(mailbox.domain)
    if not mailbox.active:
        found.append(_("The mailbox is switched off: mail to it is refused, and nobody is answered."))
    if domain is not None and not domain.active:
        found.append(_("The domain %s is switched off: its mail is refused, and nobody is answered.") % name)
    elif domain is not None and domain.backupmx:
        found.append(_("This server is only the backup MX of %s: its mail goes on, and nobody is answered.") % name)
    if alias is not None and alias.active and not _is_answered(alias, mailbox.username):
        found.append(_("Mail is only sent on, nothing is kept here: so nobody is answered. Keep a copy here as well."))
    if connection.vendor == "sqlite" and "\0" in row.subject + row.body + inside_body_of(row):
        found.append(_("The text has a character that cannot be sent, so nobody is answered. Write it anew."))
    return found


def _is_answered(alias: Alias, address: str) -> bool:
    """Return whether mail comes to where the reply is made: to the mailbox, or to a vacation program."""
    return any(target.lower() == address or is_vacation_entry(target, address) for target in alias.targets)


def last_change(actor: Actor, row: Vacation | None, mailbox: Mailbox) -> str:
    """Return who changed the reply last and when, in one sentence; "" where nobody knows."""
    if row is None:
        return ""
    events = AuditEvent.objects.filter(target=mailbox.username, domain=mailbox.domain, action="edit_vacation")
    if mailbox.created:
        events = events.filter(time__gte=mailbox.created)
    event = events.order_by("-id").first()
    modified = row.modified
    now = timezone.now()
    if modified and (event is None or modified > event.time + _SLACK):
        return _("Changed by another program on %s.") % moment_words(modified, now)
    if event is None:
        return ""
    told = {"who": readable(event.actor), "when": moment_words(event.time, now)}
    if (event.actor, event.actor_kind) == (actor.username, actor.kind):
        return _("Changed by you on %(when)s.") % told
    if event.via == "cli":
        return _("Changed on the server's command line on %(when)s.") % told
    return _("Changed by %(who)s on %(when)s.") % told


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as its receiver gets it; `inside` says whether it is the one for senders inside the domain."""

    inside: bool
    subject: str
    text: str


def replies(subject: str, body: str, inside_body: str) -> list[Reply]:
    """Return the replies that these texts make, none without a text."""
    subject, body, inside_body = subject.strip(), body.strip(), inside_body.strip()
    found = [Reply(False, subject, body)] if subject or body else []
    return [*found, Reply(True, subject, inside_body)] if inside_body else found
