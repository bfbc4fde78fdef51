"""Every change of a mailbox."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aliases.models import Alias
from aliases.references import References, refers_to
from aliases.services import check_address_is_free
from aliases.targets import aliases_pointing_at, targets_in_use, write_targets
from domains.guard import add_to_counts, lock_domain
from domains.models import Domain
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.links import mailbox_login, void_links
from mailadmin.accounts.models import Account
from mailadmin.accounts.password_history import remember
from mailadmin.accounts.passwords import domain_policy, new_hash
from mailadmin.accounts.recovery_address import parse_recovery_address, tell_of_change
from mailadmin.audit.services import PASSWORD_AFTER, PASSWORD_BEFORE, Recorded, record, record_all, snapshot
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import MAX_ADDRESS, EmailAddress, parse_mailbox_local_part
from mailadmin.core.batches import in_batches
from mailadmin.core.errors import Invalid, LimitReached
from mailadmin.core.limits import MAX_BYTES
from mailadmin.core.operation import UNSET, Unset, operation
from mailadmin.core.permissions import Permission, require
from mailadmin.core.texts import check_line, who_can_raise
from mailboxes.app_passwords import delete_app_passwords
from mailboxes.credentials import challenge_credentials, store_credentials
from mailboxes.deletion import delete_belongings, delete_mailbox_rows, has_belongings, pointing_in_scope
from mailboxes.guard import existing_address_key, lock_mailbox, managed_in_order
from mailboxes.models import DeletedMaildir, Mailbox
from mailboxes.password_expiry import password_end
from mailboxes.quota import NO_STORAGE, QuotaBudget, check_quota, default_quota
from mailboxes.vacation_entry import with_entry


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
    _check_mailbox_limit(owner)
    wanted = default_quota(owner) if quota is None else _check_bytes(quota)
    check_quota(owner, wanted, username=str(address))
    now = timezone.now()
    used_before = _clear_leftovers(address)
    row = Mailbox(
        username=str(address),
        password=stored,
        name=check_line(name, "name"),
        maildir=_own_maildir(maildir) if maildir else _free_maildir(address, used_before=used_before),
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
    _remember(row, [stored])
    if credentials:
        store_credentials(row, credentials)
    _write_own_aliases([row])
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


def set_mailbox_password(actor: Actor, *, username: str, password: str) -> Mailbox:
    """Give a mailbox a new password, which ends its owner's sessions. Raises NotFound, NotAllowed and Invalid."""
    require(actor, Permission.MAILBOX_UPDATE)
    name = Mailbox.objects.managed_by(actor).filter(username=username).values_list("name", flat=True).first() or ""
    stored = new_hash(password, username=username, name=name)
    credentials = challenge_credentials(password, username)
    return store_mailbox_password(actor, username=username, stored=stored, credentials=credentials)


@operation
def store_mailbox_password(
    actor: Actor,
    *,
    username: str,
    stored: str,
    credentials: Mapping[str, str] | None = None,
    expected: str | None = None,
    is_intrusion: bool = False,
) -> Mailbox:
    """Write a password hash, and the challenge credentials made from the same password.

    With `expected`, only while that is still the hash in the row. After an intrusion app passwords and links go too.
    """
    row, domain = lock_mailbox(actor, username)
    if expected is not None and row.password != expected:
        raise Invalid.of("current", _("The password was changed meanwhile. Sign in again."))
    _remember(row, [row.password, stored])
    row.password = stored
    row.password_expiry = password_end(domain)
    row.token, row.token_validity = "", None
    row.modified = timezone.now()
    row.save(update_fields=["password", "password_expiry", "token", "token_validity", "modified"])
    store_credentials(row, credentials)
    if actor.is_user:
        # Whoever was asked for a new password has chosen one.
        Account.objects.filter(login=mailbox_login(row.username)).update(must_change_password=False)
    revoked: dict[str, Any] = {}
    if is_intrusion:
        revoked = {"revoked_app_passwords": delete_app_passwords(row)}
        void_links(mailbox_login(row.username))
    record(
        actor,
        "report_intrusion" if is_intrusion else "edit_password",
        target=row.username,
        domain=row.domain,
        before=PASSWORD_BEFORE,
        after=PASSWORD_AFTER | revoked,
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
    email_other: str | Unset = UNSET,
) -> Mailbox:
    require(actor, Permission.MAILBOX_UPDATE)
    row, domain = lock_mailbox(actor, username)
    before = row.email_other
    values: dict[str, Any] = {"name": name, "quota": quota, "smtp_active": smtp_active, "active": active}
    if not isinstance(email_other, Unset):
        values["email_other"] = parse_recovery_address(email_other, row.username)
    _write_changes(actor, action, domain, [row], **values)
    if row.email_other != before:
        tell_of_change(row, before)
    return row


