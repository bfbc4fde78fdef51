"""What the sweep looks at, a bounded part at a time. Nothing is locked while it counts."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, FloatField, Model, OuterRef, Subquery, Window
from django.db.models.functions import Cast, RowNumber
from django.utils import timezone

from domains.guard import MOST_PROMISED
from domains.models import Domain, DomainGuard
from domains.use import DomainUse, fullness, live_uses
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account, Admin
from mailadmin.audit.foreign import OVERLAP, foreign_events
from mailadmin.audit.models import AuditEvent
from mailadmin.core.batches import in_batches
from mailadmin.core.operation import operation
from mailadmin.core.same_row import is_same_row
from mailadmin.sweep.models import Finding, FindingKind, Sweep
from mailboxes.models import Mailbox, Quota2, Vacation, VacationMore
from mailboxes.overview import nearly_full
from mailboxes.vacation_entry import correct_next, uses_entries

CHUNK = 500
NEAR = 900
"""Per mille of a limit."""
FULLEST = 10
"""Mailboxes of one domain that are written down by name; the others are only counted."""
NEWEST = 5
"""Refused sign-ins to one domain that are written down."""
IDLE = dt.timedelta(days=90)
NEVER = 1_000_000
"""The days without sign-in of an admin who has never signed in."""
RECENT = dt.timedelta(days=1)
MOST_SIGN_INS = 10_000

Sums = dict[str, int]
Fullest = dict[str, tuple[int, dict[str, int]]]
"""By domain: how many mailboxes are nearly full, and the use of the fullest by name, in per mille."""


def look_at_domains(place: str) -> tuple[Sums, str | None]:
    """Count the next domains; returns their sums and the place to go on from, None at the end."""
    domains = list(Domain.objects.real().filter(domain__gt=place).order_by("domain")[:CHUNK])
    end = domains[-1].domain if len(domains) == CHUNK else None
    _forget_vanished(place, end, [domain.domain for domain in domains])
    return (_count(domains) if domains else {}), end


def _count(domains: Sequence[Domain]) -> Sums:
    names = [domain.domain for domain in domains]
    versions = _versions(names)
    # After the versions: what changes from here on changes them too. Before the counting: it is as old as this.
    now = timezone.now()
    uses = live_uses(names)
    full = _fullest([domain.domain for domain in domains if domain.active])
    near = {domain.domain: fullness(domain, uses[domain.domain]) for domain in domains if domain.active}
    near = {name: share for name, share in near.items() if share >= NEAR}
    _write(versions, uses, full, near, now)
    return {
        "domains": len(domains),
        "domains_off": sum(not domain.active for domain in domains),
        "mailboxes": sum(use.mailboxes for use in uses.values()),
        "aliases": sum(use.aliases for use in uses.values()),
        "near_limits": len(near),
        "nearly_full": sum(total for total, _names in full.values()),
    }


def _versions(names: list[str]) -> dict[str, int]:
    guards = DomainGuard.objects.filter(domain__in=names).values_list("domain", "version")
    versions = dict(guards)
    if missing := [name for name in names if name not in versions]:
        DomainGuard.objects.bulk_create([DomainGuard(domain=name) for name in missing], ignore_conflicts=True)
        versions = dict(guards.all())
    return versions


def _fullest(names: list[str]) -> Fullest:
    used = Quota2.objects.filter(username=OuterRef("username")).values("bytes")
    share = Cast(F("used"), FloatField()) / Cast(F("quota"), FloatField())
    rows = (
        nearly_full(Mailbox.objects.filter(domain__in=names, active=True))
        .annotate(used=Subquery(used))
        .annotate(
            place=Window(RowNumber(), partition_by=[F("domain")], order_by=[share.desc(), F("username").asc()]),
            total=Window(Count("username"), partition_by=[F("domain")]),
        )
        .filter(place__lte=FULLEST)
    )
    found: Fullest = {}
    for domain, username, quota, used_bytes, total in rows.values_list("domain", "username", "quota", "used", "total"):
        found.setdefault(domain, (total, {}))[1][username] = min(used_bytes * 1000 // quota, NEVER)
    return found


@operation
def _write(
    versions: dict[str, int], uses: dict[str, DomainUse], full: Fullest, near: dict[str, int], now: dt.datetime
) -> None:
    """Write the counters and findings of the domains that nobody has changed since; the others wait for the next time.

    A domain that somebody is changing now is left out: its guard can be held for as long as a bulk change takes.
    """
    skip = connection.features.has_select_for_update_skip_locked
    guards = DomainGuard.objects.filter(domain__in=list(versions)).order_by("domain")
    same = [
        guard for guard in guards.select_for_update(skip_locked=skip) if guard.version == versions.get(guard.domain)
    ]
    for guard in same:
        use = uses[guard.domain]
        total, names = full.get(guard.domain, (0, {}))
        holds = use.promised < MOST_PROMISED
        guard.mailboxes, guard.aliases, guard.promised = use.mailboxes, use.aliases, use.promised if holds else 0
        guard.nearly_full, guard.fullest = total, max(names.values(), default=0)
        guard.counted = now if holds else None
    counters = ["mailboxes", "aliases", "promised", "nearly_full", "fullest", "counted"]
    _upsert(DomainGuard, same, ["domain"], counters)
    written = [guard.domain for guard in same]
    wanted = [
        Finding(kind=FindingKind.DOMAIN, key=name, domain=name, share=near[name]) for name in written if name in near
    ]
    wanted += [
        Finding(kind=FindingKind.MAILBOX, key=username, domain=name, share=share)
        for name in written
        for username, share in full.get(name, (0, {}))[1].items()
    ]
    present = Finding.objects.filter(kind__in=[FindingKind.DOMAIN, FindingKind.MAILBOX], domain__in=written)
    _replace(present, wanted)


def _replace(present: Iterable[Finding], wanted: Iterable[Finding]) -> None:
    """Make the findings that are there those that are wanted; what stays is not written."""
    known = {(row.kind, row.key): row for row in present}
    new = {(str(row.kind), row.key): row for row in wanted}
    for batch in in_batches(row.pk for name, row in known.items() if name not in new):
        Finding.objects.filter(pk__in=batch).delete()
    changed = [row for name, row in new.items() if name not in known or known[name].share != row.share]
    _upsert(Finding, changed, ["kind", "key"], ["domain", "share"])


def _upsert(model: type[Model], rows: Sequence[Any], unique: list[str], fields: list[str]) -> None:
    for batch in in_batches(rows, 100):
        model._default_manager.bulk_create(
            batch,
            update_conflicts=True,
            update_fields=fields,
            unique_fields=unique if connection.features.supports_update_conflicts_with_target else None,
        )


def _forget_vanished(after: str, until: str | None, names: list[str]) -> None:
    """Clear the counters and findings between two names that no domain has any more."""
    between: dict[str, Any] = {"domain__gt": after} | ({"domain__lte": until} if until is not None else {})
    known = set(names)
    kinds = [FindingKind.DOMAIN, FindingKind.MAILBOX]
    counted = DomainGuard.objects.filter(counted__isnull=False, **between).values_list("domain", flat=True)
    found = Finding.objects.filter(kind__in=kinds, **between).values_list("domain", flat=True).distinct()
    for batch in in_batches(name for name in {*counted, *found} if name not in known):
        DomainGuard.objects.filter(domain__in=batch).update(counted=None, nearly_full=0, fullest=0)
        Finding.objects.filter(kind__in=kinds, domain__in=batch).delete()


def look_at_admins(place: str) -> tuple[Sums, str | None]:
    """Find the admins who have not signed in for long; returns sums and place as look_at_domains does."""
    admins = list(Admin.objects.filter(username__gt=place).order_by("username")[:CHUNK])
    end = admins[-1].username if len(admins) == CHUNK else None
    idle = idle_days(admins)
    between: dict[str, Any] = {"key__gt": place} | ({"key__lte": end} if end is not None else {})
    wanted = [Finding(kind=FindingKind.ADMIN, key=name, share=days) for name, days in idle.items()]
    _replace(Finding.objects.filter(kind=FindingKind.ADMIN, **between), wanted)
    return {"admins": len(admins), "idle_admins": len(idle)}, end


def idle_days(admins: Iterable[Admin]) -> dict[str, int]:
    """Return the days without sign-in of those who are on and have not signed in for long, NEVER for who never did."""
    rows = [admin for admin in admins if admin.active]
    now = timezone.now()
    seen = last_sign_ins(rows)
    idle = {}
    for admin in rows:
        last = seen.get(admin.username)
        if now - (last or admin.created or dt.datetime.fromtimestamp(0, dt.UTC)) > IDLE:
            idle[admin.username] = (now - last).days if last else NEVER
    return idle


def last_sign_ins(admins: Sequence[Admin]) -> dict[str, dt.datetime]:
    """Return when each of the admins signed in last; an earlier admin of the name does not count.

    Asked of the accounts, because the history is pruned.
    """
    made = {f"{AccountKind.ADMIN}:{admin.username}": admin for admin in admins}
    accounts = Account.objects.filter(login__in=list(made), last_login__isnull=False)
    return {
        account.username: account.last_login
        for account in accounts
        if account.last_login and is_same_row(account.row_created, made[account.login].created)
    }


def look_at_sign_ins(_place: str) -> tuple[Sums, str | None]:
    """Find the newest refused sign-ins of each domain."""
    newest = Window(RowNumber(), partition_by=[F("domain")], order_by=F("id").desc())
    events = AuditEvent.objects.filter(
        action="sign_in_failed", time__gte=timezone.now() - RECENT, domain__in=Domain.objects.real().values("domain")
    )
    rows = events.annotate(place=newest).filter(place__lte=NEWEST).values_list("pk", "domain")[:MOST_SIGN_INS]
    wanted = [Finding(kind=FindingKind.SIGN_IN, key=str(pk), domain=domain, share=pk) for pk, domain in rows]
    _replace(Finding.objects.filter(kind=FindingKind.SIGN_IN), wanted)
    return {}, None


@operation
def look_at_log(place: str) -> tuple[Sums, str | None]:
    """Take the next rows of PostfixAdmin's log that another program wrote into the history."""
    seen = Sweep.objects.values_list("log_seen", flat=True).get(pk=1)
    events, last, more = foreign_events(int(place) if place else max(seen - OVERLAP, 0))
    # Whoever comes second leaves the rows to the first.
    if last > seen and not Sweep.objects.filter(pk=1, log_seen=seen).update(log_seen=last):
        return {}, None
    AuditEvent.objects.bulk_create(events)
    return {"log": len(events)}, str(last) if more else None


def look_at_vacations(place: str) -> tuple[Sums, str | None]:
    """Take the entries of the next vacations out of the alias rows where they are over."""
    if not uses_entries():
        return {}, None
    corrected, following = correct_next(place)
    return {"vacation_entries": corrected.added + corrected.removed}, following


def look_at_vacation_texts(place: str) -> tuple[Sums, str | None]:
    """Delete those of the next texts for people inside whose vacation another program deleted.

    A vacation that this program makes anew shall not say what somebody else once wrote.
    """
    names = list(VacationMore.objects.filter(email__gt=place).order_by("email").values_list("email", flat=True)[:CHUNK])
    has_vacation = Exists(Vacation.objects.filter(email=OuterRef("email")))
    deleted = VacationMore.objects.filter(~has_vacation, email__in=names).delete()[0] if names else 0
    return {"vacation_texts": deleted} if deleted else {}, names[-1] if len(names) == CHUNK else None
