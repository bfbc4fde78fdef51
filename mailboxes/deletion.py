"""What goes with a mailbox, and what stays behind: named before, removed together."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from aliases.models import Alias, OwnAlias
from aliases.owned import delete_own_aliases, own_aliases_of
from aliases.references import delete_alias_rows
from aliases.targets import aliases_pointing_at
from domains.guard import add_to_counts
from domains.models import DkimSigning, Domain
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import (
    Account,
    Admin,
    ExpiryWarning,
    OneTimeLink,
    OutgoingMail,
    PasswordHistory,
    TotpException,
)
from mailadmin.accounts.outbox import LETTER
from mailadmin.core.actor import Actor
from mailadmin.core.batches import in_batches
from mailboxes.models import (
    AppPassword,
    AppPasswordsOnly,
    Credential,
    DeletedMaildir,
    Fetchmail,
    Mailbox,
    MailboxAppPassword,
    MailSignIn,
    Quota,
    Quota2,
    Vacation,
    VacationMore,
    VacationNotification,
)


@dataclass(frozen=True, slots=True)
class MailboxDeletion:
    """What deleting a mailbox means; `pointing` are the aliases in the actor's scope that still send mail there.

    The owner's own aliases are not among them: they go with it.
    """

    mailbox: Mailbox
    stored_bytes: int
    messages: int
    has_vacation: bool
    fetchmail_jobs: int
    pointing: list[Alias]
    own_aliases: list[str]


def preview_mailbox_deletion(actor: Actor, mailbox: Mailbox) -> MailboxDeletion:
    """Return what would go with the mailbox."""
    use = Quota2.objects.filter(username=mailbox.username).first()
    own = [alias.address for alias, _own in own_aliases_of(mailbox)]
    return MailboxDeletion(
        mailbox=mailbox,
        stored_bytes=use.bytes if use else 0,
        messages=use.messages if use else 0,
        has_vacation=Vacation.objects.filter(email=mailbox.username).exists(),
        fetchmail_jobs=Fetchmail.objects.filter(mailbox=mailbox.username).count(),
        pointing=[alias for alias in pointing_in_scope(actor, mailbox.username) if alias.address not in own],
        own_aliases=own,
    )


def pointing_in_scope(actor: Actor, *addresses: str) -> list[Alias]:
    """Return the aliases that point at one of the addresses and that the actor may change."""
    pointing = aliases_pointing_at(addresses)
    allowed: set[str] = set()
    for names in in_batches(alias.address for alias in pointing):
        managed = Alias.objects.managed_by(actor).filter(address__in=names)
        allowed.update(managed.values_list("address", flat=True))
    return [alias for alias in pointing if alias.address in allowed]


def delete_mailbox_rows(mailboxes: Iterable[Mailbox]) -> int:
    """Delete mailboxes with all that is bound to them; returns how many.

    Their maildirs are written down, so that a later mailbox of the name does not open the old mail. Files stay.
    The caller holds the guards of their domains.
    """
    deleted = 0
    for batch in in_batches(mailboxes):
        names = [row.username for row in batch]
        now = timezone.now()
        DeletedMaildir.objects.bulk_create(
            DeletedMaildir(username=row.username, maildir=row.maildir, deleted=now) for row in batch
        )
        delete_belongings(names)
        delete_alias_rows(names)
        deleted += Mailbox.objects.filter(username__in=names).delete()[0]
        for name in sorted({row.domain for row in batch}):
            quotas = [max(row.quota, 0) for row in batch if row.domain == name]
            add_to_counts(name, mailboxes=-len(quotas), promised=-sum(quotas))
    return deleted


def delete_belongings(names: list[str]) -> None:
    """Delete what is bound to mailboxes of these names, whether or not the mailboxes are there."""
    delete_own_aliases(names)
    Fetchmail.objects.filter(mailbox__in=names).delete()
    VacationNotification.objects.filter(on_vacation__in=names).delete()
    VacationMore.objects.filter(email__in=names).delete()
    Vacation.objects.filter(email__in=names).delete()
    Quota2.objects.filter(username__in=names).delete()
    Quota.objects.filter(username__in=names).delete()
    MailboxAppPassword.objects.filter(username__in=names).delete()
    Credential.objects.filter(username__in=names).delete()
    AppPassword.objects.filter(username__in=names).delete()
    AppPasswordsOnly.objects.filter(username__in=names).delete()
    MailSignIn.objects.filter(username__in=names).delete()
    TotpException.objects.filter(username__in=names).delete()
    DkimSigning.objects.filter(author__in=names).delete()
    logins = [f"{AccountKind.MAILBOX}:{name}" for name in names]
    Account.objects.filter(login__in=logins).delete()
    OneTimeLink.objects.filter(login__in=logins).delete()
    PasswordHistory.objects.filter(login__in=logins).delete()
    ExpiryWarning.objects.filter(username__in=names).delete()
    OutgoingMail.objects.filter(about__in=names).delete()


def has_belongings(name: str, domain: str) -> bool:
    """Return whether something is bound to a mailbox of this name, in one query by keys.

    Asked of a new name, it tells of a mailbox that another program deleted by halves. Only the TOTP exceptions, which
    are few, have no key for it.
    """
    login = f"{AccountKind.MAILBOX}:{name}"
    left = [
        OwnAlias.objects.filter(owner=name),
        Vacation.objects.filter(email=name),
        VacationMore.objects.filter(email=name),
        Quota2.objects.filter(username=name),
        Quota.objects.filter(username=name),
        Fetchmail.objects.filter(mailbox=name),
        MailboxAppPassword.objects.filter(username=name),
        Credential.objects.filter(username=name),
        AppPassword.objects.filter(username=name),
        AppPasswordsOnly.objects.filter(username=name),
        MailSignIn.objects.filter(username=name),
        Account.objects.filter(login=login),
        OneTimeLink.objects.filter(login=login),
        PasswordHistory.objects.filter(login=login),
        ExpiryWarning.objects.filter(username=name),
    ]
    # An admin of the name has these as well. Whoever asks for a link by mail puts down any name: that tells nothing.
    shared = [TotpException.objects.filter(username=name), OutgoingMail.objects.filter(about=name, kind=LETTER)]
    is_admin = _any([Admin.objects.filter(username=name)])
    return Domain.objects.filter(_any(left) | _any(shared) & ~is_admin, domain=domain).exists()


def _any(tables: Iterable[QuerySet[Any]]) -> Q:
    return reduce(or_, (Q(Exists(rows)) for rows in tables))
