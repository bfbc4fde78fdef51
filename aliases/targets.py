"""Who points where: the derived table behind "which aliases point here", and the search for loops."""

from collections.abc import Collection, Iterable, Sequence

from aliases.models import Alias, AliasTarget
from domains.models import AliasDomain
from mailadmin.core.addresses import readable

_DEPTH = 50


def split_goto(goto: str) -> list[str]:
    """Return the targets of a goto column in the form the derived table holds: lower case, in order, no repeats."""
    return list(dict.fromkeys(target.strip().lower() for target in goto.split(",") if target.strip()))


def without_extension(target: str) -> str:
    """Return `anna@example.com` for `anna+news@example.com`."""
    local_part, _at, domain = target.rpartition("@")
    return f"{local_part.split('+', 1)[0]}@{domain}" if "+" in local_part.lstrip("+") else target


def write_targets(address: str, goto: str) -> None:
    """Make the derived rows of one alias agree with its goto."""
    wanted = derived_targets(goto)
    rows = AliasTarget.objects.filter(address=address)
    present = set(rows.values_list("target", flat=True))
    if gone := present - wanted:
        rows.filter(target__in=gone).delete()
    AliasTarget.objects.bulk_create(
        AliasTarget(target=target, target_domain=target.rpartition("@")[2], address=address)
        for target in sorted(wanted - present)
    )


def derived_targets(goto: str) -> set[str]:
    """Return the targets that the derived table holds for a goto column."""
    targets = {target for target in split_goto(goto) if target.isascii() and len(target) <= 255}
    return targets | {without_extension(target) for target in targets}


def aliases_pointing_at(addresses: Collection[str]) -> list[Alias]:
    """Return other addresses' aliases that have one of the addresses as a target, in order of address."""
    pointing = AliasTarget.objects.filter(target__in=addresses).values("address")
    rows = Alias.objects.filter(address__in=pointing).exclude(address__in=addresses).order_by("address")
    return [alias for alias in rows if points_at(alias, addresses)]


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


def find_loop(address: str, targets: Sequence[str]) -> list[str]:
    """Return the path by which mail to the address would come back to it, or an empty list.

    Follows aliases as Postfix does (virtual(5)): the exact address, then alias domains, then the domain's catch-all.
    """
    came_from: dict[str, str] = {}
    level = [target for target in targets if target != address]
    came_from.update(dict.fromkeys(level, address))
    for _step in range(_DEPTH):
        if not level:
            break
        following: list[str] = []
        for origin, goes_to in _expand(level).items():
            for target in goes_to:
                if target == address:
                    return _path(came_from, origin, address)
                if target not in came_from:
                    came_from[target] = origin
                    following.append(target)
        level = following
    return []


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


def _path(came_from: dict[str, str], last: str, address: str) -> list[str]:
    path = [address, last]
    while path[-1] != address:
        path.append(came_from[path[-1]])
    return [readable(step) for step in reversed(path)]
