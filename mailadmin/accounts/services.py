"""Every change of an admin, and everybody's own password."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from domains.grants import add_grants
from domains.guard import take_admin_guard
from domains.models import ALL_DOMAINS, Domain, DomainAdmin
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.links import void_links, void_links_made_by
from mailadmin.accounts.models import Account, Admin, AdminPreference, OneTimeLink, TotpException
from mailadmin.accounts.password_history import forget, remember
from mailadmin.accounts.passwords import new_hash, policy_of
from mailadmin.audit.services import PASSWORD_AFTER, PASSWORD_BEFORE, record, snapshot
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import domain_key, parse_address
from mailadmin.core.errors import Invalid, NotFound
from mailadmin.core.operation import UNSET, Unset, operation
from mailadmin.core.passwords import verify_password
from mailadmin.core.permissions import Permission, require
from mailadmin.core.prepared import prepared
from mailadmin.core.same_row import is_same_row
from mailboxes.credentials import challenge_credentials
from mailboxes.models import Mailbox
from mailboxes.passwords import store_mailbox_password


def create_admin(
    actor: Actor,
    *,
    username: str,
    password: str,
    superadmin: bool = False,
    domains: Iterable[str] = (),
    active: bool = True,
    must_change: bool = False,
) -> Admin:
    """Create a superadmin, or an admin of the domains; with `must_change`, the first sign-in asks for a new password.

    Raises NotAllowed and Invalid.
    """
    require(actor, Permission.ADMIN_MANAGE)
    name = str(parse_address(username, "username"))
    return _create_admin(
        actor,
        username=name,
        stored=new_hash(password, username=name, kind=AccountKind.ADMIN),
        superadmin=superadmin,
        domains=list(domains),
        active=active,
        must_change=must_change,
    )


def create_admin_with_hash(
    actor: Actor, *, username: str, stored: str, domains: Iterable[str], active: bool = True
) -> Admin:
    """Create an admin of the domains who was one in another system, with the password as stored here.

    Raises NotAllowed and Invalid.
    """
    require(actor, Permission.ADMIN_MANAGE)
    return _create_admin(
        actor,
        username=str(parse_address(username, "username")),
        stored=stored,
        superadmin=False,
        domains=list(domains),
        active=active,
        must_change=False,
    )


@operation
def _create_admin(
    actor: Actor,
    *,
    username: str,
    stored: str,
    superadmin: bool,
    domains: list[str],
    active: bool,
    must_change: bool,
) -> Admin:
    take_admin_guard()
    if Admin.objects.filter(username=username).exists():
        raise Invalid.of("username", _("An admin with this name already exists."))
    now = timezone.now().replace(microsecond=0)
    row = Admin(username=username, password=stored, superadmin=superadmin, active=active, created=now, modified=now)
    row.save(force_insert=True)
    _write_grants(actor, row, domains)
    Account.objects.filter(login=f"{AccountKind.ADMIN}:{username}").delete()
    _remember(row, [stored])
    if must_change:
        Account.objects.create(login=f"{AccountKind.ADMIN}:{username}", row_created=now, must_change_password=True)
    record(actor, "create_admin", target=username, after=_told(row))
    return row


@operation
def update_admin(
    actor: Actor,
    *,
    username: str,
    superadmin: bool | Unset = UNSET,
    domains: Iterable[str] | Unset = UNSET,
    active: bool | Unset = UNSET,
) -> Admin:
    """Change what an admin may do; what is left out stays.

    Raises NotFound, NotAllowed, and Invalid where it would leave no active superadmin.
    """
    require(actor, Permission.ADMIN_MANAGE)
    take_admin_guard()
    row = _managed(actor, username)
    before = _told(row)
    wanted_domains = before["domains"] if isinstance(domains, Unset) else list(domains)
    row.superadmin = before["superadmin"] if isinstance(superadmin, Unset) else superadmin
    row.active = row.active if isinstance(active, Unset) else active
    if before["superadmin"] and not (row.superadmin and row.active):
        _require_another_superadmin(row, "active" if row.superadmin else "superadmin")
    _write_grants(actor, row, wanted_domains)
    after = _told(row)
    if after != before:
        row.modified = timezone.now()
        row.save(update_fields=["superadmin", "active", "modified"])
        if _may_less(before, after):
            void_links_made_by(row.username)
        record(actor, "edit_admin", target=row.username, before=before, after=after)
    return row


def _may_less(before: dict[str, Any], after: dict[str, Any]) -> bool:
    lost = any(before[mark] and not after[mark] for mark in ("active", "superadmin"))
    return lost or not set(before["domains"]) <= set(after["domains"])


def set_admin_active(actor: Actor, *, username: str, active: bool) -> Admin:
    """Switch an admin's sign-in on or off; the last superadmin stays on."""
    return update_admin(actor, username=username, active=active)


