"""Every change of a mailbox."""

import datetime as dt

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from aliases.models import Alias
from aliases.references import refers_to, remove_references
from aliases.services import check_address_is_free
from aliases.targets import write_targets
from domains.guard import lock_domain
from domains.models import Domain
from mailadmin.accounts.passwords import new_hash
from mailadmin.audit.services import PASSWORD_AFTER, PASSWORD_BEFORE, record, snapshot
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import MAX_ADDRESS, EmailAddress, parse_mailbox_local_part
from mailadmin.core.errors import Invalid, LimitReached
from mailadmin.core.limits import MAX_BYTES
from mailadmin.core.operation import UNSET, Unset, operation
from mailadmin.core.permissions import Permission, require
from mailadmin.core.texts import check_line, who_can_raise
from mailboxes.deletion import delete_belongings, delete_mailbox_rows, has_belongings, pointing_in_scope
from mailboxes.guard import existing_address_key, lock_mailbox
from mailboxes.models import DeletedMaildir, Mailbox
from mailboxes.quota import NO_STORAGE, check_quota, default_quota

PASSWORD_DAYS = 365
"""Validity that PostfixAdmin writes where the domain sets none."""


def create_mailbox(
    actor: Actor,
    *,
    local_part: str,
    domain: str,
    password: str,
    name: str = "",
    quota: int | None = None,
    active: bool = True,
    smtp_active: bool = True,
) -> Mailbox:
    """Create a mailbox with its alias row.

    `quota` is in bytes: 0 unlimited, -1 none, None the largest allowed.
    Raises NotFound, NotAllowed, Invalid and LimitReached.
    """
    require(actor, Permission.MAILBOX_CREATE)
    # Cheap mistakes are told before the hash is made, and before anybody waits for the domain.
    username = f"{parse_mailbox_local_part(local_part)}@{domain}"
    stored = new_hash(password, username=username)
    return _create_mailbox(
        actor,
        local_part=local_part,
        domain=domain,
        stored=stored,
        name=name,
        quota=quota,
        active=active,
        smtp_active=smtp_active,
    )


@operation
def _create_mailbox(
    actor: Actor,
    *,
    local_part: str,
    domain: str,
    stored: str,
    name: str,
    quota: int | None,
    active: bool,
    smtp_active: bool,
) -> Mailbox:
    owner = lock_domain(actor, domain)
    address = EmailAddress(parse_mailbox_local_part(local_part), owner.domain)
    if len(str(address)) > MAX_ADDRESS:
        raise Invalid.of("local_part", _("An address can have at most %d characters.") % MAX_ADDRESS)
    check_address_is_free(str(address), "local_part")
    _check_mailbox_limit(owner)
    wanted = default_quota(owner) if quota is None else _check_bytes(quota)
    check_quota(owner, wanted, username=str(address))
    now = timezone.now()
    row = Mailbox(
        username=str(address),
        password=stored,
        name=check_line(name, "name"),
        maildir=_free_maildir(address, used_before=_clear_leftovers(address)),
        quota=wanted,
        local_part=address.local_part,
        domain=address.domain,
        created=now,
        modified=now,
        active=active,
        smtp_active=smtp_active,
        password_expiry=_password_expiry(owner),
    )
    row.save(force_insert=True)
    _write_own_alias(row)
    record(actor, "create_mailbox", target=row.username, domain=row.domain, after=snapshot(row))
    return row


@operation
def update_mailbox(
    actor: Actor,
    *,
    username: str,
    name: str | Unset = UNSET,
    quota: int | Unset = UNSET,
    smtp_active: bool | Unset = UNSET,
    active: bool | Unset = UNSET,
) -> Mailbox:
    """Change a mailbox; what is left out stays, and a quota that stays is not judged again.

    Raises NotFound, NotAllowed, Invalid and LimitReached.
    """
    return _change_mailbox(
        actor, "edit_mailbox", username, name=name, quota=quota, smtp_active=smtp_active, active=active
    )


@operation
def set_mailbox_active(actor: Actor, *, username: str, active: bool) -> Mailbox:
    """Switch a mailbox on or off; off, it neither receives nor signs in."""
    return _change_mailbox(actor, "edit_mailbox_state", username, active=active)


def set_mailbox_password(actor: Actor, *, username: str, password: str) -> Mailbox:
    """Give a mailbox a new password, which ends its owner's sessions. Raises NotFound, NotAllowed and Invalid."""
    require(actor, Permission.MAILBOX_UPDATE)
    return store_mailbox_password(actor, username=username, stored=new_hash(password, username=username))


@operation
def store_mailbox_password(actor: Actor, *, username: str, stored: str, expected: str | None = None) -> Mailbox:
    """Write a password hash; with `expected`, only while that is still the one in the row."""
    row, domain = lock_mailbox(actor, username)
    if expected is not None and row.password != expected:
        raise Invalid.of("current", _("The password was changed meanwhile. Sign in again."))
    row.password = stored
    row.password_expiry = _password_expiry(domain)
    row.token, row.token_validity = "", None
    row.modified = timezone.now()
    row.save(update_fields=["password", "password_expiry", "token", "token_validity", "modified"])
    record(
        actor,
        "edit_password",
        target=row.username,
        domain=row.domain,
        before=PASSWORD_BEFORE,
        after=PASSWORD_AFTER,
    )
    return row


