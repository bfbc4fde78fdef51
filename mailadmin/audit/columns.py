"""The columns of the history's export."""

from django.utils.translation import gettext as _

from mailadmin.audit.entries import Entry
from mailadmin.core.columns import Column


def log_columns() -> list[Column[Entry]]:
    """Return what a file tells of each event; what changed stands in one cell, a line for each value."""
    return [
        Column("time", _("Time"), {_("Time"): lambda entry: entry.event.time}),
        Column("action", _("Action"), {_("Action"): lambda entry: entry.label}),
        Column("target", _("What"), {_("What"): lambda entry: entry.event.target}),
        Column("domain", _("Domain"), {_("Domain"): lambda entry: entry.event.domain}),
        Column("who", _("Who"), {_("Who"): lambda entry: entry.event.actor}),
        Column("ip", _("IP address"), {_("IP address"): lambda entry: entry.event.ip}),
        Column("via", _("Way"), {_("Way"): lambda entry: entry.event.via}),
        Column("repeats", _("Times"), {_("Times"): lambda entry: entry.event.repeats}),
        Column("changes", _("Changes"), {_("Changes"): _changes}),
    ]


def _changes(entry: Entry) -> str:
    return "\n".join(f"{change.name}: {change.before or '–'} → {change.after or '–'}" for change in entry.changes)
