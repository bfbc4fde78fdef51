"""Proof that an adoption changed nothing: every address, domain and login asked of the lookups before and after.

Before is what PostfixAdmin's documented lookups answer (documented.py), after what ours answer; both run as Postfix and
Dovecot run them. Where ours differ on purpose, the rule is named (reasons.py). Memory does not grow with the tables,
but for the names of alias domains.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from aliases.models import Alias
from aliases.targets import is_vacation_entry
from domains.models import AliasDomain, Domain
from mailadmin.adopt.asking import Asking
from mailadmin.adopt.reasons import Rows, expired_passwords
from mailadmin.adopt.routes import AFTER, BEFORE, Ways, asked_for
from mailadmin.adopt.states import domain_states, logins
from mailadmin.core.batches import in_batches
from mailadmin.mailserver.lookups import fold
from mailboxes.models import Mailbox

Say = Callable[[str], None]
SIZE = 2_000
"""Keys in one round of questions."""
KEPT_DIFFERENCES = 1_000
EXAMPLES = 5
EVERY = 5.0
"""Seconds between two lines of progress."""
NOBODY = "no-such-address-7f3a"
"""A local part that nobody has: what a catch-all, or nothing, answers for."""


@dataclass
class VerifyResult:
    """How many answers are the same; differences that no rule explains; and the others, by their rule.

    differences: one line each, the first thousand of them; `different` counts all.
    meant: by rule, how many answers differ for it; `examples` has the first few of each.
    vacation_entries: how many addresses also lead to PostfixAdmin's vacation program.
    """

    same: int = 0
    different: int = 0
    differences: list[str] = field(default_factory=list)
    meant: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    vacation_entries: int = 0

    @property
    def total(self) -> int:
        return self.same + self.different + self.meant.total()

    def take(self, name: str, before: str, after: str, rule: str) -> None:
        """Count one pair of answers; `rule` is why they differ, "" where nothing says so."""
        if before == after:
            self.same += 1
            return
        line = f"{name}: was {before}, is {after}"
        if rule:
            self.meant[rule] += 1
            if len(examples := self.examples.setdefault(rule, [])) < EXAMPLES:
                examples.append(line)
            return
        self.different += 1
        if len(self.differences) < KEPT_DIFFERENCES:
            self.differences.append(line)

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        return {
            "total": self.total,
            "same": self.same,
            "different": self.different,
            "differences": self.differences,
            "meant": [
                {"rule": rule, "count": count, "examples": self.examples[rule]} for rule, count in self.meant.items()
            ],
            "asked": self.asked,
            "vacation_entries": self.vacation_entries,
        }


class _Round:
    """One run of all questions."""

    def __init__(self, asking: Asking, targets: dict[str, str], say: Say, progress: bool) -> None:
        self.asking, self.targets, self.say, self.progress = asking, targets, say, progress
        self.result = VerifyResult()

    def go(self) -> VerifyResult:
        self._ask("domains", self._domains(), Domain.objects.exclude(domain="ALL").count(), self._compare_domains)
        total = Mailbox.objects.count() + Alias.objects.count()
        self._ask("addresses", self._addresses(), total, self._compare_addresses)
        self._ask("addresses at alias domains", self._alias_domain_addresses(), 0, self._compare_addresses)
        self._ask("logins", _pages(Mailbox.objects.all()), Mailbox.objects.count(), self._compare_logins)
        return self.result

    def _ask(self, kind: str, keys: Iterable[str], expected: int, compare: Callable[[list[str]], None]) -> None:
        asked, due = 0, time.monotonic() + EVERY
        for batch in in_batches(keys, SIZE):
            compare(batch)
            asked += len(batch)
            if self.progress and time.monotonic() >= due:
                due = time.monotonic() + EVERY
                of = f" of {expected:,} at most" if expected else ""
                self.say(f"{kind}: {asked:,}{of} asked, {self._unlike():,} differ")
        self.result.asked[kind] = asked

    def _unlike(self) -> int:
        return self.result.total - self.result.same

    def _domains(self) -> Iterator[str]:
        return _pages(Domain.objects.exclude(domain="ALL"))

    def _addresses(self) -> Iterator[str]:
        """Yield the addresses of mailboxes and aliases, and for each domain one that is nobody's."""
        yield from _each_once(Mailbox.objects.all(), Alias.objects.all())
        yield from (f"{NOBODY}@{name}" for name in self._domains() if name not in self.targets)

    def _alias_domain_addresses(self) -> Iterator[str]:
        """Yield what the addresses of target domains are at the alias domains; their catch-all; nobody's."""
        for alias_domain, target in self.targets.items():
            yield from (f"@{alias_domain}", f"{NOBODY}@{alias_domain}")
            for address in _each_once(Mailbox.objects.filter(domain=target), Alias.objects.filter(domain=target)):
                if not address.startswith("@"):
                    yield f"{address.rpartition('@')[0]}@{alias_domain}"

    def _compare_addresses(self, batch: list[str]) -> None:
        self.asking.ask(asked_for(batch, self.targets))
        before, after = (Ways(maps, self.asking, self.targets) for maps in (BEFORE, AFTER))
        ways = {address: (before.way(address), after.way(address)) for address in batch}
        unlike = [address for address, (then, now) in ways.items() if then != now]
        rows = Rows(unlike, self.targets) if unlike else None
        for address, (then, now) in ways.items():
            self.result.vacation_entries += any(is_vacation_entry(target, address) for target in now.split(","))
            self.result.take(address, then, now, rows.why(address, then, now) if rows and then != now else "")

    def _compare_domains(self, batch: list[str]) -> None:
        self.asking.ask([*batch, *(f"@{name}" for name in batch)])
        before, after = domain_states(self.asking, batch)
        for name in batch:
            self.result.take(name, before[name], after[name], "")

    def _compare_logins(self, batch: list[str]) -> None:
        self.asking.ask(batch)
        before, after = logins(self.asking, batch)
        unlike = [user for user in batch if before[user] != after[user]]
        rows = Rows(unlike, {}) if unlike else None
        expired = expired_passwords(unlike)
        for user in batch:
            then, now, why = before[user], after[user], ""
            if rows and then != now:
                why = now.why(then, rows.why_stopped(user.rpartition("@")[2]), expired=user in expired)
            self.result.take(f"login {user}", then.against(now), now.against(then), why)


