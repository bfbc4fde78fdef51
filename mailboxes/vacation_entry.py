"""The entry in a mailbox's alias row that hands its mail to a vacation program: `anna#example.com@autoreply...`.

Derived from the vacation row, which is the one truth. With MAILADMIN_VACATION=transport a row that is on has it, from
at once (the program looks at the beginning) until the end. With sieve none is needed: those that are there are dropped,
but a running one is kept while PostfixAdmin, whose program may be what replies, is in use beside this panel.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from django.conf import settings
from django.db import connection
from django.utils import timezone

from aliases.models import Alias, AliasTarget
from aliases.targets import is_vacation_entry, write_gotos
from domains.guard import take_guard
from mailadmin.adopt.scheme import is_old_panel_in_use
from mailadmin.core.batches import SIZE
from mailadmin.core.operation import operation
from mailadmin.core.places import Order
from mailboxes.models import Mailbox, Vacation, VacationNotification


@dataclass(slots=True)
class Corrected:
    """How many alias rows were looked at, and how many gained or lost an entry."""

    read: int = 0
    added: int = 0
    removed: int = 0

    def add(self, other: "Corrected") -> None:
        self.read += other.read
        self.added += other.added
        self.removed += other.removed


def uses_entries() -> bool:
    """Return whether vacation replies are delivered by a program that Postfix hands the mail to."""
    return bool(settings.MAILADMIN_VACATION == "transport")


def entry_of(address: str) -> str:
    """Return the entry of a mailbox."""
    return f"{address.replace('@', '#')}@{settings.MAILADMIN_VACATION_DOMAIN}"


def without_entry(address: str, targets: Iterable[str]) -> list[str]:
    """Return the targets that are no vacation entry of the address: where its mail really goes."""
    return [target for target in targets if not is_vacation_entry(target, address)]


def with_entry(address: str, targets: Sequence[str]) -> list[str]:
    """Return the targets of a mailbox's alias row as its vacation wants them; the mailbox itself where none is left."""
    if not uses_entries() and not _entries(address, targets):
        return list(targets)
    row = Vacation.objects.filter(email=address).first()
    return _as_wanted(address, targets, row)


def keep_entry(address: str) -> None:
    """Make the alias row of a mailbox agree with its vacation; the caller holds the domain's guard."""
    alias = Alias.objects.filter(address=address).first()
    if alias is not None:
        _correct_rows([alias])


def correct_entries() -> Iterator[Corrected]:
    """Make all alias rows agree with the vacations, a batch at a time; yields what each did."""
    place: str | None = ""
    while place is not None:
        corrected, place = correct_next(place)
        yield corrected
    for entries in _entries_held():
        # Those with a vacation were looked at above.
        known = Vacation.objects.filter(email__in=entries).values_list("email", flat=True)
        yield _correct_where_wrong(entries.keys() - set(known))


def correct_next(place: str) -> tuple[Corrected, str | None]:
    """Correct the alias rows of the next vacations; returns what was done and the place to go on from, or None."""
    rows = list(Vacation.objects.filter(email__gt=place).order_by("email")[:SIZE])
    corrected = _correct_where_wrong([row.email for row in rows])
    now = timezone.now()
    _forget_answered([row.email for row in rows if not _is_running(row, now)])
    return corrected, rows[-1].email if len(rows) == SIZE else None


def entry_domains() -> list[str]:
    """Return the domains of the entries that alias rows hold, in order. None without tables.

    Reads all vacations, and for those that are gone all derived targets.
    """
    found: set[str] = set()
    tables = connection.introspection.table_names()
    if Vacation._meta.db_table not in tables:
        return []
    if AliasTarget._meta.db_table in tables:
        held = (entry for entries in _entries_held() for entry in chain(*entries.values()))
        found.update(entry.rpartition("@")[2] for entry in held)
    place: str | None = ""
    while place is not None:
        names = list(Vacation.objects.filter(email__gt=place).order_by("email").values_list("email", flat=True)[:SIZE])
        for alias in Alias.objects.filter(address__in=names, goto__contains="#"):
            found.update(entry.rpartition("@")[2].lower() for entry in _entries(alias.address, alias.targets))
        place = names[-1] if len(names) == SIZE else None
    return sorted(found)


