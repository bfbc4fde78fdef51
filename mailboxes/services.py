"""Every change of a mailbox itself; its password, forwarding and vacation have files of their own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from aliases.models import Alias
from aliases.references import References, refers_to
from aliases.targets import aliases_pointing_at, targets_in_use
from domains.guard import add_to_counts, lock_domain
from domains.models import Domain
from mailadmin.accounts.passwords import new_hash
from mailadmin.accounts.recovery_address import parse_recovery_address, tell_of_change
from mailadmin.audit.services import Recorded, record, record_all, snapshot
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import parse_mailbox_local_part
from mailadmin.core.batches import in_batches
from mailadmin.core.errors import Invalid
from mailadmin.core.limits import MAX_BYTES
from mailadmin.core.operation import UNSET, Unset, operation
from mailadmin.core.permissions import Permission, require
from mailadmin.core.texts import check_line
from mailboxes.alias_rows import write_alias_rows
from mailboxes.creation import chosen_maildir, clear_leftovers, free_mailbox_address, free_maildir
from mailboxes.credentials import challenge_credentials, store_credentials
from mailboxes.deletion import delete_mailbox_rows, pointing_in_scope
from mailboxes.guard import existing_address_key, lock_mailbox, managed_in_order
from mailboxes.limit import check_mailbox_limit
from mailboxes.models import Mailbox
from mailboxes.password_expiry import password_end
from mailboxes.passwords import remember_passwords
from mailboxes.quota import NO_STORAGE, QuotaBudget, check_quota, default_quota


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
    email_other: str = "",
) -> Mailbox:
    """Create a mailbox with its alias row.

    `quota` is in bytes: 0 unlimited, -1 none, None the largest allowed; `email_other` the recovery address.
    Raises NotFound, NotAllowed, Invalid and LimitReached.
    """
    require(actor, Permission.MAILBOX_CREATE)
    # Cheap mistakes are told before the hash is made, and before anybody waits for the domain.
    username = f"{parse_mailbox_local_part(local_part)}@{domain}"
    stored = new_hash(password, username=username, name=name)
    return _create_mailbox(
        actor,
        local_part=local_part,
        domain=domain,
        stored=stored,
        credentials=challenge_credentials(password, username),
        name=name,
        quota=quota,
        active=active,
        smtp_active=smtp_active,
        email_other=email_other,
    )


def create_mailbox_with_hash(
    actor: Actor,
    *,
    local_part: str,
    domain: str,
    stored: str,
    credentials: Mapping[str, str] | None = None,
    maildir: str,
    quota: int,
    active: bool,
) -> Mailbox:
    """Create a mailbox that another system had, with its password as stored here and its own maildir.

    `maildir` is relative to the mail base, with a slash at its end; `credentials` are what challenge_credentials makes
    of the password, where it is known. The rest as in create_mailbox; the policy of new passwords is not asked.
    Raises NotFound, NotAllowed, Invalid and LimitReached.
    """
    # A path may lead to anybody's old mail: whose it is, only who may do everything can say.
    require(actor, Permission.ADMIN_MANAGE)
    return _create_mailbox(
        actor,
        local_part=local_part,
        domain=domain,
        stored=stored,
        credentials=credentials,
        name="",
        quota=quota,
        active=active,
        smtp_active=True,
        maildir=maildir,
    )


@operation
def _create_mailbox(
    actor: Actor,
    *,
    local_part: str,
    domain: str,
    stored: str,
    credentials: Mapping[str, str] | None = None,
    name: str,
    quota: int | None,
    active: bool,
    smtp_active: bool,
    maildir: str = "",
    email_other: str = "",
) -> Mailbox:
    owner = lock_domain(actor, domain)
    address = free_mailbox_address(local_part, owner.domain)
    check_mailbox_limit(owner)
    wanted = default_quota(owner) if quota is None else _check_bytes(quota)
    check_quota(owner, wanted, username=str(address))
    now = timezone.now()
    used_before = clear_leftovers(address)
    row = Mailbox(
        username=str(address),
        password=stored,
        name=check_line(name, "name"),
        maildir=chosen_maildir(maildir) if maildir else free_maildir(address, used_before=used_before),
        quota=wanted,
        local_part=address.local_part,
        domain=address.domain,
        created=now,
        modified=now,
        active=active,
        smtp_active=smtp_active,
        email_other=parse_recovery_address(email_other, str(address)),
        password_expiry=password_end(owner),
    )
    row.save(force_insert=True)
    remember_passwords(row, [stored])
    if credentials:
        store_credentials(row, credentials)
    write_alias_rows([row])
    add_to_counts(row.domain, mailboxes=1, promised=max(row.quota, 0))
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
    email_other: str | Unset = UNSET,
) -> Mailbox:
    """Change a mailbox; what is left out stays, and a quota that stays is not judged again.

    The recovery address of before, `email_other`, is told that it is no longer.

    Raises NotFound, NotAllowed, Invalid and LimitReached.
    """
    return _change_mailbox(
        actor,
        "edit_mailbox",
        username,
        name=name,
        quota=quota,
        smtp_active=smtp_active,
        active=active,
        email_other=email_other,
    )


@operation
def set_mailbox_active(actor: Actor, *, username: str, active: bool) -> Mailbox:
    """Switch a mailbox on or off; off, it neither receives nor signs in."""
    return _change_mailbox(actor, "edit_mailbox_state", username, active=active)


@operation
def delete_mailbox(actor: Actor, *, username: str, clean_references: bool = True) -> None:
    """Delete a mailbox with its alias row, vacation, use and sign-in identity.

    `clean_references` also takes its address out of the aliases that the actor manages. Raises NotFound and NotAllowed.
    """
    require(actor, Permission.MAILBOX_DELETE)
    key = existing_address_key(username)
    pointing = pointing_in_scope(actor, key) if clean_references else []
    row, _domain = lock_mailbox(actor, username, also=[alias.domain for alias in pointing])
    _delete_mailboxes(actor, [row], clean_references=clean_references)


def _delete_mailboxes(actor: Actor, rows: Sequence[Mailbox], *, clean_references: bool) -> None:
    """Delete mailboxes under the guards of their domain and of the aliases' that point at them."""
    names = [row.username for row in rows]
    before = [snapshot(row) for row in rows]
    delete_mailbox_rows(rows)
    references = References(pointing_in_scope(actor, *names) if clean_references else [])
    events = []
    for row, values in zip(rows, before, strict=True):
        after = references.remove(references.pointing_at(row.username), refers_to(row.username))
        events.append(Recorded(target=row.username, domain=row.domain, before=values, after=after))
    references.write()
    record_all(actor, "delete_mailbox", events)


