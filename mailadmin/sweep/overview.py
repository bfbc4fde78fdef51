"""What the sweep found, as pages may show it: each row is looked at again, and what is mended by now is left out."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from domains.models import Domain
from domains.use import DomainUse, domain_uses, fullness, share
from mailadmin.accounts.models import Admin
from mailadmin.audit.models import AuditEvent
from mailadmin.audit.services import visible_events
from mailadmin.core.actor import Actor
from mailadmin.core.limits import Limit
from mailadmin.sweep.looking import NEAR, RECENT, idle_days, last_sign_ins
from mailadmin.sweep.models import Finding, FindingKind
from mailboxes.models import Mailbox, Quota2
from mailboxes.overview import nearly_full

SHOWN = 8
_LOOKED_AT = 2 * SHOWN
"""Some of them may be mended by now."""


@dataclass(frozen=True, slots=True)
class LimitUse:
    """How much of one limit of a domain is used; `kind` as the tag that draws it takes it."""

    kind: str
    used: int
    limit: Limit

    @property
    def in_bytes(self) -> bool:
        return self.kind == "promised"


@dataclass(frozen=True, slots=True)
class NearLimit:
    """A domain and those of its limits that it is near."""

    domain: Domain
    uses: list[LimitUse]


def near_limits(domain: Domain, use: DomainUse) -> list[LimitUse]:
    """Return the limits that the domain is near."""
    uses = [
        LimitUse("mailboxes", use.mailboxes, domain.mailbox_limit),
        LimitUse("aliases", use.aliases, domain.alias_limit),
        LimitUse("promised", use.promised, domain.quota_limit),
    ]
    return [one for one in uses if share(one.used, one.limit) >= NEAR]


def domains_near_limits(actor: Actor) -> list[NearLimit]:
    """Return the domains that are nearest to a limit, the nearest first."""
    names = list(_keys(FindingKind.DOMAIN))
    domains = list(Domain.objects.visible_to(actor).filter(domain__in=names, active=True))
    uses = domain_uses(domain.domain for domain in domains)
    found = [NearLimit(domain, near_limits(domain, uses[domain.domain])) for domain in domains]
    order = {domain.domain: (-fullness(domain, uses[domain.domain]), domain.domain) for domain in domains}
    return sorted((row for row in found if row.uses), key=lambda row: order[row.domain.domain])[:SHOWN]


@dataclass(frozen=True, slots=True)
class FullMailbox:
    """A mailbox that is nearly full; `used` in bytes."""

    mailbox: Mailbox
    used: int


def full_mailboxes(actor: Actor, domains: Sequence[str] | None = None) -> list[FullMailbox]:
    """Return the fullest mailboxes that the actor sees, the fullest first; of few `domains`, where they are given."""
    names = list(_keys(FindingKind.MAILBOX, domains))
    seen = Mailbox.objects.visible_to(actor).filter(username__in=names, active=True)
    mailboxes = list(nearly_full(seen))
    used = dict(Quota2.objects.filter(username__in=names).values_list("username", "bytes"))
    found = [FullMailbox(mailbox, used.get(mailbox.username, 0)) for mailbox in mailboxes]
    return sorted(found, key=lambda row: (-share(row.used, row.mailbox.quota_limit), row.mailbox.username))[:SHOWN]


@dataclass(frozen=True, slots=True)
class IdleAdmin:
    """An admin without recent sign-in; `last` is None for one who has never signed in here."""

    admin: Admin
    last: dt.datetime | None


def idle_admins(actor: Actor) -> list[IdleAdmin]:
    """Return the admins who have not signed in for longest, those who never did first."""
    admins = list(Admin.objects.visible_to(actor).filter(username__in=list(_keys(FindingKind.ADMIN))))
    idle, seen = idle_days(admins), last_sign_ins(admins)
    rows = sorted((admin for admin in admins if admin.username in idle), key=lambda row: (-idle[row.username], row.pk))
    return [IdleAdmin(admin, seen.get(admin.username)) for admin in rows][:SHOWN]


def refused_sign_ins(actor: Actor, domains: Sequence[str]) -> list[AuditEvent]:
    """Return the newest refused sign-ins of the last day to addresses of the domains, as far as the actor may read."""
    keys = [int(key) for key in _keys(FindingKind.SIGN_IN, domains)]
    since = timezone.now() - RECENT
    return list(visible_events(actor).filter(pk__in=keys, time__gte=since).order_by("-time"))[:SHOWN]


def _keys(kind: FindingKind, domains: Sequence[str] | None = None) -> Iterable[str]:
    rows = Finding.objects.filter(kind=kind)
    if domains is not None:
        rows = rows.filter(domain__in=domains)
    return rows.order_by("-share").values_list("key", flat=True)[:_LOOKED_AT]
