"""Changing many rows of a domain at once, whatever they are: what is chosen, what would happen, doing it.

A noun describes its changes as `BulkChange`; this module knows no noun.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mailadmin.core.actor import Actor
from mailadmin.core.errors import Invalid
from mailadmin.core.operation import operation

CHUNK = 250
"""Rows between two looks at whether to go on."""
LARGEST = 50_000
SHOWN = 10
TOLD = 50

Step = Callable[[int], None]
"""Is told how many rows are done; raises to stop."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows of a domain: those ticked, or all that the list's filter matches."""

    domain: str
    keys: tuple[str, ...] = ()
    everything: bool = False
    q: str = ""
    state: str = ""

    def as_arguments(self) -> dict[str, Any]:
        """Return the selection as JSON values."""
        chosen: dict[str, Any] = {"q": self.q, "state": self.state} if self.everything else {"keys": list(self.keys)}
        return {"domain": self.domain, "everything": self.everything} | chosen

    @classmethod
    def of_arguments(cls, arguments: Mapping[str, Any]) -> "Selection":
        return cls(
            domain=arguments["domain"],
            keys=tuple(arguments.get("keys", ())),
            everything=arguments["everything"],
            q=arguments.get("q", ""),
            state=arguments.get("state", ""),
        )


@dataclass(slots=True)
class Checked:
    """What would happen: rows that change, rows that are so already, and rows that are refused with the reason."""

    change: list[str] = field(default_factory=list)
    same: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    looked_at: int = 0


class BulkChange(ABC):
    """One change of many rows. `name` stands in jobs and forms; `values` are what the form of the change asks for."""

    name: ClassVar[str]
    danger: ClassVar[bool] = False
    preview_limit: ClassVar[int] = 10_000
    """Rows that a page looks at before it asks; the job looks at all."""

    @abstractmethod
    def keys(self, actor: Actor, selection: Selection) -> list[str]:
        """Return the names of the rows that the actor manages and has chosen."""

    @abstractmethod
    def title(self, count: int, values: Mapping[str, Any]) -> str:
        """Return the change in words."""

    @abstractmethod
    def check(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> Checked:
        """Return what would happen, without writing."""

    @abstractmethod
    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        """Change the rows in the transaction of the caller; returns how many changed. Raises on the first refusal."""


class Refused(Invalid):
    """Some rows are refused, and therefore all."""

    def __init__(self, refused: Mapping[str, str], total: int) -> None:
        self.refused = dict(refused)
        name, why = next(iter(refused.items()))
        text = ngettext(
            "Nothing was changed: %(n)d of %(total)d is refused. It is %(name)s: %(why)s",
            "Nothing was changed: %(n)d of %(total)d are refused. The first is %(name)s: %(why)s",
            len(refused),
        )
        super().__init__({"": [text % {"n": len(refused), "total": total, "name": name, "why": why}]})


def digest(keys: Iterable[str]) -> str:
    """Return a short name for exactly these rows, so that what was looked at is what is changed."""
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()[:32]


def chosen_keys(change: BulkChange, actor: Actor, selection: Selection, seen: str = "") -> list[str]:
    """Return the chosen rows; raises Invalid where they are not those that were `seen`, none, or too many."""
    keys = change.keys(actor, selection)
    if seen and digest(keys) != seen:
        raise Invalid.of("", _("The list has changed since you looked at it. Nothing was changed; look again."))
    if not keys:
        raise Invalid.of("", _("Choose at least one."))
    if len(keys) > LARGEST:
        raise Invalid.of("", _("At most %d can be changed at once. Narrow the filter.") % LARGEST)
    return keys


def check_all(
    change: BulkChange, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], *, leave_out: bool, step: Step
) -> Checked:
    """Return what would happen; raises Refused for any refusal, unless refused rows are to be left out."""
    checked = change.check(actor, keys, values, step)
    if checked.refused and not leave_out:
        raise Refused(checked.refused, len(keys))
    return checked


@operation
def change_all(
    change: BulkChange,
    actor: Actor,
    selection: Selection,
    values: Mapping[str, Any],
    *,
    seen: str,
    leave_out: bool,
    step: Step,
    after: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """Change all chosen rows or none, in one transaction; returns the counts.

    `after` is called with them inside the transaction, and undoes all by raising.
    """
    keys = chosen_keys(change, actor, selection, seen)
    # Without leaving out, the change itself finds what is refused.
    checked = change.check(actor, keys, values, _quiet) if leave_out else Checked()
    wanted = [key for key in keys if key not in checked.refused]
    changed = change.apply(actor, wanted, values, step) if wanted else 0
    told = dict(list(checked.refused.items())[:TOLD])
    result = {"changed": changed, "same": len(wanted) - changed, "refused": len(checked.refused), "told": told}
    if after is not None:
        after(result)
    return result


def _quiet(_done: int) -> None:
    """Go on."""


def change_now(
    change: BulkChange,
    actor: Actor,
    selection: Selection,
    values: Mapping[str, Any],
    *,
    seen: str,
    leave_out: bool,
    batch_id: str,
) -> dict[str, Any]:
    """Change few rows within the request."""
    batch_actor = replace(actor, batch_id=batch_id)
    return change_all(change, batch_actor, selection, values, seen=seen, leave_out=leave_out, step=_quiet)
