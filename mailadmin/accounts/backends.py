"""Loading the account behind a session, with the row it signs in with."""

from django.contrib.auth.backends import BaseBackend
from django.db.models import QuerySet
from django.http import HttpRequest

from domains.models import ALL_DOMAINS, Domain, DomainAdmin
from mailadmin.accounts.credentials import AccountKind, Credential
from mailadmin.accounts.models import Account, Admin
from mailadmin.core.prepared import prepared
from mailadmin.core.same_row import is_same_row
from mailboxes.models import Mailbox


class AccountBackend(BaseBackend):
    """Sessions only: signing in is mailadmin.accounts.signin, which knows both kinds of a name."""

    def authenticate(self, request: HttpRequest | None, **credentials: object) -> None:
        return None

    def get_user(self, user_id: int) -> Account | None:
        """Return the account while its row may sign in and is the row the account was made for."""
        account = _account.first(user_id)
        if account is None:
            return None
        account.credential = find_credential(account.kind, account.username)
        if account.credential is None or not is_same_row(account.row_created, account.credential.created):
            return None
        return account


def find_credential(kind: AccountKind, username: str) -> Credential | None:
    """Return the active row of that kind and name, or None."""
    return _admin(username) if kind is AccountKind.ADMIN else _mailbox(username)


def _admin(username: str) -> Credential | None:
    row = _active_admin.first(username)
    if row is None:
        return None
    # PostfixAdmin writes both marks; old databases have only the grant.
    superadmin = row.superadmin or bool(_grants_of_all(username))
    return Credential(AccountKind.ADMIN, username, row.password, row.created, superadmin)


def _mailbox(username: str) -> Credential | None:
    row = _active_mailbox.first(username)
    domain = _active_domain.first(row.domain) if row else None
    if row is None or domain is None:
        return None
    expires = row.password_expiry if domain.password_days else None
    return Credential(AccountKind.MAILBOX, username, row.password, row.created, expires=expires)


@prepared
def _account(number: int) -> QuerySet[Account]:
    return Account.objects.filter(pk=number)


@prepared
def _active_admin(username: str) -> QuerySet[Admin]:
    return Admin.objects.filter(username=username, active=True).only("password", "created", "superadmin")


@prepared
def _grants_of_all(username: str) -> QuerySet[DomainAdmin]:
    return DomainAdmin.objects.filter(username=username, domain=ALL_DOMAINS).only("pk")[:1]


@prepared
def _active_mailbox(username: str) -> QuerySet[Mailbox]:
    rows = Mailbox.objects.filter(username=username, active=True)
    return rows.only("password", "created", "domain", "password_expiry")


@prepared
def _active_domain(name: str) -> QuerySet[Domain]:
    return Domain.objects.filter(domain=name, active=True).only("password_expiry")
