"""The columns of the lists of domains, of their alias domains and of their admins, on the page and in their exports."""

from django.utils.translation import gettext as _

from domains.models import AliasDomain
from domains.workspace import DomainRow
from mailadmin.accounts.overview import AdminRow
from mailadmin.core.columns import Column


def domain_columns() -> list[Column[DomainRow]]:
    """Return the columns of the list of domains."""
    return [
        Column("domain", _("Domain"), {_("Domain"): lambda row: row.domain.domain}, fixed=True),
        Column("description", _("Description"), {_("Description"): lambda row: row.domain.description}),
        *_use_columns(),
        Column("transport", _("Transport"), {_("Transport"): lambda row: row.domain.transport}, shown=False),
        Column(
            "state",
            _("State"),
            {
                _("State"): lambda row: _("Active") if row.domain.active else _("Off"),
                _("Backup MX"): lambda row: row.domain.backupmx,
            },
        ),
        Column("created", _("Created"), {_("Created"): lambda row: row.domain.created}, shown=False),
        Column("modified", _("Changed"), {_("Changed"): lambda row: row.domain.modified}, shown=False),
    ]


def _use_columns() -> list[Column[DomainRow]]:
    """Return the columns of what is used, with the limits."""
    return [
        Column(
            "mailboxes",
            _("Mailboxes"),
            {
                _("Mailboxes"): lambda row: row.use.mailboxes,
                _("Mailboxes allowed"): lambda row: row.domain.mailbox_limit.told,
            },
        ),
        Column(
            "aliases",
            _("Aliases"),
            {
                _("Aliases"): lambda row: row.use.aliases,
                _("Aliases allowed"): lambda row: row.domain.alias_limit.told,
            },
        ),
        Column(
            "promised",
            _("Storage promised"),
            {
                _("Storage promised (bytes)"): lambda row: row.use.promised,
                _("Storage allowed (bytes)"): lambda row: row.domain.quota_limit.told,
            },
        ),
        Column(
            "maxquota",
            _("Largest mailbox"),
            {_("Largest mailbox (bytes)"): lambda row: row.domain.maxquota_limit.told},
            shown=False,
        ),
    ]


def alias_domain_columns() -> list[Column[AliasDomain]]:
    """Return the columns of the list of alias domains; a file also says of which domain they are."""
    names = {_("Alias domain"): lambda row: row.alias_domain, _("Target domain"): lambda row: row.target_domain}
    return [
        Column("name", _("Alias domain"), names, fixed=True),
        Column("description", _("Description"), {_("Description"): lambda row: row.description}),
        Column("state", _("State"), {_("State"): lambda row: _("Active") if row.active else _("Off")}),
        Column("created", _("Created"), {_("Created"): lambda row: row.created}, shown=False),
        Column("modified", _("Changed"), {_("Changed"): lambda row: row.modified}, shown=False),
    ]


def domain_admin_columns() -> list[Column[AdminRow]]:
    """Return the columns of the list of a domain's admins."""
    return [
        Column("name", _("Admin"), {_("Admin"): lambda row: row.admin.username}, fixed=True),
        Column("seen", _("Last sign-in"), {_("Last sign-in"): lambda row: row.last_login}),
        Column("state", _("State"), {_("State"): lambda row: _("Active") if row.admin.active else _("Off")}),
        Column("created", _("Created"), {_("Created"): lambda row: row.admin.created}, shown=False),
        Column("modified", _("Changed"), {_("Changed"): lambda row: row.admin.modified}, shown=False),
    ]
