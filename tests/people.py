"""People at the panel: superadmins, domain admins and mailbox users, signed in without the cost of a password."""

from collections.abc import Iterable

from django.test import Client
from django.utils import timezone

from domains.models import ALL_DOMAINS, Domain, DomainAdmin
from mailadmin.accounts.backends import find_credential
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account, Admin
from mailadmin.accounts.signin import BACKEND
from mailboxes.models import Mailbox


def make_domains(*names: str, **values: object) -> list[Domain]:
    """Write domain rows as they are, past the operations."""
    now = timezone.now()
    rows = [
        Domain(**{"domain": name, "transport": "virtual", "created": now, "modified": now} | values) for name in names
    ]
    return Domain.objects.bulk_create(rows)


def make_mailboxes(*usernames: str, **values: object) -> list[Mailbox]:
    """Write mailbox rows as they are, without their alias rows."""
    now = timezone.now()
    rows = []
    for username in usernames:
        local_part, _at, domain = username.rpartition("@")
        own = {"username": username, "local_part": local_part, "domain": domain, "maildir": f"{domain}/{local_part}/"}
        rows.append(Mailbox(**{**own, "created": now, "modified": now} | values))
    return Mailbox.objects.bulk_create(rows)


def admin_client(username: str, *, superadmin: bool = False, domains: Iterable[str] = ()) -> Client:
    """Return a browser signed in as a new admin of the domains."""
    now = timezone.now().replace(microsecond=0)
    Admin.objects.create(username=username, password="x", superadmin=superadmin, created=now, modified=now)
    names = [*domains, *([ALL_DOMAINS] if superadmin else [])]
    DomainAdmin.objects.bulk_create(DomainAdmin(username=username, domain=name, created=now) for name in names)
    return signed_in(AccountKind.ADMIN, username)


def signed_in(kind: AccountKind, username: str) -> Client:
    """Return a browser signed in with an existing admin or mailbox."""
    credential = find_credential(kind, username)
    assert credential is not None
    account = Account.objects.create(login=credential.login, row_created=credential.created)
    account.credential = credential
    client = Client()
    client.force_login(account, backend=BACKEND)
    return client
