"""Changes of many aliases of a domain."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import ngettext

from aliases.filters import filtered_aliases
from aliases.models import Alias
from aliases.services import TargetChange, change_aliases, delete_aliases, without_mailboxes
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import readable
from mailadmin.core.batches import in_batches
from mailadmin.core.errors import MailadminError, NotFound
from mailadmin.core.permissions import Permission, require
from mailadmin.jobs.bulk import CHUNK, BulkChange, Checked, Selection, Step
from mailadmin.jobs.work import grouped


class AliasChange(BulkChange):
    """A change of aliases; the rows of mailboxes are never among them."""

    permission: ClassVar[Permission] = Permission.ALIAS_UPDATE

    def keys(self, actor: Actor, selection: Selection) -> list[str]:
        require(actor, self.permission)
        rows = without_mailboxes(Alias.objects.managed_by(actor).filter(domain=selection.domain))
        if selection.everything:
            found = filtered_aliases(rows, q=selection.q, state=selection.state)
            return list(found.order_by("address").values_list("address", flat=True))
        return sorted(name for keys in in_batches(selection.keys) for name in rows.in_bulk(keys))

    def check(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> Checked:
        checked, judge = Checked(), self.judge(values)
        for names in in_batches(keys, CHUNK):
            found = Alias.objects.managed_by(actor).in_bulk(names)
            judge.look_at(list(found.values()))
            for name in names:
                _judge(checked, found.get(name), name, judge)
            checked.looked_at += len(names)
            step(checked.looked_at)
        return checked

    def judge(self, values: Mapping[str, Any]) -> "Judge":
        """Return the judge of the rows."""
        return Judge()


class Judge:
    """Says of aliases whether they would change; raises for a refusal."""

    def look_at(self, aliases: Sequence[Alias]) -> None:
        """Learn what is needed to judge these, which are asked about next."""

    def changes(self, alias: Alias) -> bool:
        return True


def _judge(checked: Checked, alias: Alias | None, name: str, judge: Judge) -> None:
    try:
        if alias is None:
            raise NotFound(name)
        if judge.changes(alias):
            checked.change.append(name)
        else:
            checked.same += 1
    except MailadminError as error:
        checked.refused[name] = error.message


class _SwitchJudge(Judge):
    def __init__(self, *, active: bool) -> None:
        self.active = active

    def changes(self, alias: Alias) -> bool:
        return alias.active != self.active


class _Switch(AliasChange):
    wanted: ClassVar[bool]

    def judge(self, values: Mapping[str, Any]) -> Judge:
        return _SwitchJudge(active=self.wanted)

    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        domain = keys[0].rpartition("@")[2]
        return change_aliases(actor, domain=domain, addresses=keys, active=self.wanted, step=step)


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
        return delete_aliases(actor, domain=keys[0].rpartition("@")[2], addresses=keys, step=step)


class _TargetJudge(Judge):
    def __init__(self, change: TargetChange) -> None:
        self.change = change

    def look_at(self, aliases: Sequence[Alias]) -> None:
        self.change.look_at(aliases)

    def changes(self, alias: Alias) -> bool:
        return self.change.goto(alias) != alias.goto


class AddTarget(AliasChange):
    name = "aliases_add_target"

    def title(self, count: int, values: Mapping[str, Any]) -> str:
        text = ngettext("Add %(target)s to %(n)s alias", "Add %(target)s to %(n)s aliases", count)
        return text % {"n": grouped(count), "target": readable(values["target"])}

    def judge(self, values: Mapping[str, Any]) -> Judge:
        return _TargetJudge(TargetChange(add=values["target"]))

    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        domain = keys[0].rpartition("@")[2]
        return change_aliases(actor, domain=domain, addresses=keys, add_target=values["target"], step=step)


class RemoveTarget(AliasChange):
    name = "aliases_remove_target"

    def title(self, count: int, values: Mapping[str, Any]) -> str:
        text = ngettext("Remove %(target)s from %(n)s alias", "Remove %(target)s from %(n)s aliases", count)
        return text % {"n": grouped(count), "target": readable(values["target"])}

    def judge(self, values: Mapping[str, Any]) -> Judge:
        return _TargetJudge(TargetChange(remove=values["target"]))

    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        domain = keys[0].rpartition("@")[2]
        return change_aliases(actor, domain=domain, addresses=keys, remove_target=values["target"], step=step)


CHANGES = (SwitchOn(), SwitchOff(), AddTarget(), RemoveTarget(), Delete())
