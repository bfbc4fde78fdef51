"""The firms of a large demo: how many there are, how large they are, and what they are called."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from mailadmin.core.addresses import domain_key
from mailadmin.demo.names import BIGGEST, LAST, TRADES, plain


@dataclass(frozen=True, slots=True)
class Size:
    """How many of what; `biggest` is how many of the mailboxes are in the largest domain."""

    domains: int
    mailboxes: int
    biggest: int
    aliases: int
    alias_domains: int
    admins: int
    log: int
    events: int


SIZES = {
    "medium": Size(200, 5_000, 1_000, 1_000, 10, 20, 5_000, 5_000),
    "large": Size(10_000, 1_000_000, 100_000, 200_000, 500, 500, 1_000_000, 1_000_000),
}


@dataclass(slots=True)
class Firm:
    """A domain to be made."""

    domain: str
    description: str
    mailboxes: int
    aliases: int


def make_firms(chance: random.Random, size: Size) -> list[Firm]:
    """Return the firms: one with many people, some with hundreds or thousands, most with few."""
    number = size.domains - size.alias_domains
    names = _domain_names(chance)
    weights = [1 / (rank + 10) ** 0.9 for rank in range(number - 1)]
    counts = [size.biggest, *_shares(size.mailboxes - size.biggest, weights)]
    aliases = _shares(size.aliases, [float(count) for count in counts])
    firms = [Firm(BIGGEST, "The university, all faculties", counts[0], aliases[0])]
    for count, more in zip(counts[1:], aliases[1:], strict=True):
        name, description = next(names)
        firms.append(Firm(name, description, count, more))
    chance.shuffle(firms)
    return firms


def _shares(total: int, weights: list[float]) -> list[int]:
    """Split a number by weights; the shares are whole and add up."""
    whole = sum(weights)
    shares = [int(total * weight / whole) for weight in weights]
    for place in range(total - sum(shares)):
        shares[place % len(shares)] += 1
    return shares


def _domain_names(chance: random.Random) -> Iterator[tuple[str, str]]:
    pairs = [(last, trade) for last in LAST for trade in TRADES]
    chance.shuffle(pairs)
    used: set[str] = set()
    for number, (last, trade) in enumerate(pairs):
        text = f"{last}-{trade}".lower().replace("'", "")
        # Every thirtieth keeps its letters, where it has some of its own.
        name = domain_key(f"{text}.example") if number % 30 == 0 else f"{plain(text)}.example"
        if name not in used:
            used.add(name)
            yield name, f"{last} {trade.capitalize()}"
