"""What needs somebody today: what the overviews of superadmins and domain admins show."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from domains.models import Domain, DomainGuard, granted_domains
from domains.use import DomainUse, fullness, live_uses, stored_use
from mailadmin.accounts.models import Admin
from mailadmin.audit.actions import SIGN_INS
from mailadmin.audit.entries import Entry, entries_of
from mailadmin.audit.models import AuditEvent
from mailadmin.audit.services import visible_events
from mailadmin.core.actor import Actor
from mailadmin.core.batches import SIZE
from mailadmin.core.bounded import Bounded, bounded_count
from mailadmin.sweep.looking import NEAR, RECENT
from mailadmin.sweep.models import Sweep
from mailadmin.sweep.overview import (
    domains_near_limits,
    full_mailboxes,
    idle_admins,
    refused_sign_ins,
)
from mailadmin.sweep.services import last_sweep
from mailboxes.models import Mailbox

MOST = 1_000
"""Before the first sweep numbers are counted up to here: a million is not worth the wait."""
MOST_REFUSED = 100
SHOWN_REFUSED = 5
REPORTED = dt.timedelta(days=7)
"""How long an intrusion that somebody reported is shown."""
MOST_REPORTED = 200
SHOWN_REPORTED = 8
SHOWN_CHANGES = 8
LOOKED_AT_CHANGES = 2_000
"""Events among which the last changes are looked for: somebody who guesses passwords may have filled the log."""
SHOWN_DOMAINS = 20
TOP = 8
"""Domains with the fullest mailboxes: the fullest mailboxes of all are among theirs."""


def superadmin_overview(actor: Actor) -> dict[str, Any]:
    """Return what templates/dashboard_superadmin.html shows. The number of queries and rows read is bounded."""
    sweep = last_sweep()
    refused = _refused()
    near, full, idle = domains_near_limits(actor), full_mailboxes(actor), idle_admins(actor)
    reported = _reported(actor)
    checked: list[tuple[Sequence[object], str]] = [
        (reported, _("reported intrusions")),
        (refused.rows, _("refused sign-ins")),
        (near, _("domains near their limits")),
        (full, _("mailboxes nearly full")),
        (idle, _("admins without recent sign-in")),
    ]
    return {
        "figures": _figures(sweep),
        "reported": reported,
        "refused": refused,
        "near": near,
        "near_total": _total(sweep, "near_limits", len(near)),
        "full": full,
        "full_total": _total(sweep, "nearly_full", len(full)),
        "idle": idle,
        "idle_total": _total(sweep, "idle_admins", len(idle)),
        "entries": _changes(actor),
        **_quiet(sweep, checked),
        **_when(sweep),
    }


def _quiet(sweep: Sweep, checked: list[tuple[Sequence[object], str]], *, is_empty: bool = False) -> dict[str, Any]:
    """Return what was looked at and needs nobody, in words, and whether that is all there is."""
    if not sweep.finished:
        return {"quiet": [], "all_quiet": False}
    quiet = [words for rows, words in checked if not rows]
    return {"quiet": quiet, "all_quiet": len(quiet) == len(checked) and not is_empty}


def _when(sweep: Sweep) -> dict[str, Any]:
    late = dt.timedelta(minutes=3 * settings.MAILADMIN_SWEEP_MINUTES)
    is_late = bool(late) and sweep.finished is not None and timezone.now() - sweep.finished > late
    return {"seen": sweep.seen, "is_late": is_late}


@dataclass(frozen=True, slots=True)
class Figures:
    """How many there are in all: of the last sweep, or counted now up to MOST."""

    domains: Bounded
    domains_off: Bounded
    mailboxes: Bounded
    admins: Bounded


def _figures(sweep: Sweep) -> Figures:
    if sweep.finished:
        return Figures(*(Bounded(sweep.totals.get(name, 0)) for name in Figures.__slots__))
    domains = Domain.objects.real()
    return Figures(
        domains=bounded_count(domains, MOST),
        domains_off=bounded_count(domains.filter(active=False), MOST),
        mailboxes=bounded_count(Mailbox.objects.all(), MOST),
        admins=bounded_count(Admin.objects.all(), MOST),
    )


def _total(sweep: Sweep, name: str, shown: int) -> Bounded | None:
    """Return how many the sweep counted, where that is more than the page shows."""
    total: int = sweep.totals.get(name, 0)
    return Bounded(total) if total > shown else None


@dataclass(frozen=True, slots=True)
class Refused:
    """The sign-ins that were refused since yesterday: the newest, and the number of tries."""

    rows: list[AuditEvent]
    tries: Bounded


def _refused() -> Refused:
    newest = AuditEvent.objects.filter(action="sign_in_failed").order_by("-id").defer("before", "after")
    since = timezone.now() - RECENT
    found = list(newest[:MOST_REFUSED])
    # Repeats bring an older row up to date, so that the order of the rows is not that of their times.
    recent = sorted((event for event in found if event.time >= since), key=lambda event: event.time, reverse=True)
    tries = sum(event.repeats for event in recent)
    is_more = len(recent) == MOST_REFUSED
    return Refused(recent[:SHOWN_REFUSED], Bounded(tries, tries - 1 if is_more else None))


def _reported(actor: Actor) -> list[AuditEvent]:
    """Return the newest intrusions that somebody reported lately, as far as the actor may read of them."""
    newest = AuditEvent.objects.filter(action="report_intrusion").order_by("-id").values_list("pk", "time")
    since = timezone.now() - REPORTED
    # They are few: found first, and then looked at by their keys.
    keys = [pk for pk, time in newest[:MOST_REPORTED] if time >= since]
    if not keys:
        return []
    return list(
        visible_events(actor).filter(pk__in=keys).exclude(actor=actor.username).order_by("-id")[:SHOWN_REPORTED]
    )


def _changes(actor: Actor, domains: Sequence[str] = ()) -> list[Entry]:
    """Return the last changes: those among the newest events of all, and where these are few, of the domains."""
    last = AuditEvent.objects.aggregate(last=Max("id"))["last"] or 0
    events = visible_events(actor).exclude(action__in=SIGN_INS).order_by("-id")
    rows = list(events.filter(id__gt=last - LOOKED_AT_CHANGES)[:SHOWN_CHANGES])
    if domains and len(rows) < SHOWN_CHANGES:
        # One domain at a time, along its index: all together would be read whole to be sorted.
        newest = AuditEvent.objects.filter(domain__in=domains).values("domain").annotate(last=Max("id"))
        for row in newest.order_by("-last")[:SHOWN_CHANGES]:
            rows += events.filter(domain=row["domain"])[:SHOWN_CHANGES]
    unique = {event.pk: event for event in rows}
    return entries_of(sorted(unique.values(), key=lambda event: -event.pk)[:SHOWN_CHANGES])


@dataclass(frozen=True, slots=True)
class OwnDomain:
    """One of a domain admin's domains, with its use of the limits; `near` where it is near one of them."""

    domain: Domain
    use: DomainUse
    near: bool


