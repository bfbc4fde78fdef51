"""Who administers a domain: granting it to an admin, and taking it away."""

from collections.abc import Iterable

from django.utils import timezone

from domains.guard import existing_domain_key, take_admin_guard
from domains.models import ALL_DOMAINS, Domain, DomainAdmin
from mailadmin.accounts.links import void_links_made_by
from mailadmin.accounts.models import Admin
from mailadmin.audit.services import record
from mailadmin.core.actor import Actor
from mailadmin.core.errors import NotFound
from mailadmin.core.operation import operation
from mailadmin.core.permissions import Permission, require


@operation
def grant_domain(actor: Actor, *, username: str, domain: str) -> None:
    """Make an admin responsible for a domain. Raises NotFound and NotAllowed; granting twice changes nothing."""
    admin, name = _lock_pair(actor, username, domain)
    if not DomainAdmin.objects.filter(username=admin, domain=name, active=True).exists():
        add_grants(admin, [name])
        record(actor, "edit_admin", target=admin, domain=name, before={"granted": False}, after={"granted": True})


@operation
def revoke_domain(actor: Actor, *, username: str, domain: str) -> None:
    """Take a domain away from an admin. Raises NotFound and NotAllowed."""
    admin, name = _lock_pair(actor, username, domain)
    if DomainAdmin.objects.filter(username=admin, domain=name).delete()[0]:
        void_links_made_by(admin)
        record(actor, "edit_admin", target=admin, domain=name, before={"granted": True}, after={"granted": False})


def add_grants(username: str, names: Iterable[str]) -> None:
    """Write grant rows; the caller holds the admin guard and has checked the names."""
    now = timezone.now()
    DomainAdmin.objects.filter(username=username, domain__in=list(names), active=False).delete()
    DomainAdmin.objects.bulk_create(
        DomainAdmin(username=username, domain=name, created=now, active=True) for name in names
    )


def _lock_pair(actor: Actor, username: str, domain: str) -> tuple[str, str]:
    """Return the admin's name and the domain's, as their rows have them, under the admin guard."""
    require(actor, Permission.ADMIN_MANAGE)
    take_admin_guard()
    name = _managed_name(actor, domain)
    return _managed_admin(actor, username), name


def _managed_name(actor: Actor, domain: str) -> str:
    row = Domain.objects.managed_by(actor).filter(domain=existing_domain_key(domain)).first()
    if row is None or row.domain == ALL_DOMAINS:
        raise NotFound(domain)
    return row.domain


def _managed_admin(actor: Actor, username: str) -> str:
    row = Admin.objects.managed_by(actor).filter(username=username.strip().lower()).first()
    if row is None:
        raise NotFound(username)
    return row.username
