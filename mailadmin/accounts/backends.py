"""Loading the account behind a session, with the row it signs in with."""

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from domains.models import ALL_DOMAINS, Domain, DomainAdmin
from mailadmin.accounts.credentials import AccountKind, Credential
from mailadmin.accounts.models import Account, Admin
from mailboxes.models import Mailbox


class AccountBackend(BaseBackend):
    """Sessions only: signing in is mailadmin.accounts.signin, which knows both kinds of a name."""

    def authenticate(self, request: HttpRequest | None, **credentials: object) -> None:
        return None

    def get_user(self, user_id: int) -> Account | None:
        """Return the account while its row may sign in and is the row the account was made for."""
        account = Account.objects.filter(pk=user_id).first()
        if account is None:
            return None
        account.credential = find_credential(account.kind, account.username)
        if account.credential is None or account.credential.created != account.row_created:
            return None
        return account


def find_credential(kind: AccountKind, username: str) -> Credential | None:
    """Return the active row of that kind and name, or None."""
    return _admin(username) if kind is AccountKind.ADMIN else _mailbox(username)


def _admin(username: str) -> Credential | None:
    row = Admin.objects.filter(username=username, active=True).values("password", "created", "superadmin").first()
    if row is None:
        return None
    # PostfixAdmin writes both marks; old databases have only the grant.
    superadmin = row["superadmin"] or DomainAdmin.objects.filter(username=username, domain=ALL_DOMAINS).exists()
    return Credential(AccountKind.ADMIN, username, row["password"], row["created"], superadmin)


def _mailbox(username: str) -> Credential | None:
    columns = ("password", "created", "domain", "password_expiry")
    row = Mailbox.objects.filter(username=username, active=True).values(*columns).first()
    if row is None:
        return None
    domain = Domain.objects.filter(domain=row["domain"], active=True).only("password_expiry").first()
    if domain is None:
        return None
    expires = row["password_expiry"] if domain.password_days else None
    return Credential(AccountKind.MAILBOX, username, row["password"], row["created"], expires=expires)
