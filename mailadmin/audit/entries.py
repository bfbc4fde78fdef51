"""Events of the history as pages show them."""

import datetime as dt
import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mailadmin.audit.actions import action_label, field_label
from mailadmin.audit.models import AuditEvent
from mailadmin.audit.services import MASKED
from mailadmin.core.limits import Limit, show_size

_DATES = ("activefrom", "activeuntil", "app_password_ends", "link_until")
_TONES = {
    "create": "good",
    "create_setup_link": "info",
    "delete": "danger",
    "report": "danger",
    "revoke": "attention",
    "sign_in_failed": "attention",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One value that an event changed, in words; `key` is its name in the event."""

    name: str
    before: str
    after: str
    key: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: `tone` is that of the tag badge."""

    event: AuditEvent
    label: str
    tone: str
    changes: list[Change]

    @property
    def times(self) -> str:
        """Return how often it happened, in words; nothing for once."""
        repeats = self.event.repeats
        if repeats < 2:
            return ""
        shown = number_format(repeats, force_grouping=True)
        return ngettext("%(shown)s time", "%(shown)s times", repeats) % {"shown": shown}


def entries_of(events: Iterable[AuditEvent]) -> list[Entry]:
    """Return events as pages show them."""
    # The words of fifty events are few.
    actions, fields = functools.cache(action_label), functools.cache(field_label)
    return [Entry(event, actions(event.action), _tone(event.action), changes_of(event, fields)) for event in events]


def changes_of(event: AuditEvent, label: Callable[[str], str] = field_label) -> list[Change]:
    """Return the values that differ between before and after, by name; `label` puts a name into words."""
    before, after = _values(event.before), _values(event.after)
    names = [name for name in before | after if before.get(name) != after.get(name) or name in MASKED]
    changes = [
        Change(
            label(name),
            _shown(name, before.get(name), event.action),
            _shown(name, after.get(name), event.action),
            name,
        )
        for name in names
    ]
    return [change for change in changes if change.before or change.after]


def _values(stored: Any) -> dict[str, Any]:
    return stored if isinstance(stored, dict) else {}


def _tone(action: str) -> str:
    return _TONES.get(action) or _TONES.get(action.partition("_")[0], "neutral")


def _shown(name: str, value: Any, action: str) -> str:
    """Return a stored value in words; nobody sees the 0 and -1 of limits."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    if name == "goto":
        return ", ".join(str(value).split(","))
    if name in _DATES:
        return _moment(str(value))
    if isinstance(value, int) and name in ("quota", "maxquota"):
        return _size(value if action.endswith("_mailbox") else value * settings.MAILADMIN_QUOTA_MULTIPLIER)
    if isinstance(value, int) and name in ("mailboxes", "aliases"):
        return str(Limit(value))
    return str(value)


def _size(size: int) -> str:
    return show_size(size) if size > 0 else str(Limit(size))


def _moment(text: str) -> str:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    if timezone.is_naive(moment):
        return text
    # PostfixAdmin's "no end".
    return "" if moment.year >= 2038 else date_format(timezone.localtime(moment), "DATETIME_FORMAT")
