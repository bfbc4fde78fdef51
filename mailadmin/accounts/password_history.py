"""Earlier passwords, remembered as hashes alone, for the rule that the last ones may not come again."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone

from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Admin, PasswordHistory
from mailadmin.core.passwords import is_salted_hash, verify_password
from mailadmin.core.same_row import whole_second
from mailboxes.models import Mailbox


def is_used_before(kind: AccountKind, username: str, password: str, *, last: int) -> bool:
    """Return whether a password is the present one of an account, or among its last ones.

    Each comparison takes as long as a sign-in: call it outside transactions.
    """
    rows = Admin.objects if kind is AccountKind.ADMIN else Mailbox.objects
    row = rows.filter(username=username).values_list("password", "created").first()
    if row is None:
        return False
    present, created = row
    own = _of(kind, username).filter(row_created=whole_second(created))
    known = own.order_by("-id").values_list("stored", flat=True)[:last]
    # Also the present one was remembered, unless another program wrote it.
    forms = list(dict.fromkeys([present, *known]))[:last]
    return any(verify_password(password, form, username=username) for form in forms)


def remember(
    kind: AccountKind, username: str, created: dt.datetime | None, stored: Iterable[str], *, last: int
) -> None:
    """Remember passwords, the newest at the end, and of all only the last ones; none where `last` is 0.

    stored: as they stand in the row; what is no salted hash, such as clear text, is not kept. created: of the row, for
    a name made again has no earlier passwords. The caller holds the guard under which the password is changed.
    """
    own, made = _of(kind, username), whole_second(created)
    if not last:
        own.delete()
        return
    own.exclude(row_created=made).delete()
    known = set(own.values_list("stored", flat=True))
    new = [form for form in dict.fromkeys(stored) if form not in known and is_salted_hash(form)]
    now = timezone.now()
    for form in new:
        # One by one: their order is that of their numbers.
        PasswordHistory.objects.create(login=f"{kind}:{username}", row_created=made, stored=form, time=now)
    kept = list(own.order_by("-id").values_list("id", flat=True)[:last])
    own.exclude(id__in=kept).delete()


def follow_rehash(kind: AccountKind, username: str, before: str, after: str) -> None:
    """Let the same password, stored anew, be remembered in its new form."""
    own = _of(kind, username).filter(stored=before)
    if is_salted_hash(after):
        own.update(stored=after)
    else:
        own.delete()


def forget(kind: AccountKind, usernames: Iterable[str]) -> None:
    """Forget the passwords of accounts that are deleted."""
    PasswordHistory.objects.filter(login__in=[f"{kind}:{name}" for name in usernames]).delete()


def _of(kind: AccountKind, username: str) -> QuerySet[PasswordHistory]:
    return PasswordHistory.objects.filter(login=f"{kind}:{username}")
