"""When and from where a mailbox was signed in to by mail programs, as Dovecot wrote it down."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from mailadmin.core.batches import SIZE, in_batches, in_key_order
from mailadmin.core.same_row import is_same_row
from mailboxes.models import AppPassword, Mailbox, MailSignIn

SHOWN = 20
KEPT = 100
"""Rows of one mailbox that stay: each is another service, address or password."""
SERVICES = {"imap": "IMAP", "pop3": "POP3", "managesieve": "Sieve"}
"""What is written of Dovecot's services that have a process for each user; sending has none."""


@dataclass(frozen=True, slots=True)
class LastSignIn:
    """The last sign-in by one service from one address; `app_password` is the name of the one used, "" for none.

    `is_gone` tells that it was one that is revoked by now.
    """

    service: str
    ip: str
    time: dt.datetime
    app_password: str
    is_gone: bool


def mail_sign_ins(mailbox: Mailbox, app_passwords: Iterable[AppPassword], most: int = SHOWN) -> list[LastSignIn]:
    """Return the newest sign-ins of mail programs to a mailbox that the caller may see; none of an earlier one."""
    names = {row.pk: row.name for row in app_passwords}
    return [
        LastSignIn(
            SERVICES.get(row.service, row.service),
            row.ip,
            moment_of(row),
            names.get(row.app_password, ""),
            is_gone=row.app_password > 0 and row.app_password not in names,
        )
        for row in _rows(mailbox)[:most]
    ]


def last_uses(mailbox: Mailbox, rows: Iterable[AppPassword]) -> dict[int, MailSignIn]:
    """Return the newest sign-in with each of the app passwords, by its number."""
    found: dict[int, MailSignIn] = {}
    numbers = [row.pk for row in rows]
    for row in _rows(mailbox).filter(app_password__in=numbers).order_by("last_login"):
        found[row.app_password] = row
    return found


def moment_of(row: MailSignIn) -> dt.datetime:
    """Return when a sign-in was."""
    # Past any date that a person means, whatever the row holds.
    return dt.datetime.fromtimestamp(min(max(row.last_login, 0), 2**33), dt.UTC)


def _rows(mailbox: Mailbox) -> QuerySet[MailSignIn]:
    since = int(mailbox.created.timestamp()) if mailbox.created else 0
    return MailSignIn.objects.filter(username=mailbox.username, last_login__gte=since).order_by("-last_login")


def delete_old_sign_ins(before: dt.datetime) -> int:
    """Delete what is older, but for the last use of each app password, and the oldest where a mailbox has very many;
    returns how many. A short transaction at a time.
    """
    newer = MailSignIn.objects.filter(
        username=OuterRef("username"), app_password=OuterRef("app_password"), last_login__gt=OuterRef("last_login")
    )
    old = MailSignIn.objects.filter(last_login__lt=int(before.timestamp()))
    deleted = _delete(old.filter(Q(app_password=0) | Exists(newer)))
    many = MailSignIn.objects.values("username").annotate(n=Count("username")).filter(n__gt=KEPT).order_by()
    for username in list(many.values_list("username", flat=True)):
        kept = MailSignIn.objects.filter(username=username).order_by("-last_login")[KEPT - 1 : KEPT]
        edge = kept.values_list("last_login", flat=True).first() or 0
        deleted += _delete(MailSignIn.objects.filter(username=username, last_login__lt=edge))
    return deleted


def delete_void_app_passwords() -> int:
    """Delete app passwords that outlived their end by a month, or their mailbox; returns how many."""
    deleted = AppPassword.objects.filter(ends__lt=timezone.now() - dt.timedelta(days=30)).delete()[0]
    # Of nearly all the database itself can tell.
    exactly = Mailbox.objects.filter(username=OuterRef("username"), created=OuterRef("made_for"))
    for rows in in_batches(in_key_order(AppPassword.objects.filter(~Exists(exactly)))):
        names = {row.username for row in rows}
        made = dict(Mailbox.objects.filter(username__in=names).values_list("username", "created"))
        void = [r.pk for r in rows if r.username not in made or not is_same_row(r.made_for, made[r.username])]
        deleted += AppPassword.objects.filter(pk__in=void).delete()[0]
    return deleted


def _delete(rows: QuerySet[MailSignIn]) -> int:
    deleted = 0
    while keys := list(rows.values_list("pk", flat=True)[:SIZE]):
        with transaction.atomic():
            deleted += MailSignIn.objects.filter(pk__in=keys).delete()[0]
    return deleted
