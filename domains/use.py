"""How much of their limits domains use: as the worker's sweep counted and operations have added, or counted now."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from aliases.limit import count_aliases_by_domain
from domains.models import Domain, DomainGuard
from mailadmin.core.limits import Limit
from mailadmin.core.prepared import prepared
from mailboxes.limit import count_mailboxes_by_domain
from mailboxes.quota import promised_by_domain


@dataclass(frozen=True, slots=True)
class DomainUse:
    """How much of a domain's limits is used; `promised` is the sum of its mailboxes' quotas in bytes.

    `counted` is when a sweep counted: what the panel has changed since is included, what other programs have is not.
    None means that it was counted now.
    """

    mailboxes: int
    aliases: int
    promised: int
    counted: dt.datetime | None = None


def domain_uses(names: Iterable[str]) -> dict[str, DomainUse]:
    """Return the use of each of the domains, in at most four queries however many they are."""
    wanted = tuple(names)
    uses = {guard.domain: stored_use(guard) for guard in _counted(wanted)}
    return uses | live_uses([name for name in wanted if name not in uses])


@prepared
def _counted(names: tuple[str, ...]) -> QuerySet[DomainGuard]:
    return DomainGuard.objects.filter(domain__in=names, counted__isnull=False)


def stored_use(guard: DomainGuard) -> DomainUse:
    """Return what the guard row of a counted domain says."""
    return DomainUse(guard.mailboxes, guard.aliases, guard.promised, guard.counted)


def live_uses(names: list[str]) -> dict[str, DomainUse]:
    """Count the rows of each of the domains, in three queries however many they are."""
    if not names:
        return {}
    mailboxes = count_mailboxes_by_domain(names)
    aliases = count_aliases_by_domain(names)
    promised = promised_by_domain(names)
    return {name: DomainUse(mailboxes.get(name, 0), aliases.get(name, 0), promised.get(name, 0)) for name in names}


def fullness(domain: Domain, use: DomainUse) -> int:
    """Return how much of the limit that is nearest the domain uses, in per mille; 0 where nothing is limited."""
    pairs = [
        (use.mailboxes, domain.mailbox_limit),
        (use.aliases, domain.alias_limit),
        (use.promised, domain.quota_limit),
    ]
    return max(share(used, limit) for used, limit in pairs)


def share(used: int, limit: Limit) -> int:
    """Return the use of a limit in per mille, at most a million; 0 where there is no limit, or nothing is allowed."""
    return min(used * 1000 // limit.allowed, 1_000_000) if limit.allowed else 0
