"""The columns of the list of admins, on the page and in its export."""

from django.utils.translation import gettext as _

from mailadmin.accounts.overview import AdminRow
from mailadmin.core.columns import Column


def admin_columns() -> list[Column[AdminRow]]:
    """Return the columns there are."""
    return [
        Column("name", _("Name"), {_("Name"): lambda row: row.admin.username}, fixed=True),
        Column("kind", _("Kind"), {_("Kind"): lambda row: _("Superadmin") if row.superadmin else _("Domain admin")}),
        Column("domains", _("Domains"), {_("Domains"): lambda row: _("all") if row.superadmin else row.domains}),
        Column("seen", _("Last sign-in"), {_("Last sign-in"): lambda row: row.last_login}),
        Column("state", _("Active"), {_("Active"): lambda row: row.admin.active}),
        Column("created", _("Created"), {_("Created"): lambda row: row.admin.created}, shown=False),
        Column("modified", _("Changed"), {_("Changed"): lambda row: row.admin.modified}, shown=False),
    ]
