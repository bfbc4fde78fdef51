"""Making the derived table of alias targets anew from the alias rows, whoever wrote them."""

from collections.abc import Iterator
from dataclasses import dataclass

from aliases.models import Alias, AliasTarget
from aliases.targets import derived_targets
from domains.guard import take_guard
from mailadmin.core.batches import SIZE
from mailadmin.core.operation import operation


@dataclass(slots=True)
class Counts:
    aliases: int = 0
    added: int = 0
    removed: int = 0

    def add(self, other: "Counts") -> None:
        self.aliases += other.aliases
        self.added += other.added
        self.removed += other.removed


def reindex_aliases() -> Iterator[Counts]:
    """Make the derived rows agree with the aliases, one batch and one transaction at a time; yields what each did."""
    place: tuple[str, str] | None = None
    while batch := _next_aliases(place):
        yield _reindex(batch[0][0], [address for _domain, address in batch])
        place = batch[-1]
    address = None
    while addresses := _next_indexed(address):
        yield _remove_leftovers(addresses)
        address = addresses[-1]


def _next_aliases(place: tuple[str, str] | None) -> list[tuple[str, str]]:
    """Return domain and address of the next aliases, all of one domain."""
    rows = Alias.objects.order_by("domain", "address").values_list("domain", "address")
    if place is not None:
        domain, address = place
        if batch := list(rows.filter(domain=domain, address__gt=address)[:SIZE]):
            return batch
        rows = rows.filter(domain__gt=domain)
    first = rows.first()
    return list(rows.filter(domain=first[0])[:SIZE]) if first else []


def _next_indexed(address: str | None) -> list[str]:
    rows = AliasTarget.objects.filter(address__gt=address) if address is not None else AliasTarget.objects.all()
    return list(rows.order_by("address").values_list("address", flat=True).distinct()[:SIZE])


@operation
def _reindex(domain: str, addresses: list[str]) -> Counts:
    take_guard([domain])
    wanted = {
        (target, address)
        for address, goto in Alias.objects.filter(address__in=addresses).values_list("address", "goto")
        for target in derived_targets(goto)
    }
    rows = AliasTarget.objects.filter(address__in=addresses)
    present = {(target, address): key for key, target, address in rows.values_list("pk", "target", "address")}
    gone = [key for pair, key in present.items() if pair not in wanted]
    missing = sorted(wanted - present.keys())
    for start in range(0, len(gone), SIZE):
        AliasTarget.objects.filter(pk__in=gone[start : start + SIZE]).delete()
    AliasTarget.objects.bulk_create(
        (
            AliasTarget(target=target, target_domain=target.rpartition("@")[2], address=address)
            for target, address in missing
        ),
        batch_size=SIZE,
    )
    return Counts(aliases=len(addresses), added=len(missing), removed=len(gone))


@operation
def _remove_leftovers(addresses: list[str]) -> Counts:
    """Remove derived rows of aliases that are gone."""
    gone = _without_alias(addresses)
    if not gone:
        return Counts()
    take_guard(address.rpartition("@")[2] for address in gone)
    removed, _by_model = AliasTarget.objects.filter(address__in=_without_alias(gone)).delete()
    return Counts(removed=removed)


def _without_alias(addresses: list[str]) -> list[str]:
    known = set(Alias.objects.filter(address__in=addresses).values_list("address", flat=True))
    return [address for address in addresses if address not in known]
