"""Changes of many aliases of a domain."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import ngettext

from aliases.filters import filtered_aliases
from aliases.limit import without_mailboxes
from aliases.models import Alias
from aliases.services import TargetChange, change_aliases, delete_aliases
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import readable
from mailadmin.core.permissions import Permission
from mailadmin.jobs.bulk import BulkChange, Judge, Step, domain_of
from mailadmin.jobs.work import grouped


class AliasChange(BulkChange):
    """A change of aliases; the rows of mailboxes are never among them."""

    permission: ClassVar[Permission] = Permission.ALIAS_UPDATE

    def managed(self, actor: Actor) -> QuerySet[Alias]:
        return without_mailboxes(Alias.objects.managed_by(actor))

    def filtered(self, rows: QuerySet[Alias], *, q: str, state: str) -> QuerySet[Alias]:
        return filtered_aliases(rows, q=q, state=state)


class _SwitchJudge(Judge):
    def __init__(self, *, active: bool) -> None:
        self.active = active

    def changes(self, row: Alias) -> bool:
        return row.active != self.active


class _Switch(AliasChange):
    wanted: ClassVar[bool]

    def judge(self, domain: str, values: Mapping[str, Any]) -> Judge:
        return _SwitchJudge(active=self.wanted)

    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        return change_aliases(actor, domain=domain_of(keys), addresses=keys, active=self.wanted, step=step)


class SwitchOn(_Switch):
    name = "aliases_on"
    wanted = True

    def title(self, count: int, values: Mapping[str, Any]) -> str:
        return ngettext("Switch on %s alias", "Switch on %s aliases", count) % grouped(count)


class SwitchOff(_Switch):
    name = "aliases_off"
    wanted = False

    def title(self, count: int, values: Mapping[str, Any]) -> str:
        return ngettext("Switch off %s alias", "Switch off %s aliases", count) % grouped(count)


class Delete(AliasChange):
    name = "aliases_delete"
    danger = True
    permission = Permission.ALIAS_DELETE

    def title(self, count: int, values: Mapping[str, Any]) -> str:
        return ngettext("Delete %s alias", "Delete %s aliases", count) % grouped(count)

    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        return delete_aliases(actor, domain=domain_of(keys), addresses=keys, step=step)


class _TargetJudge(Judge):
    def __init__(self, change: TargetChange) -> None:
        self.change = change

    def look_at(self, rows: Sequence[Alias]) -> None:
        self.change.look_at(rows)

    def changes(self, row: Alias) -> bool:
        return self.change.goto(row) != row.goto


class AddTarget(AliasChange):
    name = "aliases_add_target"

    def title(self, count: int, values: Mapping[str, Any]) -> str:
        text = ngettext("Add %(target)s to %(n)s alias", "Add %(target)s to %(n)s aliases", count)
        return text % {"n": grouped(count), "target": readable(values["target"])}

    def judge(self, domain: str, values: Mapping[str, Any]) -> Judge:
        return _TargetJudge(TargetChange(add=values["target"]))

    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        return change_aliases(actor, domain=domain_of(keys), addresses=keys, add_target=values["target"], step=step)


class RemoveTarget(AliasChange):
    name = "aliases_remove_target"

    def title(self, count: int, values: Mapping[str, Any]) -> str:
        text = ngettext("Remove %(target)s from %(n)s alias", "Remove %(target)s from %(n)s aliases", count)
        return text % {"n": grouped(count), "target": readable(values["target"])}

    def judge(self, domain: str, values: Mapping[str, Any]) -> Judge:
        return _TargetJudge(TargetChange(remove=values["target"]))

    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        return change_aliases(actor, domain=domain_of(keys), addresses=keys, remove_target=values["target"], step=step)


CHANGES = (SwitchOn(), SwitchOff(), AddTarget(), RemoveTarget(), Delete())