def _each_once(mailboxes: models.QuerySet[Mailbox], aliases: models.QuerySet[Alias]) -> Iterator[str]:
    """Yield the addresses of mailboxes, and those of aliases that are no mailbox's."""
    yield from _pages(mailboxes)
    for batch in in_batches(_pages(aliases)):
        with_mailbox = {fold(name) for name in Mailbox.objects.filter(pk__in=batch).values_list("pk", flat=True)}
        yield from (name for name in batch if name not in with_mailbox)


def _pages(rows: models.QuerySet[Any]) -> Iterator[str]:
    """Yield the keys of rows, folded as Postfix folds them, in pages, so that memory stays the same."""
    ordered = rows.order_by("pk").values_list("pk", flat=True)
    page = list(ordered[:SIZE])
    while page:
        yield from (fold(key) for key in page)
        page = list(ordered.filter(pk__gt=page[-1])[:SIZE]) if len(page) == SIZE else []


def verify_adoption(say: Say, progress: bool) -> VerifyResult:
    """Ask the lookups for everything, before and after; `progress` says every few seconds how far it is.

    say: gets the lines of progress and at the end those of the result.
    """
    rows = AliasDomain.objects.order_by("pk").values_list("alias_domain", "target_domain")
    targets = {fold(name): fold(target) for name, target in rows}
    with Asking(targets) as asking:
        result = _Round(asking, targets, say, progress).go()
    for line in _told(result):
        say(line)
    return result


def _told(result: VerifyResult) -> Iterator[str]:
    """Yield the result in lines for people."""
    asked = ", ".join(f"{count:,} {kind}" for kind, count in result.asked.items())
    yield f"Asked before and after: {asked}."
    yield f"{result.same:,} of {result.total:,} answers are the same."
    for rule, count in result.meant.items():
        yield f"{count:,} differ on purpose: {rule}."
        yield from (f"  {line}" for line in result.examples[rule])
    if result.vacation_entries:
        yield f"{result.vacation_entries:,} addresses also lead to PostfixAdmin's vacation program, as before:"
        yield "  set MAILADMIN_VACATION=transport while that or ours replies; with sieve, our files discard that mail."
    if result.different:
        yield f"{result.different:,} differ:"
        yield from (f"  {line}" for line in result.differences)
        if result.different > len(result.differences):
            yield f"  and {result.different - len(result.differences):,} more"
    else:
        yield "None differs without a reason."
