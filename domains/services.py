"""Every change of a domain and of who administers it."""

import re
from collections.abc import Callable, Iterable

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from aliases.models import Alias
from aliases.references import delete_alias_rows, remove_references
from aliases.targets import aliases_pointing_into
from domains.guard import existing_domain_key, forget_counts, lock_domain, take_admin_guard, take_guard
from domains.models import ALL_DOMAINS, AliasDomain, Dkim, DkimSigning, Domain, DomainAdmin, DomainGuard, DomainRules
from mailadmin.accounts.links import void_links_made_by
from mailadmin.accounts.models import Admin
from mailadmin.audit.services import begin_history, record, snapshot
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import domain_key, parse_domain
from mailadmin.core.batches import in_batches, in_key_order
from mailadmin.core.errors import Invalid, NotFound
from mailadmin.core.limits import MAX_BYTES
from mailadmin.core.operation import UNSET, Unset, operation
from mailadmin.core.permissions import Permission, require
from mailadmin.core.texts import check_count, check_line
from mailboxes.deletion import delete_mailbox_rows
from mailboxes.models import Mailbox

_TRANSPORT = re.compile(r"[a-z][a-z0-9-]*(:[^\s,]*)?\Z")


@operation
def create_domain(
    actor: Actor,
    *,
    domain: str,
    description: str = "",
    mailboxes: int = 0,
    aliases: int = 0,
    maxquota: int = 0,
    quota: int = 0,
    transport: str = "virtual",
    backupmx: bool = False,
    active: bool = True,
) -> Domain:
    """Create a domain.

    `mailboxes` and `aliases` are counts; `maxquota` (one mailbox) and `quota` (all together) are units of
    MAILADMIN_QUOTA_MULTIPLIER bytes. 0 is unlimited, -1 none. Raises NotAllowed and Invalid.
    """
    require(actor, Permission.DOMAIN_CREATE)
    # Judged before anybody waits for the name, and again when nobody else can take it.
    name = free_domain_name(domain)
    take_guard([name])
    free_domain_name(name)
    now = timezone.now()
    row = Domain(domain=name, backupmx=backupmx, active=active, created=now, modified=now, password_expiry=0)
    _set_details(row, description, transport)
    _set_limits(row, mailboxes=mailboxes, aliases=aliases, maxquota=maxquota, quota=quota)
    row.save(force_insert=True)
    begin_history(name)
    # An orphan of the name may have been counted for an earlier domain, and rows been written past us since.
    forget_counts(name)
    record(actor, "create_domain", target=name, domain=name, after=snapshot(row))
    return row


def free_domain_name(text: str) -> str:
    """Return the stored name of a new domain; raises Invalid when it cannot be one, or exists."""
    name = parse_domain(text)
    if Domain.objects.filter(domain=name).exists():
        raise Invalid.of("domain", _("This domain already exists."))
    if name == settings.MAILADMIN_VACATION_DOMAIN:
        raise Invalid.of("domain", _("This name is kept for vacation replies."))
    return name


@operation
def update_domain(
    actor: Actor,
    *,
    domain: str,
    description: str | Unset = UNSET,
    mailboxes: int | Unset = UNSET,
    aliases: int | Unset = UNSET,
    maxquota: int | Unset = UNSET,
    quota: int | Unset = UNSET,
    transport: str | Unset = UNSET,
    backupmx: bool | Unset = UNSET,
    active: bool | Unset = UNSET,
) -> Domain:
    """Change a domain; what is left out stays. Units as in create_domain; a limit below the present use is accepted.

    Raises NotFound, NotAllowed and Invalid.
    """
    row = lock_domain(actor, domain)
    require(actor, Permission.DOMAIN_UPDATE)
    before = snapshot(row)
    _set_details(row, description, transport)
    _set_limits(row, mailboxes=mailboxes, aliases=aliases, maxquota=maxquota, quota=quota)
    row.backupmx = row.backupmx if isinstance(backupmx, Unset) else backupmx
    row.active = row.active if isinstance(active, Unset) else active
    after = snapshot(row)
    if after != before:
        row.modified = timezone.now()
        row.save(force_update=True)
        record(actor, "edit_domain", target=row.domain, domain=row.domain, before=before, after=after)
    return row


def set_domain_active(actor: Actor, *, domain: str, active: bool) -> Domain:
    """Switch a domain on or off; off stops its mail, its aliases and its users' sign-in."""
    return update_domain(actor, domain=domain, active=active)


