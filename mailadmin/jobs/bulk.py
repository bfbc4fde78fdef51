"""Changing many rows of a domain at once, whatever they are: what is chosen, what would happen, doing it.

A noun describes its changes as `BulkChange`; this module knows no noun.
"""

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mailadmin.core.actor import Actor
from mailadmin.core.addresses import readable
from mailadmin.core.batches import in_batches
from mailadmin.core.errors import Invalid, MailadminError, NotFound
from mailadmin.core.operation import operation
from mailadmin.core.permissions import Permission, require
from mailadmin.jobs.work import PART, Result, Run, Work, grouped

CHUNK = 250
"""Rows between two looks at whether to go on."""
LARGEST = 200_000
"""Rows of one change. Their keys are in memory once: some 30 MB for so many."""
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

    def add(self, name: str, row: Any, judge: "Judge") -> None:
        """Judge one more row; None is one that is not there for the actor."""
        try:
            if row is None:
                raise NotFound(name)
            if judge.changes(row):
                self.change.append(name)
            else:
                self.same += 1
        except MailadminError as error:
            self.refused[name] = error.message


class Judge:
    """Says of one row after the other whether it would change; raises for a refusal."""

    def look_at(self, rows: Sequence[Any]) -> None:
        """Learn what is needed to judge these, which are asked about next."""

    def changes(self, row: Any) -> bool:
        """Return whether the row would change."""
        return True


class BulkChange(Work):
    """One change of many rows; `values` are what the form of the change asks for."""

    permission: ClassVar[Permission]
    danger: ClassVar[bool] = False
    preview_limit: ClassVar[int] = 10_000
    """Rows that a page looks at before it asks; the job looks at all."""

    @abstractmethod
    def managed(self, actor: Actor) -> models.QuerySet[Any]:
        """Return the rows of this kind that the actor manages; they have a `domain`."""

    @abstractmethod
    def filtered(self, rows: models.QuerySet[Any], *, q: str, state: str) -> models.QuerySet[Any]:
        """Return those of the rows that the list's filter matches."""

    def judge(self, domain: str, values: Mapping[str, Any]) -> Judge:
        """Return the judge of the rows of a domain, which is asked in their order."""
        return Judge()

    def keys(self, actor: Actor, selection: Selection) -> list[str]:
        """Return the names of the rows that the actor manages and has chosen."""
        require(actor, self.permission)
        rows = self.managed(actor).filter(domain=selection.domain)
        if selection.everything:
            found = self.filtered(rows, q=selection.q, state=selection.state)
            return list(found.order_by("pk").values_list("pk", flat=True))
        return sorted(name for keys in in_batches(selection.keys) for name in rows.in_bulk(keys))

    def check(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> Checked:
        """Return what would happen, without writing."""
        checked, judge = Checked(), self.judge(domain_of(keys), values)
        for names in in_batches(self.order(keys, values), CHUNK):
            found = self.managed(actor).in_bulk(names)
            judge.look_at(list(found.values()))
            for name in names:
                checked.add(name, found.get(name), judge)
            checked.looked_at += len(names)
            step(checked.looked_at)
        return checked

    @abstractmethod
    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        """Change the rows in the transaction of the caller; returns how many changed. Raises on the first refusal."""

    def do(self, actor: Actor, arguments: Mapping[str, Any], run: Run) -> None:
        selection = Selection.of_arguments(arguments["selection"])
        values, seen, leave_out = arguments["values"], arguments["seen"], arguments["leave_out"]
        keys = chosen_keys(self, actor, selection, seen)
        check_all(self, actor, keys, values, leave_out=leave_out, step=run.step)
        run.begin(len(keys))
        del keys
        change_all(self, actor, selection, values, seen=seen, leave_out=leave_out, step=run.step, after=run.end)

    def do_in_parts(self, actor: Actor, arguments: Mapping[str, Any], run: Run) -> None:
        values, leave_out = arguments["values"], arguments["leave_out"]
        result: Result | None = run.result
        if result is None:
            keys = chosen_keys(self, actor, Selection.of_arguments(arguments["selection"]), arguments["seen"])
            refused = check_all(self, actor, keys, values, leave_out=leave_out, step=run.step).refused
            wanted = (key for key in self.order(keys, values) if key not in refused)
            result = counts(refused=refused)
            run.plan(in_batches(wanted, PART), result, total=len(keys))
        while result is not None:
            run.rest()
            result = change_part(self, actor, values, run, result, leave_out=leave_out)

    def order(self, keys: Sequence[str], values: Mapping[str, Any]) -> Sequence[str]:
        """Return the order in which the rows change."""
        return keys


def domain_of(keys: Sequence[str]) -> str:
    """Return the domain of the chosen addresses, which all are of one."""
    return keys[0].rpartition("@")[2]


class Refused(Invalid):
    """Some rows are refused, and therefore all."""

    def __init__(self, refused: Mapping[str, str], total: int) -> None:
        self.refused = dict(refused)
        name, why = next(iter(refused.items()))
        text = ngettext(
            "Nothing was changed: %(n)s of %(total)s is refused. It is %(name)s: %(why)s",
            "Nothing was changed: %(n)s of %(total)s are refused. The first is %(name)s: %(why)s",
            len(refused),
        )
        n, of = grouped(len(refused)), grouped(total)
        super().__init__({"": [text % {"n": n, "total": of, "name": name, "why": why}]})


def digest(keys: Iterable[str]) -> str:
    """Return a short name for exactly these rows, so that what was looked at is what is changed."""
    found = hashlib.sha256()
    for key in sorted(keys):
        found.update(f"{key}\n".encode())
    return found.hexdigest()[:32]


def chosen_keys(change: BulkChange, actor: Actor, selection: Selection, seen: str = "") -> list[str]:
    """Return the chosen rows; raises Invalid where they are not those that were `seen`, none, or too many."""
    keys = change.keys(actor, selection)
    if seen and digest(keys) != seen:
        raise Invalid.of("", _("The list has changed since you looked at it. Nothing was changed; look again."))
    if not keys:
        raise Invalid.of("", _("Choose at least one."))
    if len(keys) > LARGEST:
        raise Invalid.of("", _("At most %s can be changed at once. Narrow the filter.") % grouped(LARGEST))
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
    after: Callable[[Result], None] | None = None,
) -> Result:
    """Change all chosen rows or none, in one transaction; returns the counts.

    `after` is called with them inside the transaction, and undoes all by raising.
    """
    keys = chosen_keys(change, actor, selection, seen)
    # Without leaving out, the change itself finds what is refused.
    checked = change.check(actor, keys, values, _quiet) if leave_out else Checked()
    wanted = [key for key in keys if key not in checked.refused]
    changed = change.apply(actor, wanted, values, step) if wanted else 0
    result = counts(changed=changed, same=len(wanted) - changed, refused=checked.refused)
    if after is not None:
        after(result)
    return result


