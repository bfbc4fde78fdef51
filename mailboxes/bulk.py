"""Changes of many mailboxes of a domain."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import ngettext

from domains.models import Domain
from mailadmin.core.actor import Actor
from mailadmin.core.batches import in_batches
from mailadmin.core.errors import MailadminError, NotFound
from mailadmin.core.limits import Limit, show_size
from mailadmin.core.permissions import Permission, require
from mailadmin.jobs.bulk import CHUNK, BulkChange, Checked, Selection, Step
from mailadmin.jobs.work import grouped
from mailboxes.filters import filtered_mailboxes
from mailboxes.models import Mailbox
from mailboxes.quota import QuotaBudget
from mailboxes.services import change_mailboxes, delete_mailboxes


class MailboxChange(BulkChange):
    """A change of mailboxes."""

    permission: ClassVar[Permission] = Permission.MAILBOX_UPDATE

    def keys(self, actor: Actor, selection: Selection) -> list[str]:
        require(actor, self.permission)
        rows = Mailbox.objects.managed_by(actor).filter(domain=selection.domain)
        if selection.everything:
            found = filtered_mailboxes(rows, q=selection.q, state=selection.state)
            return list(found.order_by("username").values_list("username", flat=True))
        return sorted(name for keys in in_batches(selection.keys) for name in rows.in_bulk(keys))

    def check(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> Checked:
        checked = Checked()
        domain = keys[0].rpartition("@")[2]
        judge = self.judge(Domain.objects.filter(domain=domain).first() or Domain(domain=domain), values)
        for names in in_batches(self.order(keys, values), CHUNK):
            found = Mailbox.objects.managed_by(actor).in_bulk(names)
            for name in names:
                _judge(checked, found.get(name), name, judge)
            checked.looked_at += len(names)
            step(checked.looked_at)
        return checked

    def order(self, keys: Sequence[str], values: Mapping[str, Any]) -> Sequence[str]:
        """Return the order in which the rows change."""
        return keys

    def judge(self, domain: Domain, values: Mapping[str, Any]) -> "Judge":
        """Return the judge of the rows, which is asked in their order."""
        raise NotImplementedError


class Judge:
    """Says of one mailbox after the other whether it would change; raises for a refusal."""

    def __init__(self, domain: Domain, values: Mapping[str, Any]) -> None:
        self.values = values

    def changes(self, mailbox: Mailbox) -> bool:
        return True


def _judge(checked: Checked, mailbox: Mailbox | None, name: str, judge: Judge) -> None:
    try:
        if mailbox is None:
            raise NotFound(name)
        if judge.changes(mailbox):
            checked.change.append(name)
        else:
            checked.same += 1
    except MailadminError as error:
        checked.refused[name] = error.message


class _Switch(MailboxChange):
    wanted: ClassVar[bool]

    class _Judge(Judge):
        def changes(self, mailbox: Mailbox) -> bool:
            return bool(mailbox.active != self.values["active"])

    def judge(self, domain: Domain, values: Mapping[str, Any]) -> Judge:
        return self._Judge(domain, {"active": self.wanted})

    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        domain = keys[0].rpartition("@")[2]
        return change_mailboxes(actor, domain=domain, usernames=keys, active=self.wanted, step=step)


class SwitchOn(_Switch):
    name = "mailboxes_on"
    wanted = True

    def title(self, count: int, values: Mapping[str, Any]) -> str:
        return ngettext("Switch on %s mailbox", "Switch on %s mailboxes", count) % grouped(count)


class SwitchOff(_Switch):
    name = "mailboxes_off"
    wanted = False

    def title(self, count: int, values: Mapping[str, Any]) -> str:
        return ngettext("Switch off %s mailbox", "Switch off %s mailboxes", count) % grouped(count)


class Delete(MailboxChange):
    name = "mailboxes_delete"
    danger = True
    permission = Permission.MAILBOX_DELETE

    def title(self, count: int, values: Mapping[str, Any]) -> str:
        return ngettext("Delete %s mailbox", "Delete %s mailboxes", count) % grouped(count)

    def judge(self, domain: Domain, values: Mapping[str, Any]) -> Judge:
        return Judge(domain, values)

    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        domain = keys[0].rpartition("@")[2]
        return delete_mailboxes(actor, domain=domain, usernames=keys, step=step)


class SetQuota(MailboxChange):
    name = "mailboxes_quota"

    class _Judge(Judge):
        def __init__(self, domain: Domain, values: Mapping[str, Any]) -> None:
            super().__init__(domain, values)
            self.budget = QuotaBudget(domain)

        def changes(self, mailbox: Mailbox) -> bool:
            quota: int = self.values["quota"]
            if mailbox.quota == quota:
                return False
            self.budget.change(mailbox, quota)
            return True

    def title(self, count: int, values: Mapping[str, Any]) -> str:
        quota: int = values["quota"]
        size = show_size(quota) if quota > 0 else str(Limit(quota))
        text = ngettext(
            "Set the quota of %(n)s mailbox to %(size)s", "Set the quota of %(n)s mailboxes to %(size)s", count
        )
        return text % {"n": grouped(count), "size": size}

    def order(self, keys: Sequence[str], values: Mapping[str, Any]) -> Sequence[str]:
        """Return those first that get less, so that what they give back is there for the others."""
        larger: set[str] = set()
        for names in in_batches(keys):
            rows = Mailbox.objects.filter(username__in=names, quota__gt=values["quota"])
            larger.update(rows.values_list("username", flat=True))
        return sorted(keys, key=lambda name: (name not in larger, name))

    def judge(self, domain: Domain, values: Mapping[str, Any]) -> Judge:
        return self._Judge(domain, values)

    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        domain, ordered = keys[0].rpartition("@")[2], self.order(keys, values)
        return change_mailboxes(actor, domain=domain, usernames=ordered, quota=values["quota"], step=step)


CHANGES = (SwitchOn(), SwitchOff(), SetQuota(), Delete())
