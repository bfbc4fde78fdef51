"""What goes with a domain, and what stays behind: told before it is deleted."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Model, QuerySet, Sum
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aliases.limit import without_mailboxes
from aliases.models import Alias
from aliases.targets import aliases_pointing_into
from domains.models import Domain, DomainAdmin
from domains.services import alias_domains_of
from mailadmin.core.addresses import readable
from mailadmin.core.limits import show_size
from mailboxes.models import Mailbox, Quota2

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Things:
    """How many there are, and the first of them by name."""

    count: int
    names: list[str]

    @property
    def shown(self) -> str:
        """The number as it is read."""
        return number_format(self.count, force_grouping=True)

    def named(self) -> str:
        """Return the names, and how many are left out."""
        names = ", ".join(readable(name) for name in self.names)
        more = self.count - len(self.names)
        if not more:
            return names
        text = ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more)
        return text % {"names": names, "n": number_format(more, force_grouping=True)}


@dataclass(frozen=True, slots=True)
class DomainDeletion:
    """What deleting a domain means; `pointing` are the aliases of other domains that send mail there."""

    mailboxes: Things
    aliases: Things
    alias_domains: Things
    admins: Things
    stored_bytes: int
    pointing: list[Alias]


def preview_domain_deletion(domain: Domain) -> DomainDeletion:
    """Return what would go with the domain."""
    name = domain.domain
    mailboxes = Mailbox.objects.filter(domain=name)
    used = Quota2.objects.filter(username__in=mailboxes.values("username"), bytes__gt=0)
    return DomainDeletion(
        mailboxes=_things(mailboxes, "username"),
        aliases=_things(without_mailboxes(Alias.objects.filter(domain=name)), "address"),
        alias_domains=_things(alias_domains_of(name), "alias_domain"),
        admins=_things(DomainAdmin.objects.filter(domain=name), "username"),
        stored_bytes=used.aggregate(total=Sum("bytes"))["total"] or 0,
        pointing=aliases_pointing_into(name),
    )


def _things(rows: QuerySet[Model], column: str) -> Things:
    names = rows.order_by(column).values_list(column, flat=True).distinct()
    return Things(names.count(), list(names[:SHOWN]))


def what_goes(preview: DomainDeletion) -> list[str]:
    """Return sentences about what is deleted."""
    mailboxes, aliases = preview.mailboxes, preview.aliases
    mirrors, admins = preview.alias_domains, preview.admins
    found = [
        (mailboxes, ngettext("%(n)s mailbox: %(names)s.", "%(n)s mailboxes: %(names)s.", mailboxes.count)),
        (aliases, ngettext("%(n)s alias: %(names)s.", "%(n)s aliases: %(names)s.", aliases.count)),
        (mirrors, ngettext("%(n)s alias domain: %(names)s.", "%(n)s alias domains: %(names)s.", mirrors.count)),
        (
            admins,
            ngettext("Its grant to %(n)s admin: %(names)s.", "Its grants to %(n)s admins: %(names)s.", admins.count),
        ),
    ]
    lines = [text % {"n": things.shown, "names": things.named()} for things, text in found if things.count]
    return [_("The domain with its limits and settings."), *lines]


def what_stays(preview: DomainDeletion) -> list[str]:
    """Return sentences about what stays behind."""
    lines = [_("Its history in the log.")]
    if preview.stored_bytes:
        size = show_size(preview.stored_bytes)
        lines.append(_("The mail already delivered, %s, in its directories on the mail server.") % size)
    if preview.pointing:
        things = _pointing(preview.pointing)
        text = ngettext(
            "%(n)s alias of another domain that points here: %(names)s.",
            "%(n)s aliases of other domains that point here: %(names)s.",
            things.count,
        )
        lines.append(text % {"n": things.shown, "names": things.named()})
    return lines


def _pointing(aliases: Sequence[Alias]) -> Things:
    return Things(len(aliases), [alias.address for alias in aliases[:SHOWN]])
