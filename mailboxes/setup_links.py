"""Set-up links: the owner of an account chooses the password, and nobody else ever knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db.models import QuerySet
from django.utils import timezone

from domains.guard import take_admin_guard
from domains.models import Domain
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.links import (
    RECOVERY,
    SET_UP,
    admin_login,
    digest_of,
    find_link,
    mailbox_login,
    stamp_of,
    store_link,
    take_link,
)
from mailadmin.accounts.models import Account, Admin, OneTimeLink
from mailadmin.accounts.passwords import new_hash
from mailadmin.accounts.services import store_admin_password
from mailadmin.accounts.throttle import check_wait, count_try
from mailadmin.audit.services import record
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.errors import NotFound
from mailadmin.core.operation import operation
from mailadmin.core.permissions import Permission, require
from mailadmin.core.prepared import prepared
from mailboxes.credentials import challenge_credentials
from mailboxes.guard import lock_mailbox
from mailboxes.models import Mailbox
from mailboxes.passwords import store_mailbox_password

VIA = {SET_UP: "set-up link", RECOVERY: "recovery link"}


@dataclass(frozen=True, slots=True)
class SetUp:
    """A link that can be used, but not while the account, or the domain of the mailbox, is off."""

    link: OneTimeLink
    row: Mailbox | Admin
    is_off: bool

    @property
    def kind(self) -> AccountKind:
        return AccountKind.MAILBOX if isinstance(self.row, Mailbox) else AccountKind.ADMIN

    @property
    def actor_kind(self) -> ActorKind:
        return ActorKind.USER if isinstance(self.row, Mailbox) else ActorKind.ADMIN

    @property
    def username(self) -> str:
        return self.row.username

    @property
    def name(self) -> str:
        """Return the person's name, for the policy of passwords."""
        return self.row.name if isinstance(self.row, Mailbox) else ""

    @property
    def is_recovery(self) -> bool:
        """Return whether the person had a password and asked for the link."""
        return self.link.purpose == RECOVERY


@operation
def create_setup_link(actor: Actor, *, username: str) -> tuple[str, OneTimeLink]:
    """Make a link by which the owner of a mailbox chooses a password, in place of an earlier one; returns its token.

    The present password stays until then. Raises NotFound and NotAllowed.
    """
    require(actor, Permission.MAILBOX_UPDATE)
    row, _domain = lock_mailbox(actor, username)
    token, link = store_link(
        login=mailbox_login(row.username), purpose=SET_UP, stamp=link_stamp(row), made_by=actor.username
    )
    after = {"link_until": link.expires.isoformat()}
    record(actor, "create_setup_link", target=row.username, domain=row.domain, after=after)
    return token, link


@operation
def create_admin_setup_link(actor: Actor, *, username: str) -> tuple[str, OneTimeLink]:
    """Make a link by which an admin chooses a password, as create_setup_link does. Raises NotFound and NotAllowed."""
    require(actor, Permission.ADMIN_MANAGE)
    take_admin_guard()
    row = Admin.objects.managed_by(actor).filter(username=username.strip().lower()).first()
    if row is None:
        raise NotFound(username)
    token, link = store_link(
        login=admin_login(row.username), purpose=SET_UP, stamp=link_stamp(row), made_by=actor.username
    )
    record(actor, "create_setup_link", target=row.username, after={"link_until": link.expires.isoformat()})
    return token, link


def open_setup_link(token: str, *, ip: str) -> SetUp:
    """Return what a token is for, without using it up: programs that look into mail open links too.

    Raises NotFound, the same for a token that never was, was used, replaced or outlived, and Throttled for whoever
    tries many of them.
    """
    digest = digest_of(token)
    check_wait(digest, ip)
    found = _set_up(token)
    if found is None:
        count_try(digest, ip)
        raise NotFound()
    return found


def set_password_by_link(actor: Actor, *, token: str, password: str, is_intrusion: bool = False) -> Mailbox | Admin:
    """Set the password of the account that the token was made for, which uses the link up and ends all sessions.

    App passwords of a mailbox stay, but after an intrusion.
    `actor` is whoever holds the link; the history tells it as the account's own doing. Raises NotFound, Throttled, and
    Invalid for a password that breaks the policy, which leaves the link as it is.
    """
    found = open_setup_link(token, ip=actor.ip)
    if found.is_off:
        raise NotFound()
    stored = new_hash(password, username=found.username, name=found.name, kind=found.kind)
    owner = replace(actor, kind=found.actor_kind, username=found.username, via=VIA[found.link.purpose])
    if found.kind is AccountKind.ADMIN:
        return _use_as_admin(owner, found.link, stored, is_intrusion=is_intrusion)
    credentials = challenge_credentials(password, found.username)
    return _use(owner, found.link, stored, credentials, is_intrusion=is_intrusion)


@operation
def _use(
    owner: Actor, link: OneTimeLink, stored: str, credentials: Mapping[str, str], *, is_intrusion: bool
) -> Mailbox:
    row, _domain = lock_mailbox(owner, owner.username)
    if link_stamp(row) != link.stamp or not take_link(link):
        raise NotFound()
    return store_mailbox_password(
        owner, username=row.username, stored=stored, credentials=credentials, is_intrusion=is_intrusion
    )


@operation
def _use_as_admin(owner: Actor, link: OneTimeLink, stored: str, *, is_intrusion: bool) -> Admin:
    take_admin_guard()
    row = Admin.objects.visible_to(owner).filter(username=owner.username).first()
    if row is None or link_stamp(row) != link.stamp or not take_link(link):
        raise NotFound()
    # Whoever was asked for a new password has chosen one.
    Account.objects.filter(login=link.login).update(must_change_password=False)
    return store_admin_password(owner, username=row.username, stored=stored, is_intrusion=is_intrusion)


def pending_link(row: Mailbox | Admin) -> OneTimeLink | None:
    """Return the set-up link of the account that can still be used, or None."""
    link = _set_up_links.first(login_of(row), link_stamp(row))
    return link if link and link.expires > timezone.now() else None


@prepared
def _set_up_links(login: str, stamp: str) -> QuerySet[OneTimeLink]:
    return OneTimeLink.objects.filter(login=login, purpose=SET_UP, stamp=stamp).order_by("-expires")[:1]


def login_of(row: Mailbox | Admin) -> str:
    """Return the login of the account, as links keep it."""
    return mailbox_login(row.username) if isinstance(row, Mailbox) else admin_login(row.username)


def link_stamp(row: Mailbox | Admin) -> str:
    """Return what a link is bound to: with another password, or made again, the name has none any more."""
    return stamp_of(login_of(row), row.password, row.created)


def is_on(row: Mailbox | Admin) -> bool:
    """Return whether the account may sign in."""
    in_use = not isinstance(row, Mailbox) or Domain.objects.filter(domain=row.domain, active=True).exists()
    return row.active and in_use


def _set_up(token: str) -> SetUp | None:
    link = find_link(token)
    if link is None:
        return None
    kind, _colon, name = link.login.partition(":")
    row = _row(AccountKind(kind), name)
    return SetUp(link, row, is_off=not is_on(row)) if row and link_stamp(row) == link.stamp else None


def _row(kind: AccountKind, name: str) -> Mailbox | Admin | None:
    if kind is AccountKind.MAILBOX:
        return Mailbox.objects.filter(username=name).first()
    return Admin.objects.filter(username=name).first()
