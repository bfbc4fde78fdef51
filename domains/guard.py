"""The lock of a domain: a row that is written, because FOR UPDATE is local to one node of a cluster."""

from collections.abc import Iterable

from django.db.models import F

from domains.models import ALL_DOMAINS, Domain, DomainGuard
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import domain_key
from mailadmin.core.errors import Invalid, NotFound


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
    return DomainGuard.objects.filter(domain=name).update(version=F("version") + 1)


def lock_domain(actor: Actor, name: str, *, also: Iterable[str] = ()) -> Domain:
    """Return the domain as it is under its guard; raises NotFound when it is absent or not the actor's.

    `also` names further domains whose guards are needed, so that all are taken in one order.
    """
    key = existing_domain_key(name)
    managed = Domain.objects.managed_by(actor).filter(domain=key)
    # Before the guard, so that a stranger cannot hold up somebody else's domain; after it, for what is true now.
    if not managed.exists():
        raise NotFound(name)
    take_guard([key, *also])
    domain = managed.first()
    if domain is None:
        raise NotFound(name)
    return domain


def existing_domain_key(name: str) -> str:
    """Return the stored form of the name; raises NotFound for what no row can hold."""
    try:
        return domain_key(name)
    except Invalid:
        raise NotFound(name) from None
