"""The columns of the list of mailboxes, on the page and in its export."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from mailadmin.audit.actions import action_label
from mailadmin.core.actor import Actor
from mailadmin.core.columns import Column, Columns
from mailboxes.models import Mailbox
from mailboxes.overview import MailboxRow, last_changes, mailbox_rows


def mailbox_columns() -> list[Column[MailboxRow]]:
    """Return the columns there are."""
    return [
        Column("address", _("Address"), {_("Address"): lambda row: row.mailbox.username}, fixed=True),
        Column("name", _("Name"), {_("Name"): lambda row: row.mailbox.name}),
        Column(
            "used",
            _("Used of quota"),
            {_("Used (bytes)"): lambda row: row.used, _("Quota (bytes)"): lambda row: row.mailbox.quota_limit.told},
        ),
        Column(
            "state",
            _("State"),
            {_("State"): lambda row: row.state.label, _("On vacation"): lambda row: row.on_vacation},
        ),
        Column("weakness", _("Stored password"), {_("Stored password"): lambda row: row.weakness}, shown=False),
        Column("created", _("Created"), {_("Created"): lambda row: row.mailbox.created}, shown=False),
        Column("modified", _("Changed"), {_("Changed"): lambda row: row.mailbox.modified}, shown=False),
        Column(
            "history",
            _("Last change"),
            {
                _("Last change"): lambda row: row.last and action_label(row.last.action),
                _("Last change at"): lambda row: row.last and row.last.time,
                _("Last change by"): lambda row: row.last and row.last.actor,
            },
            shown=False,
        ),
    ]


def rows_for(actor: Actor, columns: Columns[MailboxRow]) -> Callable[[Sequence[Mailbox]], list[MailboxRow]]:
    """Return what makes rows of mailboxes; the history is read only where its column is shown."""

    def rows(mailboxes: Sequence[Mailbox]) -> list[MailboxRow]:
        last = last_changes(actor, [one.username for one in mailboxes]) if "history" in columns else {}
        return mailbox_rows(mailboxes, last)

    return rows