def set_admin_password(actor: Actor, *, username: str, password: str) -> Admin:
    """Give an admin a new password, which ends the admin's sessions. Raises NotFound, NotAllowed and Invalid."""
    require(actor, Permission.ADMIN_MANAGE)
    stored = new_hash(password, username=username.strip().lower(), kind=AccountKind.ADMIN)
    return store_admin_password(actor, username=username, stored=stored)


@operation
def ask_admin_for_new_password(actor: Actor, *, username: str) -> None:
    """Let an admin do nothing here before choosing a new password; the present one goes on until then.

    Raises NotFound and NotAllowed.
    """
    require(actor, Permission.ADMIN_MANAGE)
    take_admin_guard()
    row = _managed(actor, username)
    own = Account.objects.filter(login=f"{AccountKind.ADMIN}:{row.username}")
    known = own.first()
    if known and not is_same_row(known.row_created, row.created):
        # Left of an earlier admin of the name.
        own.delete()
        known = None
    if known and known.must_change_password:
        return
    if known is None:
        Account.objects.create(login=f"{AccountKind.ADMIN}:{row.username}", row_created=row.created)
    own.update(must_change_password=True)
    before, after = {"must_change": False}, {"must_change": True}
    record(actor, "ask_password", target=row.username, before=before, after=after)


@operation
def delete_admin(actor: Actor, *, username: str) -> None:
    """Delete an admin with grants and sign-in identity; history stays.

    Raises NotFound, NotAllowed, and Invalid for the last superadmin.
    """
    require(actor, Permission.ADMIN_MANAGE)
    take_admin_guard()
    row = _managed(actor, username)
    before = _told(row)
    if before["superadmin"]:
        _require_another_superadmin(row, "username")
    name = row.username
    DomainAdmin.objects.filter(username=name).delete()
    AdminPreference.objects.filter(username=name).delete()
    if not Mailbox.objects.filter(username=name).exists():
        TotpException.objects.filter(username=name).delete()
    Account.objects.filter(login=f"{AccountKind.ADMIN}:{name}").delete()
    forget(AccountKind.ADMIN, [name])
    OneTimeLink.objects.filter(login=f"{AccountKind.ADMIN}:{name}").delete()
    void_links_made_by(name)
    row.delete()
    record(actor, "delete_admin", target=name, before=before)


def change_own_password(actor: Actor, *, current: str, new: str) -> None:
    """Change the password of whoever is signed in; every other session of theirs ends.

    Raises NotAllowed and Invalid. The caller throttles guesses at `current`.
    """
    _change_own_password(actor, current=current, new=new, is_intrusion=False)


def report_intrusion(actor: Actor, *, current: str, new: str) -> None:
    """Lock out whoever else got in to the own account: a new password, which ends every other session.

    Of a mailbox all app passwords are revoked too, and pending links are void. Raises as change_own_password does.
    """
    _change_own_password(actor, current=current, new=new, is_intrusion=True)


def _change_own_password(actor: Actor, *, current: str, new: str, is_intrusion: bool) -> None:
    require(actor, Permission.PASSWORD_CHANGE_OWN)
    is_user = actor.is_user
    rows: QuerySet[Mailbox] | QuerySet[Admin] = Mailbox.objects.all() if is_user else Admin.objects.all()
    known = rows.filter(username=actor.username).values_list("password", flat=True).first()
    if known is None or not verify_password(current, known, username=actor.username):
        raise Invalid.of("current", _("This is not your current password."))
    if current == new:
        raise Invalid.of("new", _("Choose a password that differs from the current one."))
    kind = AccountKind.MAILBOX if is_user else AccountKind.ADMIN
    stored = new_hash(new, username=actor.username, parameter="new", kind=kind)
    if is_user:
        credentials = challenge_credentials(new, actor.username)
        store_mailbox_password(
            actor,
            username=actor.username,
            stored=stored,
            credentials=credentials,
            expected=known,
            is_intrusion=is_intrusion,
        )
    else:
        store_admin_password(actor, username=actor.username, stored=stored, expected=known, is_intrusion=is_intrusion)


