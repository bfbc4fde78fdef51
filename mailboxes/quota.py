"""The storage rules of a domain: what one mailbox may have, and what all may have together."""

from collections.abc import Callable
from typing import Any

from django.db.models import BigIntegerField, F, Func, QuerySet, Sum
from django.utils.translation import gettext as _

from domains.models import Domain, DomainGuard
from mailadmin.core.limits import Limit, show_size
from mailadmin.core.prepared import prepared
from mailadmin.core.texts import limit_reached
from mailboxes.models import Mailbox

UNLIMITED = 0
NO_STORAGE = -1


def promised_bytes(domain: str, *, without: str = "") -> int:
    """Return the sum of the quotas of the domain's mailboxes, switched off ones too, in bytes."""
    return sum(_bytes(high, low) for _domain, high, low in _promised_in(domain, without))


@prepared
def _promised_in(domain: str, without: str) -> QuerySet[Mailbox, tuple[str, int, int]]:
    return _promised(Mailbox.objects.filter(domain=domain).exclude(username=without))


def promised_by_domain(names: list[str]) -> dict[str, int]:
    """Return the sum of the quotas of each domain's mailboxes in bytes."""
    rows = _promised(Mailbox.objects.filter(domain__in=names))
    return {domain: _bytes(high, low) for domain, high, low in rows}


def _promised(mailboxes: QuerySet[Mailbox]) -> QuerySet[Mailbox, tuple[str, int, int]]:
    # In two halves: the sum of the largest quotas would leave the range of a bigint, which is an error to SQLite.
    halves = {"high": Sum(_WholeMegabytes("quota")), "low": Sum(F("quota").bitand(_MEGABYTE - 1))}
    return mailboxes.filter(quota__gt=0).values_list("domain").annotate(**halves).order_by()


def _bytes(high: int, low: int) -> int:
    # Decimals on MariaDB.
    return int(high) * _MEGABYTE + int(low)


_MEGABYTE = 2**20


class _WholeMegabytes(Func):
    """A whole number divided in whole numbers."""

    template = f"(%(expressions)s / {_MEGABYTE})"
    output_field = BigIntegerField()

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=f"(%(expressions)s DIV {_MEGABYTE})", **context)


def check_quota(domain: Domain, quota: int, *, username: str, promised: int | None = None) -> None:
    """Raise LimitReached when the mailbox may not have this quota (bytes; 0 unlimited, -1 none).

    `promised` is what the other mailboxes have, where that is known.
    """
    _check_one(domain.maxquota_limit, quota)
    limit = domain.quota_limit
    if limit.is_unlimited or quota < 0:
        return
    if promised is None:
        promised = promised_bytes(domain.domain, without=username)
    if quota == UNLIMITED or not limit.allows(promised + quota):
        text = _(
            "%(used)s of %(limit)s are promised to other mailboxes of %(domain)s, so at most %(left)s are left."
        ) % {
            "used": show_size(promised),
            "limit": show_size(limit.allowed),
            "domain": domain.readable,
            "left": show_size(max(limit.allowed - promised, 0)),
        }
        raise limit_reached("quota", "quota", text)


class QuotaBudget:
    """The storage of a domain while the quotas of many of its mailboxes change one after the other."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.promised = 0 if domain.quota_limit.is_unlimited else promised_bytes(domain.domain)

    def change(self, mailbox: Mailbox, quota: int) -> None:
        """Give the mailbox another quota, in bytes; raises LimitReached, and then it keeps its own."""
        others = self.promised - max(mailbox.quota, 0)
        check_quota(self.domain, quota, username=mailbox.username, promised=others)
        self.promised = others + max(quota, 0)


def _check_one(limit: Limit, quota: int) -> None:
    if limit.is_unlimited or quota < 0 or (quota != UNLIMITED and limit.allows(quota)):
        return
    if limit.is_none:
        text = _("Mailboxes of this domain cannot be given storage.")
    else:
        text = _("A mailbox of this domain can have at most %s.") % show_size(limit.allowed)
    raise limit_reached("quota", "maxquota", text)


def told_promise(domain: Domain) -> int:
    """Return what is promised to the domain's mailboxes, in bytes, for a form to tell: of a huge domain as counted.

    Limits themselves are always counted live, when something is saved.
    """
    known = _counted_huge.first(domain.domain)
    return promised_bytes(domain.domain) if known is None else known.promised


@prepared
def _counted_huge(domain: str) -> QuerySet[DomainGuard]:
    return DomainGuard.objects.filter(domain=domain, counted__isnull=False, mailboxes__gt=_HUGE)


_HUGE = 5_000
"""From so many mailboxes on, adding their quotas up takes longer than a page."""


def largest_quota(domain: Domain, *, promised: Callable[[], int], present: int = 0) -> Limit:
    """Return the largest quota a form can offer, in bytes; the mailbox's present one counts as free.

    `promised` tells what all have, where it matters.
    """
    largest, total = domain.maxquota_limit, domain.quota_limit
    if largest.is_none or total.is_none:
        return Limit(NO_STORAGE)
    if total.is_unlimited:
        return largest
    left = max(total.allowed - promised() + max(present, 0), 0)
    return Limit((left if largest.is_unlimited else min(left, largest.allowed)) or NO_STORAGE)


def default_quota(domain: Domain, *, promised: Callable[[], int] | None = None) -> int:
    """Return the quota of a new mailbox for which none was asked: the largest one allowed, in bytes.

    `promised` tells what the others have, where that need not be counted now.
    """
    largest, total = domain.maxquota_limit, domain.quota_limit
    if largest.is_none or total.is_none:
        return NO_STORAGE
    if total.is_unlimited:
        return largest.allowed
    wanted = _SHARE if largest.is_unlimited else largest.allowed
    # With nothing left, 0 would ask for no limit: what is refused then shall be a size.
    used = promised() if promised else promised_bytes(domain.domain)
    return min(max(total.allowed - used, 0), wanted) or wanted


_SHARE = 1024**3
"""One GB: what a mailbox gets where only the domain's total is limited."""
