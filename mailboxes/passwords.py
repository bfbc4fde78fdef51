"""The password of a mailbox: setting a new one, and what goes and what is remembered with it."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.links import mailbox_login, void_links
from mailadmin.accounts.models import Account
from mailadmin.accounts.password_history import remember
from mailadmin.accounts.passwords import domain_policy, new_hash
from mailadmin.audit.services import PASSWORD_AFTER, PASSWORD_BEFORE, record
from mailadmin.core.actor import Actor
from mailadmin.core.errors import Invalid
from mailadmin.core.operation import operation
from mailadmin.core.permissions import Permission, require
from mailboxes.app_passwords import delete_app_passwords
from mailboxes.credentials import challenge_credentials, store_credentials
from mailboxes.guard import lock_mailbox
from mailboxes.models import Mailbox
from mailboxes.password_expiry import password_end


def set_mailbox_password(actor: Actor, *, username: str, password: str) -> Mailbox:
    """Give a mailbox a new password, which ends its owner's sessions. Raises NotFound, NotAllowed and Invalid."""
    require(actor, Permission.MAILBOX_UPDATE)
    name = Mailbox.objects.managed_by(actor).filter(username=username).values_list("name", flat=True).first() or ""
    stored = new_hash(password, username=username, name=name)
    credentials = challenge_credentials(password, username)
    return store_mailbox_password(actor, username=username, stored=stored, credentials=credentials)


@operation
def store_mailbox_password(
    actor: Actor,
    *,
    username: str,
    stored: str,
    credentials: Mapping[str, str] | None = None,
    expected: str | None = None,
    is_intrusion: bool = False,
) -> Mailbox:
    """Write a password hash, and the challenge credentials made from the same password.

    With `expected`, only while that is still the hash in the row. After an intrusion app passwords and links go too.
    """
    row, domain = lock_mailbox(actor, username)
    if expected is not None and row.password != expected:
        raise Invalid.of("current", _("The password was changed meanwhile. Sign in again."))
    remember_passwords(row, [row.password, stored])
    row.password = stored
    row.password_expiry = password_end(domain)
    row.token, row.token_validity = "", None
    row.modified = timezone.now()
    row.save(update_fields=["password", "password_expiry", "token", "token_validity", "modified"])
    store_credentials(row, credentials)
    if actor.is_user:
        # Whoever was asked for a new password has chosen one.
        Account.objects.filter(login=mailbox_login(row.username)).update(must_change_password=False)
    revoked: dict[str, Any] = {}
    if is_intrusion:
        revoked = {"revoked_app_passwords": delete_app_passwords(row)}
        void_links(mailbox_login(row.username))
    record(
        actor,
        "report_intrusion" if is_intrusion else "edit_password",
        target=row.username,
        domain=row.domain,
        before=PASSWORD_BEFORE,
        after=PASSWORD_AFTER | revoked,
    )
    return row


def remember_passwords(row: Mailbox, stored: list[str]) -> None:
    """Remember passwords of the mailbox, as many as the rules of its domain ask for."""
    last = domain_policy(row.domain).history
    remember(AccountKind.MAILBOX, row.username, row.created, stored, last=last)
