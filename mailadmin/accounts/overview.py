"""What the list of admins tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from domains.models import ALL_DOMAINS, DomainAdmin
from mailadmin.accounts.models import Account, Admin
from mailadmin.core.prepared import prepared


@dataclass(frozen=True, slots=True)
class AdminRow:
    """One row of the list."""

    admin: Admin
    superadmin: bool
    domains: int
    last_login: Any


def admin_rows(admins: Sequence[Admin]) -> list[AdminRow]:
    """Return what the list shows of the admins, in three queries however many they are."""
    names = tuple(admin.username for admin in admins)
    marked = {grant.username for grant in _grants_of_all(names)}
    counts = dict(_counted(names))
    seen = {account.username: account.last_login for account in _accounts(tuple(f"admin:{name}" for name in names))}
    return [
        AdminRow(
            admin, admin.superadmin or admin.username in marked, counts.get(admin.username, 0), seen.get(admin.username)
        )
        for admin in admins
    ]


@prepared
def _grants_of_all(names: tuple[str, ...]) -> QuerySet[DomainAdmin]:
    return DomainAdmin.objects.filter(username__in=names, domain=ALL_DOMAINS).only("username")


@prepared
def _counted(names: tuple[str, ...]) -> QuerySet[DomainAdmin, tuple[str, int]]:
    grants = DomainAdmin.objects.filter(username__in=names, active=True).exclude(domain=ALL_DOMAINS)
    return grants.values_list("username").annotate(n=Count("domain", distinct=True)).order_by()


@prepared
def _accounts(logins: tuple[str, ...]) -> QuerySet[Account]:
    return Account.objects.filter(login__in=logins).only("login", "last_login")
