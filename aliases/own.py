"""Aliases that the owners of mailboxes make for themselves, where the domain lets them: so many, each leads home.

Reserved names, those of deleted mailboxes and the number bind the owners, not admins; the domain's limit binds all.
"""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aliases.creation import free_alias_address
from aliases.goto import goto_of
from aliases.limit import check_alias_limit
from aliases.models import Alias, OwnAlias
from aliases.owned import belongs, is_of, own_aliases_of
from aliases.references import count_deleted, delete_alias_rows
from aliases.targets import write_targets
from domains.guard import add_to_counts
from domains.models import DomainRules
from domains.rules import rules_of, who_set
from mailadmin.audit.services import record, snapshot
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import EmailAddress, parse_mailbox_local_part, readable_domain
from mailadmin.core.errors import Invalid, LimitReached, NotFound
from mailadmin.core.operation import UNSET, Unset, operation
from mailadmin.core.permissions import Permission, require
from mailadmin.core.texts import check_line
from mailboxes.guard import existing_address_key, lock_mailbox
from mailboxes.models import DeletedMaildir, Mailbox

RESERVED_NAMES = """
abuse admin administrator all autoconfig autodiscover billing contact daemon dmarc dns everybody everyone ftp helpdesk
hostmaster info it list listmaster mail mailer-daemon majordomo marketing news no-reply nobody noc noreply office
operator owner postmaster press privacy root sales security ssladmin ssladministrator sslwebmaster staff support
sysadmin system team tls-reports tlsrpt usenet uucp vmail webmaster www
"""
RESERVED = frozenset(RESERVED_NAMES.split())
"""RFC 2142, and what programs, certificate authorities and robots write to or send from."""


@operation
def create_own_alias(
    actor: Actor, *, username: str, local_part: str, description: str = "", ends: dt.datetime | None = None
) -> Alias:
    """Create an alias of the mailbox's domain that leads to the mailbox, until `ends` where that is given.

    Raises NotFound, NotAllowed, LimitReached, and Invalid for a name that is in use, reserved, or was somebody's.
    """
    require(actor, Permission.OWN_ALIAS_MANAGE)
    mailbox, domain = lock_mailbox(actor, username)
    if actor.is_user:
        _check_own_limit(mailbox)
    address = str(free_own_address(actor, mailbox, local_part))
    check_alias_limit(domain)
    now = timezone.now().replace(microsecond=0)
    row = Alias(
        address=address,
        domain=mailbox.domain,
        goto=goto_of(address, [mailbox.username], known=()),
        description=check_line(description, "description"),
        created=now,
        modified=now,
    )
    row.save(force_insert=True)
    write_targets(row.address, row.goto)
    # An earlier alias of the name, which another program deleted, may have left its row.
    OwnAlias.objects.filter(address=address).delete()
    own = OwnAlias(
        address=address,
        alias_created=row.created,
        owner=mailbox.username,
        owner_created=mailbox.created,
        ends=_check_end(ends, now),
    )
    own.save(force_insert=True)
    add_to_counts(row.domain, aliases=1)
    record(actor, "create_alias", target=address, domain=row.domain, after=_told(row, own))
    return row


@operation
def update_own_alias(
    actor: Actor,
    *,
    address: str,
    description: str | Unset = UNSET,
    ends: dt.datetime | Unset | None = UNSET,
    active: bool | Unset = UNSET,
) -> Alias:
    """Change an own alias; what is left out stays, None for `ends` is without end.

    Raises NotFound, NotAllowed and Invalid.
    """
    require(actor, Permission.OWN_ALIAS_MANAGE)
    mailbox, row, own = _lock_own(actor, address)
    now = timezone.now().replace(microsecond=0)
    before = _told(row, own)
    worked = _works(row, own, now)
    if not isinstance(description, Unset):
        row.description = check_line(description, "description")
    if not isinstance(ends, Unset) and ends != own.ends:
        own.ends = _check_end(ends, now)
    if not isinstance(active, Unset):
        row.active = active
    after = _told(row, own)
    if after == before:
        return row
    if actor.is_user and _works(row, own, now) and (not worked or after["ends"] != before["ends"]):
        _check_allowed(rules_of(mailbox.domain), mailbox)
    row.modified = now
    row.save(force_update=True)
    own.save(force_update=True)
    record(actor, "edit_alias", target=row.address, domain=row.domain, before=before, after=after)
    return row


