"""How many mailboxes a domain has and may have, counted live."""

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from domains.models import Domain
from mailadmin.core.actor import Actor
from mailadmin.core.texts import limit_reached, none_left
from mailboxes.models import Mailbox


def count_mailboxes(domain: str) -> int:
    """Return how many mailboxes the domain has."""
    return Mailbox.objects.filter(domain=domain).count()


def count_mailboxes_by_domain(names: list[str]) -> dict[str, int]:
    """Return the number of mailboxes of each of the domains."""
    rows = Mailbox.objects.filter(domain__in=names).values_list("domain").annotate(n=Count("username"))
    return dict(rows.order_by())


def check_mailbox_limit(domain: Domain) -> None:
    """Raise LimitReached when the domain, whose guard is held, can have no further mailbox."""
    limit = domain.mailbox_limit
    if limit.is_unlimited:
        return
    if limit.is_none:
        raise limit_reached("local_part", "mailboxes", _("%s may have no mailboxes.") % domain.readable)
    used = count_mailboxes(domain.domain)
    if not limit.allows(used + 1):
        text = ngettext(
            "%(used)d of %(limit)s mailbox is in use in %(domain)s.",
            "%(used)d of %(limit)s mailboxes are in use in %(domain)s.",
            limit.allowed,
        )
        values = {"used": used, "limit": limit, "domain": domain.readable}
        raise limit_reached("local_part", "mailboxes", text % values)


def mailboxes_full(actor: Actor, domain: Domain) -> str:
    """Return why the domain can have no further mailbox, counted now, and who can change that; "" while it can."""
    limit = domain.mailbox_limit
    if limit.is_none:
        return none_left(actor, _("%s may have no mailboxes.") % domain.readable)
    if limit.is_unlimited or limit.allows(count_mailboxes(domain.domain) + 1):
        return ""
    return none_left(actor, _("No mailbox left of %s.") % limit)
