"""Taking addresses that go away out of other aliases."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils import timezone

from aliases.models import Alias, AliasTarget, OwnAlias
from aliases.targets import derived_targets, is_vacation_entry, write_gotos
from domains.guard import add_to_counts
from mailadmin.core.batches import in_batches
from mailadmin.core.extension import without_extension
from mailboxes.models import Mailbox


def remove_references(aliases: Iterable[Alias], goes_away: Callable[[str], bool]) -> dict[str, Any] | None:
    """Take the targets that go away out of the aliases; returns what changed, for the audit event.

    An alias left without a target is deleted, unless it is a mailbox's own row: that delivers to the mailbox again.
    The caller holds the guards of the aliases' domains.
    """
    references = References(aliases)
    told = references.remove(references.aliases.values(), goes_away)
    references.write()
    return told


class References:
    """Aliases out of which targets are taken, one address after the other; they are written once, at the end."""

    def __init__(self, aliases: Iterable[Alias]) -> None:
        self.aliases = {alias.address: alias for alias in aliases}
        self._changed: set[str] = set()
        self._deleted: set[str] = set()
        self._of_mailboxes: set[str] = set()
        self._pointing: dict[str, list[Alias]] = {}
        for alias in self.aliases.values():
            for target in derived_targets(alias.goto):
                self._pointing.setdefault(target, []).append(alias)
        for names in in_batches(self.aliases):
            rows = Mailbox.objects.filter(username__in=names)
            self._of_mailboxes.update(rows.values_list("username", flat=True))

    def pointing_at(self, address: str) -> list[Alias]:
        """Return the aliases that had the address as a target."""
        return self._pointing.get(address, [])

    def remove(self, aliases: Iterable[Alias], goes_away: Callable[[str], bool]) -> dict[str, Any] | None:
        """Take the targets that go away out of some of the aliases; returns what changed, for the audit event."""
        changed: dict[str, str] = {}
        deleted: list[str] = []
        for alias in aliases:
            if alias.address in self._deleted:
                continue
            kept = [target for target in alias.targets if not goes_away(target.lower())]
            if alias.address in self._of_mailboxes and all(is_vacation_entry(t, alias.address) for t in kept):
                kept = [alias.address, *kept]
            if kept == alias.targets:
                continue
            if kept:
                alias.goto = changed[alias.address] = ",".join(kept)
            else:
                deleted.append(alias.address)
        self._changed.update(changed)
        self._deleted.update(deleted)
        return {"aliases_changed": changed, "aliases_deleted": deleted} if changed or deleted else None

    def write(self) -> None:
        """Write what has changed."""
        now = timezone.now()
        for names in in_batches(sorted(self._changed - self._deleted)):
            write_gotos({name: self.aliases[name].goto for name in names}, modified=now)
        for names in in_batches(sorted(self._deleted)):
            delete_alias_rows(names)
            count_deleted([self.aliases[name] for name in names])


def refers_to(address: str) -> Callable[[str], bool]:
    """Return the test whether a target is the address, with an extension or without."""

    def refers(target: str) -> bool:
        if target == address:
            return True
        # `anna+news@` is anna's, unless it has a row of its own (virtual(5) looks it up first).
        return without_extension(target) == address and not Alias.objects.filter(address=target).exists()

    return refers


def count_deleted(aliases: Sequence[Alias]) -> None:
    """Take deleted aliases, none of them a mailbox's own row, off the counters of their domains."""
    for name in sorted({alias.domain for alias in aliases}):
        add_to_counts(name, aliases=-sum(alias.domain == name for alias in aliases))


def delete_alias_rows(addresses: list[str]) -> None:
    """Delete aliases with their derived rows, and with what makes them somebody's own."""
    OwnAlias.objects.filter(address__in=addresses).delete()
    AliasTarget.objects.filter(address__in=addresses).delete()
    Alias.objects.filter(address__in=addresses).delete()
