"""Taking addresses that go away out of other aliases."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils import timezone

from aliases.models import Alias, AliasTarget
from aliases.targets import without_extension, write_targets
from domains.guard import add_to_counts
from mailboxes.models import Mailbox


def remove_references(aliases: Iterable[Alias], goes_away: Callable[[str], bool]) -> dict[str, Any] | None:
    """Take the targets that go away out of the aliases; returns what changed, for the audit event.

    An alias left without a target is deleted, unless it is a mailbox's own row: that delivers to the mailbox again.
    The caller holds the guards of the aliases' domains.
    """
    changed: dict[str, str] = {}
    deleted: list[str] = []
    for alias in aliases:
        kept = [target for target in alias.targets if not goes_away(target.lower())]
        if not kept and Mailbox.objects.filter(username=alias.address).exists():
            kept = [alias.address]
        if kept:
            alias.goto = changed[alias.address] = ",".join(kept)
            alias.modified = timezone.now()
            alias.save(update_fields=["goto", "modified"])
            write_targets(alias.address, alias.goto)
        else:
            delete_alias_rows([alias.address])
            count_deleted([alias])
            deleted.append(alias.address)
    return {"aliases_changed": changed, "aliases_deleted": deleted} if changed or deleted else None


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
    """Delete aliases with their derived rows."""
    AliasTarget.objects.filter(address__in=addresses).delete()
    Alias.objects.filter(address__in=addresses).delete()