@operation
def change_part(
    change: BulkChange, actor: Actor, values: Mapping[str, Any], run: Run, result: Result, *, leave_out: bool
) -> Result | None:
    """Change the rows of the next part, all or none of them; returns what is done by now, None after the last.

    Raises Invalid for a row that is refused, unless those are left out.
    """
    keys = run.next_part()
    if keys is None:
        run.end(result)
        return None
    refused = change.check(actor, keys, values, _quiet).refused
    if refused and not leave_out:
        name, why = next(iter(refused.items()))
        raise Invalid.of("", f"{readable(name)}: {why}")
    wanted = [key for key in keys if key not in refused]
    before = handled(result)
    changed = change.apply(actor, wanted, values, lambda done: run.step(before + done)) if wanted else 0
    result = add_counts(result, counts(changed=changed, same=len(wanted) - changed, refused=refused))
    run.end_part(result)
    return result


def handled(result: Result) -> int:
    """Return how many rows a result tells of."""
    return sum(result[name] for name in ("changed", "same", "refused"))


def counts(*, changed: int = 0, same: int = 0, refused: Mapping[str, str] | None = None) -> Result:
    """Return the result of a change; of the refusals, the first are told."""
    told = dict(list((refused or {}).items())[:TOLD])
    return {"changed": changed, "same": same, "refused": len(refused or {}), "told": told}


def add_counts(result: Result, more: Result) -> Result:
    """Return the results of two parts together."""
    told = dict(list((result["told"] | more["told"]).items())[:TOLD])
    return {name: result[name] + more[name] for name in ("changed", "same", "refused")} | {"told": told}


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
) -> Result:
    """Change few rows within the request."""
    batch_actor = replace(actor, batch_id=batch_id)
    return change_all(change, batch_actor, selection, values, seen=seen, leave_out=leave_out, step=_quiet)
