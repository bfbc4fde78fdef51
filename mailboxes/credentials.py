"""Second credentials of a mailbox: what challenge mechanisms check its password by, beside the stored hash."""

from collections.abc import Mapping

from mailadmin.core.passwords import challenge_credentials
from mailboxes.models import Credential, Mailbox

__all__ = ["challenge_credentials", "store_credentials"]


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
