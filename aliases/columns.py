"""The columns of the list of aliases, on the page and in its export."""

from django.utils.translation import gettext as _

from aliases.overview import AliasRow
from mailadmin.core.columns import Column


def alias_columns() -> list[Column[AliasRow]]:
    """Return the columns there are."""
    return [
        Column("address", _("Address"), {_("Address"): lambda row: row.alias.address}, fixed=True),
        Column("targets", _("Mail goes to"), {_("Mail goes to"): lambda row: ", ".join(row.alias.targets)}),
        Column("description", _("Description"), {_("Description"): lambda row: row.alias.description}),
        Column("state", _("State"), {_("State"): _state}),
        Column("owner", _("Owner"), {_("Owner"): lambda row: row.own.owner if row.own else ""}, shown=False),
        Column("created", _("Created"), {_("Created"): lambda row: row.alias.created}, shown=False),
        Column("modified", _("Changed"), {_("Changed"): lambda row: row.alias.modified}, shown=False),
    ]


def _state(row: AliasRow) -> str:
    if not row.alias.active:
        return _("Off")
    return _("Ended") if row.has_ended else _("On")
