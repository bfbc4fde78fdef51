"""Asking owners of mailboxes for a new password: the panel lets them do nothing else until they chose one."""

from collections.abc import Callable, Iterable, Sequence

from django.db.models import QuerySet

from domains.guard import lock_domain
from mailadmin.accounts.links import mailbox_login
from mailadmin.accounts.models import Account
from mailadmin.audit.services import Recorded, record_all
from mailadmin.core.actor import Actor
from mailadmin.core.operation import operation
from mailadmin.core.permissions import Permission, require
from mailadmin.core.prepared import prepared
from mailadmin.core.same_row import is_same_row
from mailboxes.guard import managed_in_order
from mailboxes.models import Mailbox


@operation
def ask_for_new_passwords(
    actor: Actor, *, domain: str, usernames: Iterable[str], step: Callable[[int], None] | None = None
) -> int:
    """Ask the owners of mailboxes of one domain for a new password when they next use the panel, all or none.

    Returns how many were not asked already. Mail programs go on with the present password. `step` is told after each
    batch how many are done. Raises NotFound and NotAllowed.
    """
    require(actor, Permission.MAILBOX_UPDATE)
    owner = lock_domain(actor, domain)
    done = asked = 0
    for rows in managed_in_order(actor, owner, usernames):
        asked += _ask(actor, rows)
        done += len(rows)
        if step is not None:
            step(done)
    return asked


def asked_already(rows: Iterable[Mailbox]) -> set[str]:
    """Return the names of those whose owners are asked for a new password."""
    created = {mailbox_login(row.username): row.created for row in rows}
    asked = _asked(tuple(created))
    return {account.username for account in asked if is_same_row(account.row_created, created[account.login])}


@prepared
def _asked(logins: tuple[str, ...]) -> QuerySet[Account]:
    return Account.objects.filter(login__in=logins, must_change_password=True)


def _ask(actor: Actor, rows: Sequence[Mailbox]) -> int:
    known = asked_already(rows)
    wanted = {mailbox_login(row.username): row for row in rows if row.username not in known}
    if not wanted:
        return 0
    accounts = Account.objects.filter(login__in=wanted)
    present = dict(accounts.values_list("login", "row_created"))
    # A mailbox that was made again inherits nothing.
    stale = [login for login, created in present.items() if not is_same_row(created, wanted[login].created)]
    accounts.filter(login__in=stale).delete()
    missing = [login for login in wanted if login not in present or login in stale]
    # Its owner may be signing in for the first time right now.
    Account.objects.bulk_create(
        [Account(login=login, row_created=wanted[login].created) for login in missing], ignore_conflicts=True
    )
    accounts.update(must_change_password=True)
    before, after = {"must_change": False}, {"must_change": True}
    events = [Recorded(target=row.username, domain=row.domain, before=before, after=after) for row in wanted.values()]
    record_all(actor, "ask_password", events)
    return len(wanted)