def _entries_held() -> Iterator[dict[str, list[str]]]:
    """Yield the entries in the derived targets, of whatever domain, by the address that holds them, a batch at a time.

    No index finds them: all targets are read, once, in the order of the index that has both columns, for each batch
    goes on where the one before it ended.
    """
    order = Order("target", "address", upwards=True)
    held = order.of(AliasTarget.objects.filter(target__contains="#")).values_list("target", "address")
    pairs = list(held[:SIZE])
    while pairs:
        entries: dict[str, list[str]] = {}
        for target, address in pairs:
            if is_vacation_entry(target, address):
                entries.setdefault(address, []).append(target)
        yield entries
        pairs = list(held.filter(order.beyond(pairs[-1]))[:SIZE]) if len(pairs) == SIZE else []


def _correct_where_wrong(names: Collection[str]) -> Corrected:
    """Correct those of the rows that are not as wanted, a domain and a transaction at a time."""
    total = Corrected(read=len(names))
    if not names:
        return total
    wrong: dict[str, list[str]] = {}
    for alias, targets in _wanted(list(Alias.objects.filter(address__in=names))):
        if targets != alias.targets:
            wrong.setdefault(alias.domain, []).append(alias.address)
    for domain, addresses in sorted(wrong.items()):
        total.add(_correct_domain(domain, addresses))
    return total


@operation
def _correct_domain(domain: str, addresses: list[str]) -> Corrected:
    take_guard([domain])
    return _correct_rows(list(Alias.objects.filter(address__in=addresses)))


@operation
def _forget_answered(names: list[str]) -> None:
    """Delete who was answered in vacations that are over."""
    VacationNotification.objects.filter(on_vacation__in=names).delete()


def _correct_rows(aliases: list[Alias]) -> Corrected:
    done = Corrected()
    changed: dict[str, str] = {}
    for alias, targets in _wanted(aliases):
        if targets == alias.targets:
            continue
        changed[alias.address] = ",".join(targets)
        if _entries(alias.address, targets):
            done.added += 1
        else:
            done.removed += 1
    if changed:
        write_gotos(changed, modified=timezone.now().replace(microsecond=0))
    return done


def _wanted(aliases: list[Alias]) -> list[tuple[Alias, list[str]]]:
    """Return the aliases with the targets that they should have; what is no mailbox's row stays as it is."""
    names = [alias.address for alias in aliases]
    rows = {row.email: row for row in Vacation.objects.filter(email__in=names)}
    mailboxes = set(Mailbox.objects.filter(username__in=names).values_list("username", flat=True))
    return [
        (alias, _as_wanted(alias.address, alias.targets, rows.get(alias.address)))
        for alias in aliases
        if alias.address in mailboxes
    ]


def _as_wanted(address: str, targets: Sequence[str], row: Vacation | None) -> list[str]:
    present = _entries(address, targets)
    real = without_entry(address, targets) or [address]
    if row is None or not _is_running(row, timezone.now()):
        return real if present else list(targets)
    if uses_entries():
        entry = entry_of(address)
        return list(targets) if present == [entry] and len(targets) > 1 else [*real, entry]
    return real if present and not is_old_panel_in_use() else list(targets)


def _entries(address: str, targets: Iterable[str]) -> list[str]:
    return [target for target in targets if is_vacation_entry(target, address)]


def _is_running(row: Vacation, now: dt.datetime) -> bool:
    """Return whether the vacation is on and has not ended; it may still be to come."""
    return row.active and (row.activeuntil is None or now <= row.activeuntil)
