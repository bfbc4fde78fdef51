"""What the list of admins tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from domains.models import ALL_DOMAINS, DomainAdmin
from mailadmin.accounts.models import Account, Admin


@dataclass(frozen=True, slots=True)
class AdminRow:
    """One row of the list."""

    admin: Admin
    superadmin: bool
    domains: int
    last_login: Any


def admin_rows(admins: Sequence[Admin]) -> list[AdminRow]:
    """Return what the list shows of the admins, in three queries however many they are."""
    names = [admin.username for admin in admins]
    grants = DomainAdmin.objects.filter(username__in=names)
    marked = set(grants.filter(domain=ALL_DOMAINS).values_list("username", flat=True))
    counted = grants.filter(active=True).exclude(domain=ALL_DOMAINS).values_list("username")
    counts = dict(counted.annotate(n=Count("domain", distinct=True)).order_by())
    accounts = Account.objects.filter(login__in=[f"admin:{name}" for name in names])
    seen = {account.username: account.last_login for account in accounts}
    return [
        AdminRow(
            admin, admin.superadmin or admin.username in marked, counts.get(admin.username, 0), seen.get(admin.username)
        )
        for admin in admins
    ]
