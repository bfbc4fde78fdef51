"""Which alias rows are somebody's own. Every use looks at the rows themselves, which other programs write as well."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone

from aliases.models import Alias, OwnAlias
from aliases.references import count_deleted, delete_alias_rows
from mailadmin.core.batches import in_batches
from mailadmin.core.prepared import prepared
from mailadmin.core.same_row import is_same_row
from mailboxes.models import Mailbox


def own_of(aliases: Sequence[Alias]) -> dict[str, OwnAlias]:
    """Return those of the aliases, by address, that are the own ones of a mailbox which is still there."""
    rows = {alias.address: alias for alias in aliases}
    found = [own for own in _marked(tuple(rows)) if is_of(own, rows[own.address])]
    if not found:
        return {}
    made = dict(Mailbox.objects.filter(username__in=[own.owner for own in found]).values_list("username", "created"))
    return {own.address: own for own in found if own.owner in made and is_same_row(own.owner_created, made[own.owner])}


@prepared
def _marked(addresses: tuple[str, ...]) -> QuerySet[OwnAlias]:
    return OwnAlias.objects.filter(address__in=addresses)


@prepared
def _owned_by(username: str) -> QuerySet[OwnAlias]:
    return OwnAlias.objects.filter(owner=username)


def own_aliases_of(mailbox: Mailbox) -> list[tuple[Alias, OwnAlias]]:
    """Return the aliases of a mailbox's owner, in order of address."""
    own = {row.address: row for row in _owned_by(mailbox.username)}
    aliases = Alias.objects.filter(address__in=own).order_by("address") if own else []
    return [(a, own[a.address]) for a in aliases if is_of(own[a.address], a) and belongs(own[a.address], mailbox)]


def is_of(own: OwnAlias, alias: Alias) -> bool:
    """Return whether this is the alias that was made then, and leads to its owner alone as it did."""
    return is_same_row(own.alias_created, alias.created) and [target.lower() for target in alias.targets] == [own.owner]


def belongs(own: OwnAlias, mailbox: Mailbox) -> bool:
    """Return whether the owner is this mailbox, not an earlier one of the name."""
    return own.owner == mailbox.username and is_same_row(own.owner_created, mailbox.created)


def switch_off_ended() -> int:
    """Switch off what has ended, for servers that will not look at the end any more; returns how many were on."""
    now = timezone.now()
    switched = 0
    for batch in in_batches(OwnAlias.objects.filter(ends__lte=now)):
        own = {row.address: row for row in batch}
        ended = [a.address for a in Alias.objects.filter(address__in=own, active=True) if is_of(own[a.address], a)]
        switched += Alias.objects.filter(address__in=ended).update(active=False, modified=now)
    return switched


def delete_own_aliases(names: list[str]) -> None:
    """Delete the own aliases of mailboxes of these names, there or not; the caller holds their domains' guards."""
    for owners in in_batches(names):
        own = {row.address: row for row in OwnAlias.objects.filter(owner__in=owners)}
        aliases = [a for a in Alias.objects.filter(address__in=own) if is_of(own[a.address], a)]
        delete_alias_rows([alias.address for alias in aliases])
        count_deleted(aliases)
        OwnAlias.objects.filter(owner__in=owners).delete()
