"""What all pages of a domain show: its name, its state, how much of its limits is used, and its parts."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from domains.models import Domain
from domains.use import DomainUse, domain_uses, live_uses
from mailadmin.core.actor import Actor
from mailadmin.core.bounded import Bounded
from mailadmin.core.errors import NotFound
from mailadmin.core.http import ActorRequest
from mailadmin.core.limits import show_size
from mailadmin.core.prepared import prepared

MOST_BESIDE_A_TAB = 100
"""Beyond this many, what no counter is kept of is "100+"."""

_COUNTED_BESIDE = """
SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM alias_domain WHERE target_domain = %s LIMIT %s) m),
  (SELECT COUNT(*) FROM (SELECT DISTINCT username FROM domain_admins WHERE domain = %s AND active = %s LIMIT %s) a)
"""


@dataclass(frozen=True, slots=True)
class DomainRow:
    """One row of the list."""

    domain: Domain
    use: DomainUse

    @property
    def largest(self) -> str:
        """Return how large a mailbox may be, in words."""
        return self.domain.maxquota_limit.shown(show_size)


def domain_rows(domains: Iterable[Domain], *, live: bool = False) -> list[DomainRow]:
    """Return what the list shows of the domains; `live` counts now what counters tell otherwise."""
    found = list(domains)
    names = [domain.domain for domain in found]
    uses = live_uses(names) if live else domain_uses(names)
    return [DomainRow(domain, uses[domain.domain]) for domain in found]


def oldest_count(rows: Iterable[DomainRow]) -> dt.datetime | None:
    """Return since when the numbers of the list may lack what other programs changed; None where all are of now."""
    return min((row.use.counted for row in rows if row.use.counted), default=None)


def visible_domain(actor: Actor, name: str) -> Domain:
    """Return the domain if the actor may see it; raises NotFound."""
    domain = _visible.first(actor, name)
    if domain is None:
        raise NotFound(name)
    return domain


@prepared
def _visible(actor: Actor, name: str) -> QuerySet[Domain]:
    return Domain.objects.visible_to(actor).filter(domain=name)


def domain_facts(domain: Domain) -> list[tuple[str, str]]:
    """Return a domain's settings in words, for those who may only read them."""
    return [
        (_("Mailboxes"), str(domain.mailbox_limit)),
        (_("Aliases"), str(domain.alias_limit)),
        (_("Largest mailbox"), domain.maxquota_limit.shown(show_size)),
        (_("Total storage"), domain.quota_limit.shown(show_size)),
        (_("Transport"), domain.transport or "virtual"),
        (_("Backup MX"), _("yes") if domain.backupmx else _("no")),
        (_("State"), _("active") if domain.active else _("off")),
    ]


def domain_head(request: ActorRequest, domain: Domain, current_tab: str) -> dict[str, Any]:
    """Return what templates/domains/workspace.html needs beside the tab's own context.

    `current_tab` is the URL name of the tab: mailbox_list, alias_list, alias_domain_list, domain_admins, domain_rules,
    domain_mail_programs, domain_log or domain_settings. Costs a fixed number of queries.
    """
    use = domain_uses([domain.domain])[domain.domain]
    mirrors, admins = _counted_beside(domain.domain)
    counts = {
        "mailbox_list": Bounded(use.mailboxes),
        "alias_list": Bounded(use.aliases),
        "alias_domain_list": mirrors,
        "domain_admins": admins,
    }
    labels = _tab_labels(request)
    tabs = [
        {
            "label": label,
            "url": reverse(name, args=[domain.domain]),
            "current": name == current_tab,
            "count": counts.get(name),
        }
        for name, label in labels.items()
    ]
    return {"domain": domain, "use": use, "tabs": tabs, "tab_label": labels.get(current_tab, "")}


def _counted_beside(domain: str) -> list[Bounded]:
    """Return how many alias domains and how many admins a domain has, each up to MOST_BESIDE_A_TAB."""
    # One statement on every page of a domain: as querysets it took Django longer to write two than to send this one.
    most = MOST_BESIDE_A_TAB + 1
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED_BESIDE, [domain, most, domain, True, most])
        return [Bounded(number, MOST_BESIDE_A_TAB) for number in cursor.fetchone()]


def _tab_labels(request: ActorRequest) -> dict[str, str]:
    labels = {"mailbox_list": _("Mailboxes"), "alias_list": _("Aliases"), "alias_domain_list": _("Alias domains")}
    if request.actor.is_superadmin:
        labels["domain_admins"] = _("Admins")
    labels |= {"domain_rules": _("Rules"), "domain_mail_programs": _("Mail programs")}
    return labels | {"domain_log": _("Log"), "domain_settings": _("Settings")}