def _write_changes(
    actor: Actor,
    action: str,
    domain: Domain,
    rows: Sequence[Mailbox],
    *,
    name: str | Unset = UNSET,
    quota: int | Unset = UNSET,
    smtp_active: bool | Unset = UNSET,
    active: bool | Unset = UNSET,
    email_other: str | Unset = UNSET,
) -> int:
    """Give mailboxes of the domain, whose guard is held, the same new values; returns how many were not so already."""
    values: dict[str, Any] = {"name": name, "quota": quota, "smtp_active": smtp_active, "active": active}
    values["email_other"] = email_other
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
    repaired = _write_own_aliases(rows)
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


def _write_own_aliases(rows: Sequence[Mailbox]) -> set[str]:
    """Give mailboxes their alias rows, or make those follow the switches; returns whose were missing."""
    now = timezone.now()
    own = Alias.objects.filter(address__in=[row.username for row in rows])
    known = dict(own.values_list("address", "active"))
    for active in (True, False):
        turned = [row.username for row in rows if row.active == active and known.get(row.username) is (not active)]
        if turned:
            Alias.objects.filter(address__in=turned).update(active=active, modified=now)
    missing = [row for row in rows if row.username not in known]
    for row in missing:
        alias = Alias(
            address=row.username,
            goto=",".join(with_entry(row.username, [row.username])),
            domain=row.domain,
            active=row.active,
            created=now,
            modified=now,
            description="",
        )
        alias.save(force_insert=True)
        write_targets(alias.address, alias.goto)
    return {row.username for row in missing}


def free_mailbox_address(local_part: str, domain: str) -> EmailAddress:
    """Return the address that a new mailbox of the domain would have; raises Invalid when it cannot be or is taken."""
    address = EmailAddress(parse_mailbox_local_part(local_part), domain)
    if len(str(address)) > MAX_ADDRESS:
        raise Invalid.of("local_part", _("An address can have at most %d characters.") % MAX_ADDRESS)
    check_address_is_free(str(address), "local_part")
    return address


def _check_mailbox_limit(domain: Domain) -> None:
    limit = domain.mailbox_limit
    if limit.is_unlimited:
        return
    if limit.is_none:
        text = _("%s may have no mailboxes.") % domain.readable
        raise LimitReached("local_part", limit="mailboxes", text=f"{text} {who_can_raise()}")
    used = count_mailboxes([domain.domain]).get(domain.domain, 0)
    if not limit.allows(used + 1):
        text = ngettext(
            "%(used)d of %(limit)s mailbox is in use in %(domain)s.",
            "%(used)d of %(limit)s mailboxes are in use in %(domain)s.",
            limit.allowed,
        ) % {
            "used": used,
            "limit": limit,
            "domain": domain.readable,
        }
        raise LimitReached("local_part", limit="mailboxes", text=f"{text} {who_can_raise()}")


def _check_bytes(quota: int) -> int:
    if not NO_STORAGE <= quota <= MAX_BYTES:
        raise Invalid.of("quota", _("This size is too large."))
    return quota


def _remember(row: Mailbox, stored: list[str]) -> None:
    """Remember passwords of the mailbox, as many as the rules of its domain ask for."""
    # In its row there is no fraction of a second.
    created = row.created.replace(microsecond=0) if row.created else None
    last = domain_policy(row.domain).history
    remember(AccountKind.MAILBOX, row.username, created, stored, last=last)


def _clear_leftovers(address: EmailAddress) -> bool:
    """Delete what a mailbox of this name left when another program deleted it; returns whether there was anything."""
    name = str(address)
    if not has_belongings(name, address.domain):
        return False
    delete_belongings([name])
    return True


def _own_maildir(path: str) -> str:
    """Return a maildir that was chosen elsewhere; raises Invalid where it is somebody's, or no plain path below."""
    check_line(path, "maildir")
    names = path.removesuffix("/").split("/")
    if not path.endswith("/") or any(name in ("", ".", "..") for name in names):
        raise Invalid.of("maildir", _("This is not a path below the mail base."))
    if Mailbox.objects.filter(maildir=path).exists():
        raise Invalid.of("maildir", _("Another mailbox keeps its mail there."))
    return path


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