@operation
def delete_own_alias(actor: Actor, *, address: str) -> None:
    """Delete an own alias. Raises NotFound and NotAllowed."""
    require(actor, Permission.OWN_ALIAS_MANAGE)
    _mailbox, row, own = _lock_own(actor, address)
    before = _told(row, own)
    delete_alias_rows([row.address])
    count_deleted([row])
    record(actor, "delete_alias", target=row.address, domain=row.domain, before=before)


def free_own_address(actor: Actor, mailbox: Mailbox, local_part: str) -> EmailAddress:
    """Return the address that a new own alias would have; raises Invalid where it cannot be."""
    name = parse_mailbox_local_part(local_part, "address")
    if actor.is_user:
        _check_name(name, mailbox.domain)
    return free_alias_address(str(EmailAddress(name, mailbox.domain)))


def own_aliases_full(mailbox: Mailbox) -> str:
    """Return why the mailbox's owner can make no further alias, and who can change that; "" while they can."""
    try:
        _check_own_limit(mailbox)
    except (Invalid, LimitReached) as error:
        return error.message
    return ""


def _lock_own(actor: Actor, address: str) -> tuple[Mailbox, Alias, OwnAlias]:
    """Return an own alias with its mailbox under the domain's guard; raises NotFound when it is not the actor's."""
    key = existing_address_key(address)
    owner = OwnAlias.objects.filter(address=key).values_list("owner", flat=True).first()
    managed = Mailbox.objects.managed_by(actor).filter(username=owner or "")
    if not managed.exists():
        raise NotFound(address)
    mailbox, _domain = lock_mailbox(actor, str(owner))
    own = OwnAlias.objects.filter(address=key).first()
    row = Alias.objects.filter(address=key).first()
    if own is None or row is None or not (is_of(own, row) and belongs(own, mailbox)):
        raise NotFound(address)
    return mailbox, row, own


def _told(row: Alias, own: OwnAlias) -> dict[str, Any]:
    return snapshot(row) | {"owner": own.owner, "ends": own.ends.isoformat() if own.ends else None}


def _works(row: Alias, own: OwnAlias, now: dt.datetime) -> bool:
    return row.active and not own.has_ended(now)


def _check_end(ends: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
    """Return the end in whole seconds: as text, which SQLite compares, a fraction would not sort."""
    if ends is None:
        return None
    if ends <= now:
        raise Invalid.of("ends", _("The end has already passed."))
    return ends.replace(microsecond=0)


def _check_own_limit(mailbox: Mailbox) -> None:
    rules = rules_of(mailbox.domain)
    _check_allowed(rules, mailbox)
    used = len(own_aliases_of(mailbox))
    if used >= rules.own_aliases:
        text = ngettext(
            "%(used)d of %(n)d own alias is in use.", "%(used)d of %(n)d own aliases are in use.", rules.own_aliases
        ) % {"used": used, "n": rules.own_aliases}
        text = f"{text} {_('Delete one that you no longer need.')} {who_set(rules.domain, rules.own_aliases_set_by)}"
        raise LimitReached("address", limit="own_aliases", text=text)


def _check_allowed(rules: DomainRules, mailbox: Mailbox) -> None:
    if not rules.own_aliases:
        text = _("People of %s make no aliases of their own.") % readable_domain(mailbox.domain)
        raise Invalid.of("address", f"{text} {who_set(rules.domain, rules.own_aliases_set_by)}")


def _check_name(name: str, domain: str) -> None:
    """Raise Invalid for a name by which the owner would get mail that is meant for somebody else."""
    if name in RESERVED:
        raise Invalid.of("address", _("“%s” is kept for the people who run the domain. Choose another name.") % name)
    if DeletedMaildir.objects.filter(username=f"{name}@{domain}").exists():
        raise Invalid.of("address", _("This address was somebody's mailbox. An admin can give it to you."))
