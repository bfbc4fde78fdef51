"""Set-up links: the owner of a mailbox chooses the password, and nobody else ever knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils import timezone

from domains.models import Domain
from mailadmin.accounts.links import SET_UP, digest_of, find_link, mailbox_login, stamp_of, store_link, take_link
from mailadmin.accounts.models import OneTimeLink
from mailadmin.accounts.passwords import new_hash
from mailadmin.accounts.throttle import check_wait, count_try
from mailadmin.audit.services import record
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.errors import NotFound
from mailadmin.core.operation import operation
from mailadmin.core.permissions import Permission, require
from mailboxes.credentials import challenge_credentials
from mailboxes.guard import lock_mailbox
from mailboxes.models import Mailbox
from mailboxes.services import store_mailbox_password

VIA = "set-up link"


@dataclass(frozen=True, slots=True)
class SetUp:
    """A set-up link that can be used, but not while the mailbox or its domain is off."""

    link: OneTimeLink
    mailbox: Mailbox
    is_off: bool


@operation
def create_setup_link(actor: Actor, *, username: str) -> tuple[str, OneTimeLink]:
    """Make a link by which the owner of a mailbox chooses a password, in place of an earlier one; returns its token.

    The present password stays until then. Raises NotFound and NotAllowed.
    """
    require(actor, Permission.MAILBOX_UPDATE)
    row, _domain = lock_mailbox(actor, username)
    token, link = store_link(
        login=mailbox_login(row.username), purpose=SET_UP, stamp=_stamp(row), made_by=actor.username
    )
    after = {"link_until": link.expires.isoformat()}
    record(actor, "create_setup_link", target=row.username, domain=row.domain, after=after)
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


def set_password_by_link(actor: Actor, *, token: str, password: str) -> Mailbox:
    """Set the password of the mailbox that the token was made for, which uses the link up and ends all sessions.

    `actor` is whoever holds the link; the history tells it as the mailbox's own doing. Raises NotFound, Throttled, and
    Invalid for a password that breaks the policy, which leaves the link as it is.
    """
    found = open_setup_link(token, ip=actor.ip)
    if found.is_off:
        raise NotFound()
    mailbox = found.mailbox
    stored = new_hash(password, username=mailbox.username, name=mailbox.name)
    owner = replace(actor, kind=ActorKind.USER, username=mailbox.username, via=VIA)
    return _use(owner, found.link, stored, challenge_credentials(password, mailbox.username))


@operation
def _use(owner: Actor, link: OneTimeLink, stored: str, credentials: Mapping[str, str]) -> Mailbox:
    row, _domain = lock_mailbox(owner, owner.username)
    if _stamp(row) != link.stamp or not take_link(link):
        raise NotFound()
    return store_mailbox_password(owner, username=row.username, stored=stored, credentials=credentials)


def pending_link(mailbox: Mailbox) -> OneTimeLink | None:
    """Return the link of the mailbox that can still be used, or None."""
    links = OneTimeLink.objects.filter(login=mailbox_login(mailbox.username), purpose=SET_UP)
    return links.filter(stamp=_stamp(mailbox), expires__gt=timezone.now()).first()


def _set_up(token: str) -> SetUp | None:
    link = find_link(token, SET_UP)
    mailbox = Mailbox.objects.filter(username=link.login.partition(":")[2]).first() if link else None
    if link is None or mailbox is None or _stamp(mailbox) != link.stamp:
        return None
    is_on = mailbox.active and Domain.objects.filter(domain=mailbox.domain, active=True).exists()
    return SetUp(link, mailbox, is_off=not is_on)


def _stamp(row: Mailbox) -> str:
    return stamp_of(mailbox_login(row.username), row.password, row.created)
