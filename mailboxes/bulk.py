"""Changes of many mailboxes of a domain."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import ngettext

from domains.models import Domain
from mailadmin.core.actor import Actor
from mailadmin.core.batches import in_batches
from mailadmin.core.limits import Limit, show_size
from mailadmin.core.permissions import Permission
from mailadmin.jobs.bulk import BulkChange, Judge, Step, domain_of
from mailadmin.jobs.work import grouped
from mailboxes.filters import filtered_mailboxes
from mailboxes.models import Mailbox
from mailboxes.password_requests import ask_for_new_passwords, asked_already
from mailboxes.quota import QuotaBudget
from mailboxes.services import change_mailboxes, delete_mailboxes


class MailboxChange(BulkChange):
    """A change of mailboxes."""

    permission: ClassVar[Permission] = Permission.MAILBOX_UPDATE

    def managed(self, actor: Actor) -> QuerySet[Mailbox]:
        return Mailbox.objects.managed_by(actor)

    def filtered(self, rows: QuerySet[Mailbox], *, q: str, state: str) -> QuerySet[Mailbox]:
        return filtered_mailboxes(rows, q=q, state=state)


class _SwitchJudge(Judge):
    def __init__(self, *, active: bool) -> None:
        self.active = active

    def changes(self, row: Mailbox) -> bool:
        return row.active != self.active


class _Switch(MailboxChange):
    wanted: ClassVar[bool]

    def judge(self, domain: str, values: Mapping[str, Any]) -> Judge:
        return _SwitchJudge(active=self.wanted)

    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        return change_mailboxes(actor, domain=domain_of(keys), usernames=keys, active=self.wanted, step=step)


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

    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        return delete_mailboxes(actor, domain=domain_of(keys), usernames=keys, step=step)


class _QuotaJudge(Judge):
    def __init__(self, domain: Domain, quota: int) -> None:
        self.quota = quota
        self.budget = QuotaBudget(domain)

    def changes(self, row: Mailbox) -> bool:
        if row.quota == self.quota:
            return False
        self.budget.change(row, self.quota)
        return True


class SetQuota(MailboxChange):
    name = "mailboxes_quota"

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

    def judge(self, domain: str, values: Mapping[str, Any]) -> Judge:
        row = Domain.objects.filter(domain=domain).first() or Domain(domain=domain)
        return _QuotaJudge(row, values["quota"])

    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        domain, ordered = domain_of(keys), self.order(keys, values)
        return change_mailboxes(actor, domain=domain, usernames=ordered, quota=values["quota"], step=step)


class _AskJudge(Judge):
    def __init__(self) -> None:
        self.asked: set[str] = set()

    def look_at(self, rows: Sequence[Mailbox]) -> None:
        self.asked = asked_already(rows)

    def changes(self, row: Mailbox) -> bool:
        return row.username not in self.asked


class AskForPassword(MailboxChange):
    name = "mailboxes_ask_password"

    def title(self, count: int, values: Mapping[str, Any]) -> str:
        text = ngettext(
            "Ask the owner of %s mailbox for a new password at the next sign-in here",
            "Ask the owners of %s mailboxes for a new password at the next sign-in here",
            count,
        )
        return text % grouped(count)

    def judge(self, domain: str, values: Mapping[str, Any]) -> Judge:
        return _AskJudge()

    def apply(self, actor: Actor, keys: Sequence[str], values: Mapping[str, Any], step: Step) -> int:
        return ask_for_new_passwords(actor, domain=domain_of(keys), usernames=keys, step=step)


CHANGES = (SwitchOn(), SwitchOff(), SetQuota(), AskForPassword(), Delete())
