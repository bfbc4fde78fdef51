"""Every change of an alias domain."""

from django.utils import timezone
from django.utils.translation import gettext as _

from domains.guard import existing_domain_key, take_guard
from domains.models import AliasDomain, Domain
from mailadmin.audit.services import record, snapshot
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import domain_key
from mailadmin.core.errors import Invalid, NotFound
from mailadmin.core.operation import UNSET, Unset, operation
from mailadmin.core.permissions import Permission, require
from mailadmin.core.texts import check_line


@operation
def create_alias_domain(
    actor: Actor, *, alias_domain: str, target_domain: str, description: str = "", active: bool = True
) -> AliasDomain:
    """Make every address of the target domain exist at the alias domain too; both must be domains of the actor.

    Raises NotFound, NotAllowed and Invalid (chains are refused).
    """
    require(actor, Permission.ALIAS_DOMAIN_CREATE)
    name, target = _lock_pair(actor, alias_domain, target_domain)
    if AliasDomain.objects.filter(alias_domain=name).exists():
        raise Invalid.of("alias_domain", _("This domain already is an alias domain."))
    _check_chain(name, target)
    now = timezone.now()
    row = AliasDomain(
        alias_domain=name,
        target_domain=target,
        description=check_line(description, "description"),
        active=active,
        created=now,
        modified=now,
    )
    row.save(force_insert=True)
    record(actor, "create_alias_domain", target=name, domain=name, after=snapshot(row))
    return row


@operation
def update_alias_domain(
    actor: Actor,
    *,
    alias_domain: str,
    target_domain: str | Unset = UNSET,
    description: str | Unset = UNSET,
    active: bool | Unset = UNSET,
) -> AliasDomain:
    """Change an alias domain; what is left out stays. Raises NotFound, NotAllowed and Invalid."""
    return _change_alias_domain(
        actor, "edit_alias_domain", alias_domain, target_domain=target_domain, description=description, active=active
    )


@operation
def set_alias_domain_active(actor: Actor, *, alias_domain: str, active: bool) -> AliasDomain:
    """Switch an alias domain on or off."""
    return _change_alias_domain(actor, "edit_alias_domain_state", alias_domain, active=active)


@operation
def delete_alias_domain(actor: Actor, *, alias_domain: str) -> None:
    """Delete an alias domain; the domain of that name stays. Raises NotFound and NotAllowed."""
    require(actor, Permission.ALIAS_DOMAIN_DELETE)
    row = _lock_alias_domain(actor, alias_domain)
    before = snapshot(row)
    row.delete()
    record(actor, "delete_alias_domain", target=before["alias_domain"], domain=before["alias_domain"], before=before)


def _change_alias_domain(
    actor: Actor,
    action: str,
    alias_domain: str,
    *,
    target_domain: str | Unset = UNSET,
    description: str | Unset = UNSET,
    active: bool | Unset = UNSET,
) -> AliasDomain:
    require(actor, Permission.ALIAS_DOMAIN_UPDATE)
    row = _lock_alias_domain(actor, alias_domain)
    before = snapshot(row)
    if not isinstance(target_domain, Unset) and domain_key(target_domain) != row.target_domain:
        row.target_domain = _lock_pair(actor, row.alias_domain, target_domain)[1]
        _check_chain(row.alias_domain, row.target_domain)
    if not isinstance(description, Unset):
        row.description = check_line(description, "description")
    row.active = row.active if isinstance(active, Unset) else active
    after = snapshot(row)
    if after != before:
        row.modified = timezone.now()
        row.save(force_update=True)
        record(actor, action, target=row.alias_domain, domain=row.alias_domain, before=before, after=after)
    return row


def _lock_alias_domain(actor: Actor, alias_domain: str) -> AliasDomain:
    name = existing_domain_key(alias_domain)
    managed = AliasDomain.objects.managed_by(actor).filter(alias_domain=name)
    if not managed.exists():
        raise NotFound(alias_domain)
    take_guard([name])
    row = managed.first()
    if row is None:
        raise NotFound(alias_domain)
    return row


def _lock_pair(actor: Actor, alias_domain: str, target_domain: str) -> tuple[str, str]:
    """Return both names under both guards; a missing one is a message at its own field."""
    names = []
    for parameter, text in (("alias_domain", alias_domain), ("target_domain", target_domain)):
        try:
            names.append(domain_key(text))
        except Invalid:
            raise Invalid.of(parameter, _("Choose one of your domains.")) from None
        if not Domain.objects.managed_by(actor).filter(domain=names[-1]).exists():
            raise Invalid.of(parameter, _("Choose one of your domains."))
    take_guard(names)
    return names[0], names[1]


def _check_chain(name: str, target: str) -> None:
    if name == target:
        raise Invalid.of("target_domain", _("A domain cannot be an alias of itself."))
    if AliasDomain.objects.filter(alias_domain=target).exists():
        raise Invalid.of("target_domain", _("This domain is an alias domain itself; choose the domain it points to."))
    if AliasDomain.objects.filter(target_domain=name).exists():
        raise Invalid.of("alias_domain", _("Another alias domain points to this domain, so it cannot become one."))
