"""How many aliases a domain has and may have, counted live: those that are not a mailbox's own row."""

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aliases.models import Alias
from domains.models import Domain
from mailadmin.core.actor import Actor
from mailadmin.core.texts import limit_reached, none_left
from mailboxes.models import Mailbox


def without_mailboxes(aliases: QuerySet[Alias]) -> QuerySet[Alias]:
    """Leave out the rows that mailboxes have for themselves."""
    return aliases.filter(~Exists(Mailbox.objects.filter(username=OuterRef("address"))))


def count_aliases(domain: str) -> int:
    """Return how many aliases count against the domain's limit: those that are not a mailbox's own row."""
    return without_mailboxes(Alias.objects.filter(domain=domain)).count()


def count_aliases_by_domain(names: list[str]) -> dict[str, int]:
    """Return the number of aliases of each of the domains, as their limits count them."""
    rows = without_mailboxes(Alias.objects.filter(domain__in=names)).values_list("domain").annotate(n=Count("address"))
    return dict(rows.order_by())


def check_alias_limit(domain: Domain) -> None:
    """Raise LimitReached when the domain, whose guard is held, can have no further alias."""
    limit = domain.alias_limit
    if limit.is_unlimited:
        return
    if limit.is_none:
        raise limit_reached("address", "aliases", _("%s may have no aliases.") % domain.readable)
    used = count_aliases(domain.domain)
    if not limit.allows(used + 1):
        text = ngettext(
            "%(used)d of %(limit)s alias is in use in %(domain)s.",
            "%(used)d of %(limit)s aliases are in use in %(domain)s.",
            limit.allowed,
        )
        values = {"used": used, "limit": limit, "domain": domain.readable}
        raise limit_reached("address", "aliases", text % values)


def aliases_full(actor: Actor, domain: Domain) -> str:
    """Return why the domain can have no further alias, counted now, and who can change that; "" while it can."""
    limit = domain.alias_limit
    if limit.is_none:
        return none_left(actor, _("%s may have no aliases.") % domain.readable)
    if limit.is_unlimited or limit.allows(count_aliases(domain.domain) + 1):
        return ""
    return none_left(actor, _("No alias left of %s.") % limit)