@operation
def delete_mailbox(actor: Actor, *, username: str, clean_references: bool = True) -> None:
    """Delete a mailbox with its alias row, vacation, use and sign-in identity.

    `clean_references` also takes its address out of the aliases that the actor manages. Raises NotFound and NotAllowed.
    """
    require(actor, Permission.MAILBOX_DELETE)
    key = existing_address_key(username)
    pointing = pointing_in_scope(actor, key) if clean_references else []
    row, _domain = lock_mailbox(actor, username, also=[alias.domain for alias in pointing])
    before = snapshot(row)
    delete_mailbox_rows(Mailbox.objects.filter(username=row.username))
    after = remove_references(pointing_in_scope(actor, key) if clean_references else [], refers_to(key))
    record(actor, "delete_mailbox", target=key, domain=row.domain, before=before, after=after)


def count_mailboxes(names: list[str]) -> dict[str, int]:
    """Return the number of mailboxes of each of the domains."""
    rows = Mailbox.objects.filter(domain__in=names).values_list("domain").annotate(n=Count("username"))
    return dict(rows.order_by())


def _change_mailbox(
    actor: Actor,
    action: str,
    username: str,
    *,
    name: str | Unset = UNSET,
    quota: int | Unset = UNSET,
    smtp_active: bool | Unset = UNSET,
    active: bool | Unset = UNSET,
) -> Mailbox:
    require(actor, Permission.MAILBOX_UPDATE)
    row, domain = lock_mailbox(actor, username)
    before = snapshot(row)
    if not isinstance(name, Unset):
        row.name = check_line(name, "name")
    if not isinstance(quota, Unset) and quota != row.quota:
        row.quota = _check_bytes(quota)
        check_quota(domain, row.quota, username=row.username)
    row.smtp_active = row.smtp_active if isinstance(smtp_active, Unset) else smtp_active
    row.active = row.active if isinstance(active, Unset) else active
    after = snapshot(row)
    repaired = _write_own_alias(row)
    if after != before or repaired:
        row.modified = timezone.now()
        row.save(force_update=True)
        note = {"alias": "repaired"} if repaired else {}
        record(actor, action, target=row.username, domain=row.domain, before=before, after=after | note)
    return row


def _write_own_alias(row: Mailbox) -> bool:
    """Give the mailbox its alias row, or make that follow its switch; returns whether a missing one was added."""
    now = timezone.now()
    own = Alias.objects.filter(address=row.username)
    known = own.values_list("active", flat=True).first()
    if known is not None:
        if known != row.active:
            own.update(active=row.active, modified=now)
        return False
    alias = Alias(
        address=row.username,
        goto=row.username,
        domain=row.domain,
        active=row.active,
        created=now,
        modified=now,
        description="",
    )
    alias.save(force_insert=True)
    write_targets(alias.address, alias.goto)
    return True


def _check_mailbox_limit(domain: Domain) -> None:
    limit = domain.mailbox_limit
    if limit.is_unlimited:
        return
    if limit.is_none:
        text = _("%s may have no mailboxes.") % domain.readable
        raise LimitReached("local_part", limit="mailboxes", text=f"{text} {who_can_raise()}")
    used = count_mailboxes([domain.domain]).get(domain.domain, 0)
    if not limit.allows(used + 1):
        text = _("%(used)d of %(limit)s mailboxes are in use in %(domain)s.") % {
            "used": used,
            "limit": limit,
            "domain": domain.readable,
        }
        raise LimitReached("local_part", limit="mailboxes", text=f"{text} {who_can_raise()}")


def _check_bytes(quota: int) -> int:
    if not NO_STORAGE <= quota <= MAX_BYTES:
        raise Invalid.of("quota", _("This size is too large."))
    return quota


def _password_expiry(domain: Domain) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=domain.password_expiry or PASSWORD_DAYS)


def _clear_leftovers(address: EmailAddress) -> bool:
    """Delete what a mailbox of this name left when another program deleted it; returns whether there was anything."""
    name = str(address)
    if not has_belongings(name, address.domain):
        return False
    delete_belongings([name])
    return True


def _free_maildir(address: EmailAddress, *, used_before: bool) -> str:
    """Return the maildir of a new mailbox: `domain/local/`, or a fresh path where a deleted one kept its mail.

    No local part has an "@", so that `anna@2` cannot be the directory of another mailbox.
    """
    path = f"{address.domain}/{address.local_part}"
    taken = set(DeletedMaildir.objects.filter(username=str(address)).values_list("maildir", flat=True))
    number = 2
    free = f"{path}@{number}/" if used_before else f"{path}/"
    while free in taken or Mailbox.objects.filter(domain=address.domain, maildir=free).exists():
        free = f"{path}@{number}/"
        number += 1
    return free
