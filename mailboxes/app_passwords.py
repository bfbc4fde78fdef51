"""App passwords: one of its own for each mail program, so that each can be taken back alone."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mailadmin.audit.services import record
from mailadmin.core.actor import Actor
from mailadmin.core.errors import Invalid, LimitReached, NotAllowed, NotFound
from mailadmin.core.operation import operation
from mailadmin.core.passwords import verify_password
from mailadmin.core.permissions import Permission, require
from mailadmin.core.prepared import prepared
from mailadmin.core.same_row import is_same_row
from mailadmin.core.texts import check_line
from mailboxes.guard import lock_mailbox
from mailboxes.models import AppPassword, AppPasswordsOnly, Mailbox

PROTOCOLS = {"imap": "IMAP", "pop3": "POP3", "smtp": "SMTP", "sieve": "Sieve"}
"""What an app password may be for, by the name of its column."""
MOST = 50
"""App passwords of one mailbox."""
LONGEST_NAME = 60
"""Characters."""
GROUPS, GROUP = 7, 4
# Not mistaken for each other: 28 of these 31 characters are 138 random bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_app_password() -> str:
    """Return a random password in groups, such as `k7fm-q3xn-...`: the hyphens are a part of it."""
    return "-".join("".join(secrets.choice(ALPHABET) for _place in range(GROUP)) for _group in range(GROUPS))


def app_password_digest(password: str) -> str:
    """Return what is kept of an app password, and what Dovecot makes of one that is typed."""
    return hashlib.sha256(password.encode()).hexdigest()


def app_passwords_of(mailbox: Mailbox) -> list[AppPassword]:
    """Return the app passwords of a mailbox that the caller may see, newest first; not those of an earlier one."""
    return [row for row in _newest(mailbox.username) if is_same_row(row.made_for, mailbox.created)]


def has_app_passwords_only(mailbox: Mailbox) -> bool:
    """Return whether mail programs need an app password for this mailbox."""
    row = _only_mark.first(mailbox.username)
    return row is not None and is_same_row(row.made_for, mailbox.created)


@prepared
def _newest(username: str) -> QuerySet[AppPassword]:
    return AppPassword.objects.filter(username=username).order_by("-id")[: 2 * MOST]


@prepared
def _only_mark(username: str) -> QuerySet[AppPasswordsOnly]:
    return AppPasswordsOnly.objects.filter(username=username)


def protocols_of(row: AppPassword) -> list[str]:
    """Return the protocols of an app password as they are written: IMAP, SMTP."""
    return [label for column, label in PROTOCOLS.items() if getattr(row, column)]


def create_app_password(
    actor: Actor, *, current: str, name: str, protocols: Collection[str], ends: dt.datetime | None = None
) -> tuple[str, AppPassword]:
    """Make an app password for the actor's own mailbox; returns it in clear, which nobody can read later, and its row.

    Only owners do: others would know it. `current` is the mailbox's password, so that an open session alone is not
    enough; the caller throttles guesses at it. `protocols` are names of PROTOCOLS.
    Raises NotAllowed, Invalid and LimitReached.
    """
    require(actor, Permission.APP_PASSWORD_MANAGE)
    known = Mailbox.objects.visible_to(actor).filter(username=actor.username).values_list("password", flat=True).first()
    if not actor.is_user or known is None:
        raise NotAllowed(Permission.APP_PASSWORD_MANAGE, _("Only the owner of a mailbox makes app passwords for it."))
    if not verify_password(current, known, username=actor.username):
        raise Invalid.of("current", _("This is not your current password."))
    password = new_app_password()
    row = _create(
        actor, expected=known, digest=app_password_digest(password), name=name, protocols=protocols, ends=ends
    )
    return password, row


@operation
def _create(
    actor: Actor, *, expected: str, digest: str, name: str, protocols: Collection[str], ends: dt.datetime | None
) -> AppPassword:
    mailbox, _domain = lock_mailbox(actor, actor.username)
    # Whoever shut an intruder out by a new password must not find a way in that was made meanwhile.
    if mailbox.password != expected:
        raise Invalid.of("current", _("The password was changed meanwhile. Sign in again."))
    now = timezone.now().replace(microsecond=0)
    present = app_passwords_of(mailbox)
    if len(present) >= MOST:
        text = ngettext("You have %d app password.", "You have %d app passwords.", len(present)) % len(present)
        raise LimitReached("name", limit="app_passwords", text=f"{text} {_('Revoke one that you do not use.')}")
    row = AppPassword(
        username=mailbox.username,
        digest=digest,
        name=_free_name(name, present),
        made_for=mailbox.created,
        created=now,
        ends=_future(ends, now),
        **_columns(protocols),
    )
    row.save(force_insert=True)
    record(actor, "create_app_password", target=mailbox.username, domain=mailbox.domain, after=_told(row))
    return row


def _free_name(name: str, present: Iterable[AppPassword]) -> str:
    wanted = check_line(name, "name", max_length=LONGEST_NAME)
    if not wanted:
        raise Invalid.of("name", _("Name the program or device it is for."))
    if any(row.name.casefold() == wanted.casefold() for row in present):
        raise Invalid.of("name", _("You have an app password of this name."))
    return wanted


def _future(ends: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
    if ends is not None and ends <= now:
        raise Invalid.of("ends", _("Choose a day that is not over."))
    return ends


def _columns(protocols: Collection[str]) -> dict[str, bool]:
    if not protocols or not set(protocols) <= PROTOCOLS.keys():
        raise Invalid.of("protocols", _("Choose at least one of %s.") % ", ".join(PROTOCOLS.values()))
    return {column: column in protocols for column in PROTOCOLS}


def _told(row: AppPassword) -> dict[str, Any]:
    told = {"app_password": row.name, "protocols": protocols_of(row)}
    return told | ({"app_password_ends": row.ends.isoformat()} if row.ends else {})


@operation
def revoke_app_password(actor: Actor, *, username: str, number: int) -> AppPassword:
    """Take an app password back: no program signs in with it any more. `number` is its row's. Raises NotFound.

    Its owner does, and admins of the mailbox.
    """
    require(actor, Permission.APP_PASSWORD_MANAGE)
    mailbox, _domain = lock_mailbox(actor, username)
    row = next((row for row in app_passwords_of(mailbox) if row.pk == number), None)
    if row is None:
        raise NotFound()
    AppPassword.objects.filter(pk=row.pk).delete()
    record(actor, "revoke_app_password", target=mailbox.username, domain=mailbox.domain, before=_told(row))
    return row


@operation
def set_app_passwords_only(actor: Actor, *, username: str, only: bool, confirmed: bool = False) -> bool:
    """Bar the mailbox's own password from mail programs, or let it in again; returns whether anything changed.

    The panel goes on to take it. Raises NotFound, and Invalid where no app password would be left to read mail with
    and that is not `confirmed`.
    """
    require(actor, Permission.APP_PASSWORD_MANAGE)
    mailbox, _domain = lock_mailbox(actor, username)
    before = has_app_passwords_only(mailbox)
    if only == before:
        return False
    if only and not confirmed and not any(is_usable(row) for row in app_passwords_of(mailbox)):
        raise Invalid.of("confirmed", _("There is no app password yet: no mail program could sign in."))
    AppPasswordsOnly.objects.filter(username=mailbox.username).delete()
    if only:
        AppPasswordsOnly(username=mailbox.username, made_for=mailbox.created).save(force_insert=True)
    values = [{"app_passwords_only": state} for state in (before, only)]
    record(
        actor,
        "edit_app_passwords_only",
        target=mailbox.username,
        domain=mailbox.domain,
        before=values[0],
        after=values[1],
    )
    return True


def is_usable(row: AppPassword) -> bool:
    """Return whether the end of an app password has not come yet."""
    return row.ends is None or row.ends > timezone.now()


def delete_app_passwords(mailbox: Mailbox) -> int:
    """Delete all app passwords of a mailbox, for an operation that holds its guard; returns how many counted."""
    counted = len(app_passwords_of(mailbox))
    AppPassword.objects.filter(username=mailbox.username).delete()
    return counted