@operation
def delete_domain(
    actor: Actor, *, domain: str, clean_references: bool = True, step: Callable[[int], None] | None = None
) -> int:
    """Delete a domain with its mailboxes, aliases, alias domains, grants and keys; all or nothing.

    `clean_references` also takes its addresses out of other domains' aliases. History stays. `step` is told after each
    batch how many mailboxes and aliases are deleted. Returns how many those were. Raises NotFound and NotAllowed.
    """
    require(actor, Permission.DOMAIN_DELETE)
    pointing = aliases_pointing_into(existing_domain_key(domain)) if clean_references else []
    row = lock_domain(actor, domain, also=[alias.domain for alias in pointing])
    name = row.domain
    mailboxes = _delete_mailboxes(name, step)
    aliases = _delete_aliases(name, mailboxes, step)
    before = snapshot(row) | {
        "alias_domains": [str(alias_domain.alias_domain) for alias_domain in alias_domains_of(name)],
        "admins": sorted(DomainAdmin.objects.filter(domain=name).values_list("username", flat=True)),
        "deleted_mailboxes": mailboxes,
        "deleted_aliases": aliases,
    }
    pointing = aliases_pointing_into(name) if clean_references else []
    after = remove_references(pointing, lambda target: target.endswith(f"@{name}"))
    alias_domains_of(name).delete()
    DomainAdmin.objects.filter(domain=name).delete()
    keys = list(Dkim.objects.filter(domain_name=name).values_list("id", flat=True))
    DkimSigning.objects.filter(Q(author=name) | Q(dkim_id__in=keys)).delete()
    Dkim.objects.filter(id__in=keys).delete()
    DomainRules.objects.filter(domain=name).delete()
    DomainGuard.objects.filter(domain=name).delete()
    row.delete()
    record(actor, "delete_domain", target=name, domain=name, before=before, after=after)
    return mailboxes + aliases


def alias_domains_of(name: str) -> QuerySet[AliasDomain]:
    """Return the alias domains that end with this domain: those at it and those that point to it."""
    return AliasDomain.objects.filter(Q(alias_domain=name) | Q(target_domain=name))


def _delete_mailboxes(name: str, step: Callable[[int], None] | None) -> int:
    done = 0
    rows = Mailbox.objects.filter(domain=name).only("username", "maildir", "domain", "quota")
    for batch in in_batches(in_key_order(rows)):
        done += delete_mailbox_rows(batch)
        if step is not None:
            step(done)
    return done


def _delete_aliases(name: str, before: int, step: Callable[[int], None] | None) -> int:
    """Delete what aliases are left; returns how many. `before` are the rows that were deleted before them."""
    done = 0
    for batch in in_batches(in_key_order(Alias.objects.filter(domain=name).only("address"))):
        delete_alias_rows([alias.address for alias in batch])
        done += len(batch)
        if step is not None:
            step(before + done)
    return done


def _set_details(row: Domain, description: str | Unset, transport: str | Unset) -> None:
    if not isinstance(description, Unset):
        row.description = check_line(description, "description")
    if not isinstance(transport, Unset) and transport != row.transport:
        row.transport = check_line(transport, "transport")
        if not _TRANSPORT.match(row.transport):
            raise Invalid.of("transport", _("Enter a transport such as virtual, relay or smtp:[mail.example.com]."))


def _set_limits(
    row: Domain,
    *,
    mailboxes: int | Unset,
    aliases: int | Unset,
    maxquota: int | Unset,
    quota: int | Unset,
) -> None:
    largest = MAX_BYTES // settings.MAILADMIN_QUOTA_MULTIPLIER
    if not isinstance(mailboxes, Unset):
        row.mailboxes = check_count(mailboxes, "mailboxes")
    if not isinstance(aliases, Unset):
        row.aliases = check_count(aliases, "aliases")
    if not isinstance(maxquota, Unset):
        row.maxquota = check_count(maxquota, "maxquota", largest=largest)
    if not isinstance(quota, Unset):
        row.quota = check_count(quota, "quota", largest=largest)


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


@operation
def grant_domain(actor: Actor, *, username: str, domain: str) -> None:
    """Make an admin responsible for a domain. Raises NotFound and NotAllowed; granting twice changes nothing."""
    require(actor, Permission.ADMIN_MANAGE)
    take_admin_guard()
    name = _managed_name(actor, domain)
    admin = _managed_admin(actor, username)
    if not DomainAdmin.objects.filter(username=admin, domain=name, active=True).exists():
        add_grants(admin, [name])
        record(actor, "edit_admin", target=admin, domain=name, before={"granted": False}, after={"granted": True})


@operation
def revoke_domain(actor: Actor, *, username: str, domain: str) -> None:
    """Take a domain away from an admin. Raises NotFound and NotAllowed."""
    require(actor, Permission.ADMIN_MANAGE)
    take_admin_guard()
    name = _managed_name(actor, domain)
    admin = _managed_admin(actor, username)
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
