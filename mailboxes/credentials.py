"""Second credentials of a mailbox: what challenge mechanisms check its password by, beside the stored hash."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from mailadmin.core.batches import SIZE
from mailadmin.core.passwords import challenge_credentials, enabled_mechanisms
from mailboxes.models import Credential, Mailbox

__all__ = ["challenge_credentials", "delete_void_credentials", "store_credentials"]


def store_credentials(mailbox: Mailbox, credentials: Mapping[str, str] | None = None) -> None:
    """Put the credentials of a mailbox's new password in place of all that it had; None leaves it without any.

    credentials: by mechanism, as challenge_credentials makes them from the password whose hash the mailbox now has.
    The caller holds the guard of the mailbox's domain.
    """
    Credential.objects.filter(username=mailbox.username).delete()
    Credential.objects.bulk_create(
        Credential(username=mailbox.username, mechanism=mechanism, secret=secret, made_for=mailbox.password)
        for mechanism, secret in (credentials or {}).items()
    )


def delete_void_credentials() -> int:
    """Delete credentials that no longer count: of a mailbox that another program deleted or gave another password, and
    of a mechanism that is off; returns how many. A short transaction at a time.
    """
    fitting = Mailbox.objects.filter(username=OuterRef("username"), password=OuterRef("made_for"))
    void = Credential.objects.filter(~Exists(fitting) | ~Q(mechanism__in=enabled_mechanisms()))
    deleted = 0
    while rows := list(void[:SIZE]):
        with transaction.atomic():
            for row in rows:
                # Not the one that a new password has brought meanwhile.
                same = Credential.objects.filter(username=row.username, mechanism=row.mechanism, made_for=row.made_for)
                deleted += same.delete()[0]
    return deleted
