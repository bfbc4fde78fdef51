"""Where links to choose a new password are sent: PostfixAdmin's column `email_other` of a mailbox or an admin."""

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from domains.guard import take_admin_guard
from domains.models import AliasDomain, Domain
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account, Admin
from mailadmin.accounts.outbox import queue_letter
from mailadmin.audit.services import record
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import parse_address
from mailadmin.core.errors import Invalid, NotFound
from mailadmin.core.language import is_language
from mailadmin.core.mail import panel_url
from mailadmin.core.operation import operation
from mailadmin.core.passwords import verify_password
from mailadmin.core.permissions import Permission, require
from mailadmin.core.prepared import prepared
from mailboxes.guard import lock_mailbox
from mailboxes.models import Mailbox, mailbox_visible_to


def parse_recovery_address(text: str, username: str, parameter: str = "email_other") -> str:
    """Return a recovery address in stored form, "" for none; raises Invalid for what cannot be one."""
    if not text.strip():
        return ""
    address = str(parse_address(text, parameter))
    if address == username:
        raise Invalid.of(parameter, _("Choose another address: without the password, mail to this one cannot be read."))
    return address


def usable_address(row: Mailbox | Admin) -> str:
    """Return where a link may be sent, "" for nowhere. What other programs wrote into the column may be anything."""
    try:
        if isinstance(row, Mailbox):
            return parse_recovery_address(row.email_other, row.username)
        address = parse_address(row.email_other or row.username)
    except Invalid:
        return ""
    # Whoever manages the mailboxes of a domain reads what is sent there, and may be less than this admin is.
    return "" if _is_here(address.domain) else str(address)


def _is_here(domain: str) -> bool:
    return Domain.objects.filter(domain=domain).exists() or AliasDomain.objects.filter(alias_domain=domain).exists()


def set_own_recovery_address(actor: Actor, *, current: str, email_other: str) -> Mailbox | Admin:
    """Set the recovery address of whoever is signed in; empty is none. It is a key to the account: `current` is asked.

    The address of before is told. Raises NotFound, NotAllowed and Invalid. The caller throttles guesses at `current`.
    """
    require(actor, Permission.PASSWORD_CHANGE_OWN)
    row = own_row(actor)
    # The first of all: a refusal for another reason says that the password was right, and is not counted as a guess.
    if not verify_password(current, row.password, username=row.username):
        raise Invalid.of("current", _("This is not your current password."))
    address = parse_recovery_address(email_other, actor.username)
    return _set_own(actor, expected=row.password, address=address)


def own_row(person: Actor) -> Mailbox | Admin:
    """Return the row that somebody signed in with; raises NotFound."""
    row: Mailbox | Admin | None
    if person.is_user:
        row = mailbox_visible_to.first(person, person.username)
    else:
        row = _own_admin.first(person, person.username)
    if row is None:
        raise NotFound(person.username)
    return row


@prepared
def _own_admin(person: Actor, username: str) -> QuerySet[Admin]:
    return Admin.objects.visible_to(person).filter(username=username)


@operation
def _set_own(actor: Actor, *, expected: str, address: str) -> Mailbox | Admin:
    row: Mailbox | Admin
    if actor.is_user:
        row, _domain = lock_mailbox(actor, actor.username)
    else:
        take_admin_guard()
        row = own_row(actor)
    if row.password != expected:
        raise Invalid.of("current", _("The password was changed meanwhile. Sign in again."))
    before = row.email_other
    if address == before:
        return row
    row.email_other, row.modified = address, timezone.now()
    row.save(update_fields=["email_other", "modified"])
    tell_of_change(row, before)
    record(
        actor,
        "edit_mailbox" if isinstance(row, Mailbox) else "edit_admin",
        target=row.username,
        domain=row.domain if isinstance(row, Mailbox) else "",
        before={"email_other": before},
        after={"email_other": address},
    )
    return row


def tell_of_change(row: Mailbox | Admin, before: str) -> None:
    """Let the address that was the recovery address know that it is no longer."""
    try:
        to = str(parse_address(before))
    except Invalid:
        return
    with translation.override(language_of(row)):
        values = {"brand": settings.MAILADMIN_NAME, "name": row.username}
        subject = _("%(brand)s: the recovery address of %(name)s was changed") % values
        body = [
            _("Links to choose a new password for %(name)s are no longer sent to this address.") % values,
            _warning(),
        ]
        if url := panel_url(reverse("account")):
            body.append(url)
        queue_letter(to, subject, "\n\n".join(body) + "\n", about=row.username)


def _warning() -> str:
    if settings.MAILADMIN_SUPPORT:
        text: str = _("If neither you nor your admin did this, tell %s at once.") % settings.MAILADMIN_SUPPORT
        return text
    return _("If neither you nor your admin did this, tell your admin at once.")


def language_of(row: Mailbox | Admin) -> str:
    """Return the language that the person chose, else the installation's."""
    kind = AccountKind.MAILBOX if isinstance(row, Mailbox) else AccountKind.ADMIN
    accounts = Account.objects.filter(login=f"{kind}:{row.username}", row_created=row.created)
    chosen = accounts.values_list("language", flat=True).first() or ""
    return chosen if is_language(chosen) else settings.LANGUAGE_CODE