def admin_overview(actor: Actor) -> dict[str, Any]:
    """Return what templates/dashboard_admin.html shows; of very many domains, the first by name."""
    granted = granted_domains(actor).order_by("domain").values_list("domain", flat=True).distinct()
    found = list(granted[: SIZE + 1])
    names = found[:SIZE]
    domains = list(Domain.objects.real().filter(domain__in=names).order_by("domain"))
    guards = {guard.domain: guard for guard in DomainGuard.objects.filter(domain__in=names, counted__isnull=False)}
    rows = _own_domains(domains, guards)
    fullest = sorted(guards.values(), key=lambda guard: -guard.fullest)[:TOP]
    full = full_mailboxes(actor, [guard.domain for guard in fullest if guard.fullest >= NEAR])
    refused = refused_sign_ins(actor, names)
    reported = _reported(actor)
    near = [row for row in rows if row.near]
    nearly_full = sum(guard.nearly_full for guard in guards.values())
    checked: list[tuple[Sequence[object], str]] = [
        (reported, _("reported intrusions")),
        (full, _("mailboxes nearly full")),
        (refused, _("refused sign-ins")),
        (near, _("domains near their limits")),
    ]
    sweep = last_sweep()
    return {
        "domains": rows,
        "more_domains": len(domains) > len(rows),
        "too_many": len(found) > SIZE and SIZE,
        "full": full,
        "full_total": Bounded(nearly_full) if nearly_full > len(full) else None,
        "reported": reported,
        "refused": refused,
        "entries": _changes(actor, names),
        **_quiet(sweep, checked, is_empty=not domains),
        **_when(sweep),
    }


def _own_domains(domains: list[Domain], guards: dict[str, DomainGuard]) -> list[OwnDomain]:
    """Return the domains to show: those near a limit first, the nearest of them at the top, then by name."""
    uses = {name: stored_use(guard) for name, guard in guards.items()}
    nearness = {
        row.domain: fullness(row, uses[row.domain]) if row.active and row.domain in uses else 0 for row in domains
    }
    nearness = {name: share if share >= NEAR else 0 for name, share in nearness.items()}
    shown = sorted(domains, key=lambda row: (-nearness[row.domain], row.domain))[:SHOWN_DOMAINS]
    uses |= live_uses([row.domain for row in shown if row.domain not in uses])
    return [OwnDomain(row, uses[row.domain], row.active and fullness(row, uses[row.domain]) >= NEAR) for row in shown]
