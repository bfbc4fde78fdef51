"""Signing in: one page for admins and mailbox users."""

import logging
import re
import time
from dataclasses import replace

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest

from mailadmin.accounts.backends import find_credential
from mailadmin.accounts.credentials import AccountKind, Credential
from mailadmin.accounts.models import Account
from mailadmin.accounts.passwords import scheme_in_use
from mailadmin.accounts.rehash import rehash
from mailadmin.accounts.throttle import count_try, forget_tries
from mailadmin.audit.services import record_sign_in
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.addresses import address_key
from mailadmin.core.errors import Invalid
from mailadmin.core.operation import operation
from mailadmin.core.passwords import dummy_verify, verify_password
from mailadmin.core.same_row import is_same_row

log = logging.getLogger(__name__)

BACKEND = "mailadmin.accounts.backends.AccountBackend"
MAX_PASSWORD = 1024
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]")


def check_sign_in(actor: Actor, *, username: str, password: str) -> list[Credential]:
    """Return the rows, admin and mailbox, that the name and password fit; an empty list otherwise. Raises Throttled.

    A right password may be stored anew on the way. A refusal takes at least MAILADMIN_SIGNIN_FLOOR seconds, so that its
    time does not tell which names exist.
    """
    started = time.monotonic()
    name = typed_name(username)
    count_try(name, actor.ip)
    fitting = _fitting(name, password)
    if fitting:
        forget_tries(name, actor.ip)
        return [rehash(person(actor, row), row, password) for row in fitting]
    record_sign_in(actor, "sign_in_failed", target=name, domain=_domain_of(name))
    _wait_for_floor(started)
    return []


def _wait_for_floor(started: float) -> None:
    """Wait until a refusal may be told, whatever was to be done until then."""
    floor, taken = settings.MAILADMIN_SIGNIN_FLOOR, time.monotonic() - started
    if 0 < floor < taken:
        log.warning("A refused sign-in took %.2f s: raise MAILADMIN_SIGNIN_FLOOR above that.", taken)
    time.sleep(max(0.0, floor - taken))


def _fitting(name: str, password: str) -> list[Credential]:
    if len(password) > MAX_PASSWORD:
        return []
    rows = [row for kind in AccountKind if (row := find_credential(kind, name))]
    if not rows:
        dummy_verify(password, scheme_in_use())
    return [row for row in rows if verify_password(password, row.password, username=name)]


def person(actor: Actor, credential: Credential) -> Actor:
    """Return who the stranger turned out to be, so that the history says so."""
    kind = ActorKind.SUPERADMIN if credential.superadmin else ActorKind.ADMIN
    kind = ActorKind.USER if credential.kind is AccountKind.MAILBOX else kind
    return replace(actor, kind=kind, username=credential.username)


def sign_in(request: HttpRequest, actor: Actor, credential: Credential) -> Account:
    """Start a session for the row."""
    account = _account_for(credential)
    account.credential = credential
    login(request, account, backend=BACKEND)
    domain = _domain_of(credential.username) if credential.kind is AccountKind.MAILBOX else ""
    record_sign_in(actor, "sign_in", target=credential.username, domain=domain, after={"kind": str(credential.kind)})
    return account


@operation
def _account_for(credential: Credential) -> Account:
    """Return the account of the row; one left from an earlier row of the name is replaced."""
    account = Account.objects.filter(login=credential.login).first()
    if account and not is_same_row(account.row_created, credential.created):
        account.delete()
        account = None
    if account is None:
        # Somebody who presses the button twice signs in twice at the same moment.
        values = {"row_created": credential.created}
        account, _is_new = Account.objects.get_or_create(login=credential.login, defaults=values)
    return account


def sign_out(request: HttpRequest, actor: Actor) -> None:
    """End the session."""
    if actor.username:
        record_sign_in(actor, "sign_out", target=actor.username)
    logout(request)


def typed_name(username: str) -> str:
    """Return the name as it is looked up; what no name can be is cleaned and cut, so that it can be told in the log."""
    try:
        return address_key(username)
    except Invalid:
        return _UNPRINTABLE.sub("?", username.strip().lower())[:100]


def _domain_of(name: str) -> str:
    return name.rpartition("@")[2] if "@" in name else ""