@operation
def change_mailboxes(
    actor: Actor,
    *,
    domain: str,
    usernames: Iterable[str],
    active: bool | Unset = UNSET,
    quota: int | Unset = UNSET,
    step: Callable[[int], None] | None = None,
) -> int:
    """Change many mailboxes of one domain, all or none, in the order given; returns how many were not so already.

    `step` is told after each batch how many are done. Raises as update_mailbox does.
    """
    require(actor, Permission.MAILBOX_UPDATE)
    owner = lock_domain(actor, domain)
    action = "edit_mailbox_state" if isinstance(quota, Unset) else "edit_mailbox"
    done = changed = 0
    for rows in managed_in_order(actor, owner, usernames):
        changed += _write_changes(actor, action, owner, rows, quota=quota, active=active)
        done += len(rows)
        if step is not None:
            step(done)
    return changed


@operation
def delete_mailboxes(
    actor: Actor,
    *,
    domain: str,
    usernames: Iterable[str],
    clean_references: bool = True,
    step: Callable[[int], None] | None = None,
) -> int:
    """Delete many mailboxes of one domain, all or none, each as delete_mailbox does; returns how many."""
    require(actor, Permission.MAILBOX_DELETE)
    names = list(usernames)
    also: set[str] = set()
    if clean_references:
        for batch in in_batches(names):
            also |= {alias.domain for alias in aliases_pointing_at(sorted(targets_in_use(batch)))}
        also &= set(Alias.objects.managed_by(actor).filter(domain__in=also).values_list("domain", flat=True))
    owner = lock_domain(actor, domain, also=also)
    done = 0
    for rows in managed_in_order(actor, owner, names):
        _delete_mailboxes(actor, rows, clean_references=clean_references)
        done += len(rows)
        if step is not None:
            step(done)
    return done


def _change_mailbox(actor: Actor, action: str, username: str, **values: Any) -> Mailbox:
    """Change a mailbox; the values are those of update_mailbox."""
    require(actor, Permission.MAILBOX_UPDATE)
    row, domain = lock_mailbox(actor, username)
    before, other = row.email_other, values.get("email_other", UNSET)
    if not isinstance(other, Unset):
        values["email_other"] = parse_recovery_address(other, row.username)
    _write_changes(actor, action, domain, [row], **values)
    if row.email_other != before:
        tell_of_change(row, before)
    return row


def _write_changes(actor: Actor, action: str, domain: Domain, rows: Sequence[Mailbox], **values: Any) -> int:
    """Give mailboxes of the domain, whose guard is held, the same new values; returns how many were not so already."""
    values = {column: value for column, value in values.items() if not isinstance(value, Unset)}
    if "name" in values:
        values["name"] = check_line(values["name"], "name")
    if "quota" in values:
        _check_quotas(domain, rows, values["quota"])
    before = [snapshot(row) for row in rows]
    promised = _promised_by(rows)
    for row in rows:
        for column, value in values.items():
            setattr(row, column, value)
    repaired = write_alias_rows(rows)
    events = [
        Recorded(
            target=row.username,
            domain=row.domain,
            before=old,
            after=snapshot(row) | ({"alias": "repaired"} if row.username in repaired else {}),
        )
        for row, old in zip(rows, before, strict=True)
    ]
    events = [event for event in events if event.after != event.before]
    if events:
        now = timezone.now()
        changed = {event.target for event in events}
        Mailbox.objects.filter(username__in=changed).update(**values, modified=now)
        add_to_counts(domain.domain, promised=_promised_by(rows) - promised)
        for row in rows:
            row.modified = now if row.username in changed else row.modified
        record_all(actor, action, events)
    return len(events)


def _check_quotas(domain: Domain, rows: Sequence[Mailbox], quota: int) -> None:
    """Raise unless each of the rows in turn may have the quota; one that stays is not judged again."""
    budget = QuotaBudget(domain)
    for row in rows:
        if quota != row.quota:
            _check_bytes(quota)
            budget.change(row, quota)


def _promised_by(rows: Sequence[Mailbox]) -> int:
    return sum(max(row.quota, 0) for row in rows)


def _check_bytes(quota: int) -> int:
    if not NO_STORAGE <= quota <= MAX_BYTES:
        raise Invalid.of("quota", _("This size is too large."))
    return quota
