"""The lock of a domain: a row that is written, because FOR UPDATE is local to one node of a cluster."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Case, F, When

from domains.models import ALL_DOMAINS, Domain, DomainGuard, domain_managed_by
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import domain_key
from mailadmin.core.errors import Invalid, NotFound

MOST_PROMISED = 2**61
"""Bytes; a larger sum, which no disk holds, is counted when asked for: the column might not hold the next."""


def take_guard(names: Iterable[str]) -> None:
    """Write the guard rows of the domains, in order, so that counting changes of each happen one after the other."""
    for name in sorted(set(names)):
        if not _touch(name):
            DomainGuard.objects.bulk_create([DomainGuard(domain=name)], ignore_conflicts=True)
            _touch(name)


def take_admin_guard() -> None:
    """Write the one guard of everything about admins, such as who is the last superadmin."""
    take_guard([ALL_DOMAINS])


def _touch(name: str) -> int:
    # Before every change: as a queryset, Django takes ten times longer to write it than the database to do it.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mailadmin_domain SET version = version + 1 WHERE domain = %s", [name])
        return int(cursor.rowcount)


def add_to_counts(name: str, *, mailboxes: int = 0, aliases: int = 0, promised: int = 0) -> None:
    """Add to the counters of a domain whose guard is held; a domain that was never counted stays so.

    `promised` is in bytes. The numbers are those of rows written or deleted in this transaction.
    """
    if not (mailboxes or aliases or promised):
        return
    if abs(promised) >= MOST_PROMISED:
        forget_counts(name)
        return
    DomainGuard.objects.filter(domain=name, counted__isnull=False).update(
        counted=Case(When(promised__lt=MOST_PROMISED, then=F("counted"))),
        mailboxes=F("mailboxes") + mailboxes,
        aliases=F("aliases") + aliases,
        promised=F("promised") + promised,
    )


def forget_counts(name: str) -> None:
    """Let the domain be counted when asked for, until the next sweep."""
    DomainGuard.objects.filter(domain=name).update(counted=None)


def lock_domain(actor: Actor, name: str, *, also: Iterable[str] = ()) -> Domain:
    """Return the domain as it is under its guard; raises NotFound when it is absent or not the actor's.

    `also` names further domains whose guards are needed, so that all are taken in one order.
    """
    key = existing_domain_key(name)
    # Before the guard, so that a stranger cannot hold up somebody else's domain; after it, for what is true now.
    if not domain_managed_by(actor, key):
        raise NotFound(name)
    take_guard([key, *also])
    domain = domain_managed_by.first(actor, key)
    if domain is None:
        raise NotFound(name)
    return domain


def existing_domain_key(name: str) -> str:
    """Return the stored form of the name; raises NotFound for what no row can hold."""
    try:
        return domain_key(name)
    except Invalid:
        raise NotFound(name) from None
