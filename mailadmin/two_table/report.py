"""What an import does, line by line: shown before, and compared when it is done."""

import hashlib
from dataclasses import dataclass, field
from typing import NamedTuple


class Line(NamedTuple):
    """One thing of the report: what it is, its name, and what there is to say of it."""

    kind: str
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.text}" if self.text else f"{self.kind} {self.name}"


@dataclass
class Report:
    """What is created, what is refused, and what is created or left out in a way that somebody should know of.

    No password is in it, in any form.
    """

    created: list[Line] = field(default_factory=list)
    refused: list[Line] = field(default_factory=list)
    noted: list[Line] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Return what is the same for the same report, as 16 hex digits."""
        sections = (self.created, self.refused, self.noted)
        text = "\n\n".join("\n".join(map(repr, section)) for section in sections)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def count(self, kind: str) -> int:
        """Return how many of a kind are created."""
        return sum(line.kind == kind for line in self.created)

    def copy(self) -> "Report":
        return Report([*self.created], [*self.refused], [*self.noted])
