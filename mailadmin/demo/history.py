"""The history of a large demo."""

import json
from typing import Any

from django.db import models

from mailadmin.audit.models import AuditEvent, Log
from mailadmin.demo.firms import Size
from mailadmin.demo.maker import Maker
from mailadmin.demo.names import OWNER

GB = 1024**3
# Per thousand events.
ACTIONS = (
    ("edit_mailbox", 240), ("sign_in", 230), ("edit_password", 130), ("edit_mailbox_state", 90), ("create_mailbox", 90),
    ("edit_alias", 70), ("create_alias", 50), ("sign_in_failed", 50), ("delete_mailbox", 25), ("edit_domain", 25),
)  # fmt: skip


class History(Maker):
    """Makes events, and the rows of PostfixAdmin's own log."""

    def write(self, size: Size, admins: list[tuple[str, list[str]]]) -> None:
        """Make the events in the order of time, with PostfixAdmin's rows, of which there are older ones too."""
        actors = [name for name, _domains in admins] + [OWNER] * (len(admins) // 4 + 1)
        actions = [action for action, share in ACTIONS for _time in range(share)]
        older = size.log - sum(share for action, share in ACTIONS if "sign_in" not in action) * size.events // 1000
        log_id = 0
        # What creating the superadmins wrote, so that keys go on.
        first_log = (Log.objects.aggregate(last=models.Max("id"))["last"] or 0) + 1
        first_event = (AuditEvent.objects.aggregate(last=models.Max("id"))["last"] or 0) + 1
        for number in range(max(older, 0)):
            address, domain, _name = self.pick(self.made.people)
            moment = self.moments.legacy[self.moments.at(0.2 * number / older)]
            self._log(first_log + log_id, moment, self.pick(actors), domain, "edit_mailbox", address)
            log_id += 1
        for number in range(size.events):
            moment_of = self.moments.at(0.2 + 0.8 * number / size.events)
            action, actor = self.pick(actions), self.pick(actors)
            target, domain, before, after = self._change(action, actor)
            logged = None
            if not action.startswith("sign_in") and log_id < size.log:
                logged = first_log + log_id
                log_id += 1
                self._log(logged, self.moments.legacy[moment_of], actor, domain, action, target)
            kind = "superadmin" if actor == OWNER else "admin"
            row = (self.moments.own[moment_of], kind, actor, "web", f"198.51.100.{number % 250}", "demo", "", action)
            self.add("mailadmin_audit_event", (first_event + number, *row, target, domain, before, after, 1, logged))
        while log_id < size.log:
            address, domain, _name = self.pick(self.made.people)
            self._log(first_log + log_id, self.moments.legacy[-1], OWNER, domain, "edit_mailbox", address)
            log_id += 1

    def _log(self, key: int, moment: Any, actor: str, domain: str, action: str, target: str) -> None:
        self.add("log", (key, moment, f"{actor} (198.51.100.7)", domain, action, target))

    def _change(self, action: str, actor: str) -> tuple[str, str, str | None, str | None]:
        """Return target, domain, before and after of an event."""
        if action.startswith("sign_in"):
            return actor, "", None, None
        if "alias" in action and self.made.aliases:
            address, domain = self.pick(self.made.aliases)
            return address, domain, _json(goto=address), _json(goto=f"{address},archive@{domain}")
        address, domain, name = self.pick(self.made.people)
        match action:
            case "edit_mailbox":
                return address, domain, _json(name=name, quota=2 * GB), _json(name=name, quota=5 * GB)
            case "edit_mailbox_state":
                return address, domain, _json(active=True), _json(active=False)
            case "edit_password":
                return address, domain, _json(password="***"), _json(password="*** (changed)")
            case "edit_domain":
                return domain, domain, _json(mailboxes=10), _json(mailboxes=20)
        values = _json(name=name, quota=2 * GB, active=True)
        return (address, domain, values, None) if action.startswith("delete") else (address, domain, None, values)


def _json(**values: Any) -> str:
    return json.dumps(values)
