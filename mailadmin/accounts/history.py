"""The history of one's own account: sign-ins, and what was changed on it and by whom, in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account
from mailadmin.audit.entries import Change, Entry, entries_of
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import ActorKind

# What the person can see on other pages of theirs; not where files lie, nor what a password looks like when stored.
_SHOWN = {
    "active",
    "activefrom",
    "activeuntil",
    "app_password",
    "app_password_ends",
    "app_passwords_only",
    "body",
    "domains",
    "email_other",
    "goto",
    "granted",
    "language",
    "link_until",
    "must_change",
    "name",
    "protocols",
    "quota",
    "revoked_app_passwords",
    "smtp_active",
    "subject",
    "superadmin",
    "time_zone",
}


@dataclass(frozen=True, slots=True)
class Doing:
    """One event as its person reads it; `by` says who did it, in words, and `ip` from where the person did."""

    entry: Entry
    by: str
    ip: str
    changes: list[Change]


def own_events(own: Account) -> QuerySet[AuditEvent]:
    """Return what happened to an account, newest first, but not to an earlier one of its name."""
    events = AuditEvent.objects.filter(target=own.username)
    if own.kind is AccountKind.MAILBOX:
        events = events.filter(domain=own.username.rpartition("@")[2])
    else:
        # A name that was refused may be meant as an admin's or as a mailbox's.
        events = events.filter(Q(domain="") | Q(action="sign_in_failed"))
    return events.filter(time__gte=own.row_created) if own.row_created else events


def doings(own: Account, events: Iterable[AuditEvent]) -> list[Doing]:
    """Return events of an account in words."""
    return [
        Doing(
            entry,
            _by(own, entry.event),
            entry.event.ip if _is_own(own, entry.event) or not entry.event.actor else "",
            [change for change in entry.changes if change.key in _SHOWN],
        )
        for entry in entries_of(events)
    ]


def _is_own(own: Account, event: AuditEvent) -> bool:
    # What an older panel wrote down tells no kind.
    is_user = event.actor_kind == ActorKind.USER
    is_same_kind = not event.actor_kind or is_user == (own.kind is AccountKind.MAILBOX)
    return event.actor == own.username and is_same_kind


def _by(own: Account, event: AuditEvent) -> str:
    if _is_own(own, event):
        return _("through a link") if "link" in event.via else ""
    if not event.actor:
        return ""
    if event.via == "cli":
        return _("by an administrator of the server")
    # Users know their admins as such; admins know each other.
    return _("by an admin") if own.kind is AccountKind.MAILBOX else _("by %s") % event.actor
