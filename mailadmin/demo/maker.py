"""What those who make rows share: the seed, the moments, and what was made before."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mailadmin.demo.bulk_rows import BulkRows
from mailadmin.demo.firms import Firm
from mailadmin.demo.moments import Moments


@dataclass(slots=True)
class Made:
    """What was made, as far as later rows tell of it: a sample of bounded length."""

    firms: list[Firm] = field(default_factory=list)
    people: list[tuple[str, str, str]] = field(default_factory=list)
    """Address, domain and name of some mailboxes."""
    aliases: list[tuple[str, str]] = field(default_factory=list)


class Maker:
    """Makes rows, in an order that depends on the seed alone."""

    def __init__(self, rows: BulkRows, moments: Moments, chance: random.Random, made: Made) -> None:
        self.add: Callable[[str, tuple[Any, ...]], None] = rows.add
        self.moments = moments
        self.random = chance.random
        self.chance = chance
        self.made = made

    def pick(self, values: list[Any]) -> Any:
        """Return one of the values."""
        return values[int(self.random() * len(values))]
