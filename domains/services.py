"""Every change of a domain itself; its rules, its alias domains and its admins have files of their own."""

import re
from collections.abc import Callable

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from aliases.models import Alias
from aliases.references import delete_alias_rows, remove_references
from aliases.targets import aliases_pointing_into
from domains.guard import existing_domain_key, forget_counts, lock_domain, take_guard
from domains.models import AliasDomain, Dkim, DkimSigning, Domain, DomainAdmin, DomainGuard, DomainRules
from mailadmin.audit.services import begin_history, record, snapshot
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import parse_domain
from mailadmin.core.batches import in_batches, in_key_order
from mailadmin.core.errors import Invalid
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
