"""Who points where: the derived table behind "which aliases point here", and the search for loops."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import connection
from django.db.models import QuerySet

from aliases.models import Alias, AliasTarget
from domains.models import AliasDomain
from mailadmin.core.addresses import readable
from mailadmin.core.batches import in_batches
from mailadmin.core.extension import without_extension
from mailadmin.core.prepared import prepared

MAX_TARGETS = 500
MAX_GOTO = 60_000
"""Characters in a goto column; `text` holds 65,535 bytes."""

_DEPTH = 50
"""Aliases through which mail is followed: more than Postfix itself does."""
_EXPANDED = 300
"""Addresses that one query follows; each is asked for with its extension, without, and with its domain's catch-all."""


def split_goto(goto: str) -> list[str]:
    """Return the targets of a goto column in the form the derived table holds: lower case, in order, no repeats."""
    return list(dict.fromkeys(target.strip().lower() for target in goto.split(",") if target.strip()))


def is_vacation_entry(target: str, address: str) -> bool:
    """Say whether the target is how PostfixAdmin's vacation program gets a mailbox's mail: `anna#example.com@...`."""
    return target.lower().startswith(f"{address.replace('@', '#')}@")


def write_targets(address: str, goto: str) -> None:
    """Make the derived rows of one alias agree with its goto."""
    write_targets_of({address: goto})


def write_targets_of(gotos: Mapping[str, str]) -> None:
    """Make the derived rows of aliases agree with their gotos, given by address."""
    wanted = {(target, address) for address, goto in gotos.items() for target in derived_targets(goto)}
    rows = AliasTarget.objects.filter(address__in=gotos)
    present = {(target, address): pk for pk, target, address in rows.values_list("pk", "target", "address")}
    for gone in in_batches(pk for pair, pk in present.items() if pair not in wanted):
        AliasTarget.objects.filter(pk__in=gone).delete()
    AliasTarget.objects.bulk_create(
        AliasTarget(target=target, target_domain=target.rpartition("@")[2], address=address)
        for target, address in sorted(wanted - present.keys())
    )


def write_gotos(gotos: Mapping[str, str], *, modified: dt.datetime) -> None:
    """Write the goto columns of aliases, given by address, with their derived rows."""
    Alias.objects.filter(address__in=gotos).update(modified=modified)
    # Django's bulk_update makes one CASE of all, which takes ten times as long as the statements one by one.
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE alias SET goto = %s WHERE address = %s", [(g, a) for a, g in gotos.items()])
    write_targets_of(gotos)


def derived_targets(goto: str) -> set[str]:
    """Return the targets that the derived table holds for a goto column."""
    targets = {target for target in split_goto(goto) if target.isascii() and len(target) <= 255}
    return targets | {without_extension(target) for target in targets}


def aliases_pointing_at(addresses: Collection[str]) -> list[Alias]:
    """Return other addresses' aliases that have one of the addresses as a target, in order of address."""
    return [alias for alias in _pointing(tuple(addresses)) if points_at(alias, addresses)]


@prepared
def _pointing(addresses: tuple[str, ...]) -> QuerySet[Alias]:
    pointing = AliasTarget.objects.filter(target__in=addresses).values("address")
    return Alias.objects.filter(address__in=pointing).exclude(address__in=addresses).order_by("address")


def targets_in_use(addresses: Collection[str]) -> set[str]:
    """Return those of the addresses that some alias, but their own row, has as a target."""
    pairs = AliasTarget.objects.filter(target__in=addresses).values_list("target", "address")
    return {target for target, address in pairs if address != target}


def aliases_pointing_into(domain: str) -> list[Alias]:
    """Return the aliases of other domains with a target in this one, in order of address."""
    pointing = AliasTarget.objects.filter(target_domain=domain).values("address")
    rows = Alias.objects.filter(address__in=pointing).exclude(domain=domain).order_by("address")
    return [alias for alias in rows if any(target.endswith(f"@{domain}") for target in split_goto(alias.goto))]


def points_at(alias: Alias, addresses: Collection[str]) -> bool:
    """Return whether the alias row itself has one of the addresses as a target."""
    return bool(derived_targets(alias.goto) & set(addresses))