@operation
def store_admin_password(
    actor: Actor, *, username: str, stored: str, expected: str | None = None, is_intrusion: bool = False
) -> Admin:
    """Write an admin's password hash. With `expected`, only while that is still the hash in the row."""
    take_admin_guard()
    own = actor.username == username
    row = Admin.objects.visible_to(actor).filter(username=username).first() if own else _managed(actor, username)
    if row is None:
        raise NotFound(username)
    if expected is not None and row.password != expected:
        raise Invalid.of("current", _("The password was changed meanwhile. Sign in again."))
    _remember(row, [row.password, stored])
    row.password = stored
    row.token, row.token_validity = "", None
    row.modified = timezone.now()
    row.save(update_fields=["password", "token", "token_validity", "modified"])
    if expected is not None:
        Account.objects.filter(login=f"{AccountKind.ADMIN}:{username}").update(must_change_password=False)
    if is_intrusion:
        void_links(f"{AccountKind.ADMIN}:{username}")
        # Whoever got in may hold links to other accounts.
        void_links_made_by(username)
    action = "report_intrusion" if is_intrusion else "edit_password"
    record(actor, action, target=row.username, before=PASSWORD_BEFORE, after=PASSWORD_AFTER)
    return row


def _remember(row: Admin, stored: list[str]) -> None:
    last = policy_of(AccountKind.ADMIN, row.username).history
    remember(AccountKind.ADMIN, row.username, row.created, stored, last=last)


def is_superadmin(username: str) -> bool:
    """Return whether an admin carries one of the marks."""
    return bool(_superadmin(username))


@prepared
def _superadmin(username: str) -> QuerySet[Admin]:
    return superadmins().filter(username=username).only("pk")


def superadmins() -> QuerySet[Admin]:
    """Return the admins that carry either of PostfixAdmin's two marks of a superadmin."""
    granted = DomainAdmin.objects.filter(username=OuterRef("username"), domain=ALL_DOMAINS)
    return Admin.objects.filter(Q(superadmin=True) | Exists(granted))


def granted_names(username: str) -> list[str]:
    """Return the domains granted to an admin, without the mark of a superadmin."""
    return sorted({grant.domain for grant in _granted(username)})


@prepared
def _granted(username: str) -> QuerySet[DomainAdmin]:
    return DomainAdmin.objects.filter(username=username, active=True).exclude(domain=ALL_DOMAINS).only("domain")


def _managed(actor: Actor, username: str) -> Admin:
    row = Admin.objects.managed_by(actor).filter(username=username.strip().lower()).first()
    if row is None:
        raise NotFound(username)
    return row


def _told(row: Admin) -> dict[str, Any]:
    """Return an admin for the audit event, with what the grants say."""
    marked = row.superadmin or DomainAdmin.objects.filter(username=row.username, domain=ALL_DOMAINS).exists()
    return snapshot(row) | {"superadmin": marked, "domains": granted_names(row.username)}


def _write_grants(actor: Actor, row: Admin, domains: Iterable[str]) -> None:
    """Make the grant rows agree with the admin: the domains, and the mark of a superadmin."""
    wanted = _checked_domains(actor, domains)
    grants = DomainAdmin.objects.filter(username=row.username)
    grants.exclude(domain__in=[*wanted, ALL_DOMAINS]).delete()
    if not row.superadmin:
        grants.filter(domain=ALL_DOMAINS).delete()
    present = set(grants.filter(active=True).values_list("domain", flat=True))
    marks = {ALL_DOMAINS} if row.superadmin else set()
    add_grants(row.username, sorted((wanted | marks) - present))


def _checked_domains(actor: Actor, domains: Iterable[str]) -> set[str]:
    wanted = {domain_key(name) for name in domains}
    known = set(Domain.objects.managed_by(actor).filter(domain__in=wanted).values_list("domain", flat=True))
    if missing := sorted(wanted - known):
        raise Invalid.of("domains", _("There is no domain %s here.") % ", ".join(missing))
    return wanted


def _require_another_superadmin(row: Admin, parameter: str) -> None:
    if not superadmins().filter(active=True).exclude(username=row.username).exists():
        raise Invalid.of(parameter, _("This is the last superadmin. Make another one first."))
