"""Storing a password anew at sign-in, when it is known for a moment, in the scheme of new ones."""

import logging
from dataclasses import replace
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from domains.guard import take_admin_guard
from mailadmin.accounts.credentials import AccountKind, Credential
from mailadmin.accounts.links import stamp_of
from mailadmin.accounts.models import Account, Admin, OneTimeLink
from mailadmin.accounts.password_history import follow_rehash
from mailadmin.accounts.passwords import is_rehashing, scheme_in_use
from mailadmin.audit.services import PASSWORD_AFTER, PASSWORD_BEFORE, record
from mailadmin.core.actor import Actor
from mailadmin.core.errors import MailadminError, NotFound
from mailadmin.core.operation import operation
from mailadmin.core.passwords import (
    UnusablePassword,
    challenge_credentials,
    hash_password,
    is_in_scheme,
    reads_whole,
    scheme_of,
)
from mailadmin.core.permissions import Permission, require
from mailboxes.credentials import store_credentials
from mailboxes.guard import lock_mailbox
from mailboxes.models import Mailbox

logger = logging.getLogger(__name__)


def rehash(actor: Actor, credential: Credential, password: str) -> Credential:
    """Store a password anew that was just found right, where that is due; returns the row as it is then.

    Whatever stands in the way, the row stays as it is, and the person signs in all the same.
    """
    if not is_rehashing():
        return credential
    scheme = scheme_in_use()
    if is_in_scheme(credential.password, scheme) or not reads_whole(password, credential.password):
        return credential
    try:
        return rehash_password(actor, credential, password, scheme=scheme)
    except (MailadminError, UnusablePassword):
        return credential
    except DatabaseError:
        logger.exception("A password could not be stored anew")
        return credential


def rehash_password(actor: Actor, credential: Credential, password: str, *, scheme: str) -> Credential:
    """Store a right password anew, unless another was set meanwhile; sessions and a set-up link stay valid.

    `actor` is the person. Raises NotFound, NotAllowed, and UnusablePassword for what the scheme cannot hold.
    """
    require(actor, Permission.PASSWORD_CHANGE_OWN)
    stored = hash_password(password, scheme, username=credential.username)
    if scheme_of(stored) == scheme_of(credential.password):
        return credential
    if credential.kind is AccountKind.ADMIN:
        done = _rehash_admin(actor, credential, stored)
    else:
        done = _rehash_mailbox(actor, credential, stored, challenge_credentials(password, credential.username))
    return replace(credential, password=stored) if done else credential


@operation
def _rehash_mailbox(actor: Actor, credential: Credential, stored: str, challenges: dict[str, str]) -> bool:
    row, _domain = lock_mailbox(actor, credential.username)
    if row.password != credential.password:
        return False
    _write(row, stored)
    store_credentials(row, challenges)
    _end(actor, credential, stored, domain=row.domain)
    return True


@operation
def _rehash_admin(actor: Actor, credential: Credential, stored: str) -> bool:
    take_admin_guard()
    row = Admin.objects.visible_to(actor).filter(username=credential.username).first()
    if row is None:
        raise NotFound(credential.username)
    if row.password != credential.password:
        return False
    _write(row, stored)
    _end(actor, credential, stored)
    return True


def _write(row: Admin | Mailbox, stored: str) -> None:
    # Neither the age of the password nor a code for another changes: it is the same one.
    row.password, row.modified = stored, timezone.now()
    row.save(update_fields=["password", "modified"])


def _end(actor: Actor, credential: Credential, stored: str, **where: Any) -> None:
    """Let what is bound to the stored password go on, and record it."""
    follow_rehash(credential.kind, credential.username, credential.password, stored)
    after = replace(credential, password=stored)
    stamps = {"stored_anew_from": session_stamp(credential), "stored_anew_to": session_stamp(after)}
    Account.objects.filter(login=credential.login, row_created=credential.created).update(**stamps)
    links = [stamp_of(one.login, one.password, one.created) for one in (credential, after)]
    OneTimeLink.objects.filter(login=credential.login, stamp=links[0]).update(stamp=links[1])
    record(
        actor,
        "rehash_password",
        target=credential.username,
        before=PASSWORD_BEFORE,
        after=PASSWORD_AFTER | {"scheme": scheme_of(stored)},
        **where,
    )


def session_stamp(credential: Credential) -> str:
    """Return what sessions of the row are bound to."""
    account = Account(login=credential.login)
    account.credential = credential
    return account.get_session_auth_hash()