class Ways:
    """Where addresses are sent on by the aliases as they are now, each asked for once."""

    def __init__(self) -> None:
        self._known: dict[str, list[str]] = {}

    def sent_on(self, addresses: Iterable[str]) -> dict[str, list[str]]:
        """Return where each of the addresses is sent on, in their order."""
        wanted = list(addresses)
        for missing in in_batches((address for address in wanted if address not in self._known), _EXPANDED):
            self._known |= _expand(missing)
        return {address: self._known[address] for address in wanted}

    def follow(self, addresses: Iterable[str]) -> None:
        """Ask for all that can be reached from the addresses, a level at a time."""
        level, seen = list(dict.fromkeys(addresses)), set[str]()
        for _step in range(_DEPTH):
            if not level:
                return
            seen.update(level)
            goes_to = self.sent_on(level).values()
            level = [
                target for target in dict.fromkeys(t for targets in goes_to for t in targets) if target not in seen
            ]


def find_loop(address: str, targets: Sequence[str], ways: Ways | None = None) -> list[str]:
    """Return the path by which mail to the address would come back to it, or an empty list.

    Follows aliases as Postfix does (virtual(5)): the exact address, then alias domains, then the domain's catch-all.
    """
    origins = _origins([target for target in targets if target != address], ways or Ways(), stop_at=address)
    return _path(origins, address) if address in origins else []


class AddedTarget:
    """Finds the loops that one more target would make of many aliases; what that target reaches is followed once.

    Answers as find_loop does of each alias with the target at the end of its own. What an alias has gained before does
    not matter to the next: it leads only to the target.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self._ways = Ways()
        self._origins = _origins([target], self._ways)
        self._near = Ways()

    def look_at(self, aliases: Iterable[Alias]) -> None:
        """Follow the targets that these aliases have already: those asked about next."""
        self._near = Ways()
        self._near.follow(target for alias in aliases for target in alias.targets if target != alias.address)

    def loop(self, alias: Alias) -> list[str]:
        """Return the path by which mail to the alias would come back to it, or an empty list."""
        if path := find_loop(alias.address, alias.targets, self._near):
            # There already; the way through the new target may be the shorter one.
            return find_loop(alias.address, [*alias.targets, self.target], self._ways) or path
        if self.target == alias.address or alias.address not in self._origins:
            return []
        return _path(self._origins, alias.address)


def _origins(targets: Sequence[str], ways: Ways, *, stop_at: str = "") -> dict[str, str]:
    """Return all that mail to the targets reaches, each with the address it comes from; "" for the targets themselves.

    Ends early where it reaches `stop_at`.
    """
    came_from = dict.fromkeys(targets, "")
    level = list(came_from)
    for _step in range(_DEPTH):
        following: list[str] = []
        for origin, goes_to in ways.sent_on(level).items():
            for target in goes_to:
                if target in came_from:
                    continue
                came_from[target] = origin
                if target == stop_at:
                    return came_from
                following.append(target)
        level = following
        if not level:
            break
    return came_from


def _expand(addresses: Iterable[str]) -> dict[str, list[str]]:
    """Return where each of the addresses is sent on by an alias."""
    plain = {address: without_extension(address) for address in addresses}
    keys = {key for pair in plain.items() for key in pair}
    domains = {key.rpartition("@")[2] for key in keys}
    rows = dict(Alias.objects.filter(address__in=keys | {f"@{d}" for d in domains}).values_list("address", "goto"))
    mirrored = dict(AliasDomain.objects.filter(alias_domain__in=domains).values_list("alias_domain", "target_domain"))
    found = {}
    for address, base in plain.items():
        local_part, _at, domain = base.rpartition("@")
        goto = rows.get(address) or rows.get(base)
        if goto is None and domain in mirrored:
            found[address] = [f"{local_part}@{mirrored[domain]}"]
            continue
        found[address] = split_goto(rows.get(f"@{domain}", "") if goto is None else goto)
    return found


def _path(came_from: Mapping[str, str], address: str) -> list[str]:
    """Return the way from the address over its targets back to it."""
    path = [address, came_from[address]]
    while origin := came_from[path[-1]]:
        path.append(origin)
    return [readable(step) for step in [address, *reversed(path)]]
