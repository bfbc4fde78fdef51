"""What the list and the page of aliases tell."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aliases.models import Alias, OwnAlias
from aliases.owned import own_of
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import readable
from mailadmin.core.prepared import prepared
from mailboxes.models import Mailbox

SHOWN_TARGETS = 2
SHOWN_ALIASES = 10


@dataclass(frozen=True, slots=True)
class AliasRow:
    """One row of the list: the first targets, and how many more there are; `own` where somebody made it."""

    alias: Alias
    shown: list[str]
    more: int
    own: OwnAlias | None = None

    @property
    def own_label(self) -> str:
        """Return that it is somebody's own alias, and when it ends, in words; nothing for one of the domain."""
        return own_label(self.own) if self.own else ""

    @property
    def has_ended(self) -> bool:
        return self.own is not None and self.own.has_ended(timezone.now())

    @property
    def rest(self) -> str:
        """Return how many targets are not shown, in words; nothing for none."""
        if not self.more:
            return ""
        shown = number_format(self.more, force_grouping=True)
        return ngettext("and %(shown)s more", "and %(shown)s more", self.more) % {"shown": shown}


def alias_rows(aliases: Sequence[Alias]) -> list[AliasRow]:
    """Return what the list shows of the aliases."""
    own = own_of(aliases)
    return [_row(alias, alias.targets, own.get(alias.address)) for alias in aliases]


def own_alias_rows(pairs: Sequence[tuple[Alias, OwnAlias]]) -> list[AliasRow]:
    """Return what the page of a person's own aliases shows."""
    return [_row(alias, alias.targets, own) for alias, own in pairs]


def own_label(own: OwnAlias) -> str:
    """Return that an alias is somebody's own, and when it ends."""
    if own.ends is None:
        return _("Own alias")
    end = {"end": date_format(timezone.localtime(own.ends), "SHORT_DATE_FORMAT")}
    return _("Own alias, ended %(end)s") % end if own.has_ended(timezone.now()) else _("Own alias until %(end)s") % end


def own_sentence(own: OwnAlias) -> str:
    """Return whose own alias it is, and until when, in one sentence."""
    names = {"owner": readable(own.owner)}
    if own.ends is None:
        return _("An own alias of %(owner)s, without end.") % names
    names["end"] = date_format(timezone.localtime(own.ends), "DATETIME_FORMAT")
    if own.has_ended(timezone.now()):
        return _("An own alias of %(owner)s. It ended on %(end)s: mail to it is refused.") % names
    return _("An own alias of %(owner)s. It ends on %(end)s; mail to it is refused from then on.") % names


def _row(alias: Alias, targets: list[str], own: OwnAlias | None = None) -> AliasRow:
    # One target more is shown rather than counted: "and 1 more" is as long.
    shown = targets if len(targets) <= SHOWN_TARGETS + 1 else targets[:SHOWN_TARGETS]
    return AliasRow(alias, shown, len(targets) - len(shown), own)


@dataclass(frozen=True, slots=True)
class Target:
    """One target of an alias; `kind` is mailbox, alias, or empty for what the actor may not see or is elsewhere."""

    address: str
    kind: str


def alias_targets(actor: Actor, alias: Alias) -> list[Target]:
    """Return the targets of the alias, with what each is as far as the actor may see it."""
    keys = tuple(target.lower() for target in alias.targets)
    kinds = {row.address: "alias" for row in _visible_aliases(actor, keys)}
    kinds |= {row.username: "mailbox" for row in _visible_mailboxes(actor, keys)}
    return [Target(target, kinds.get(target.lower(), "")) for target in alias.targets]


@prepared
def _visible_aliases(actor: Actor, addresses: tuple[str, ...]) -> QuerySet[Alias]:
    return Alias.objects.visible_to(actor).filter(address__in=addresses).only("address")


@prepared
def _visible_mailboxes(actor: Actor, addresses: tuple[str, ...]) -> QuerySet[Mailbox]:
    return Mailbox.objects.visible_to(actor).filter(username__in=addresses).only("username")


def alias_goes(alias: Alias) -> list[str]:
    """Return what is deleted with an alias, one sentence each."""
    row = _row(alias, alias.targets)
    names = _listed([readable(target) for target in row.shown], row.more)
    return [_("The alias. Mail to %(alias)s no longer goes to %(names)s.") % {"alias": alias, "names": names}]


def alias_stays(pointing: Sequence[Alias]) -> list[str]:
    """Return what a deleted alias leaves behind, one sentence each."""
    lines = [_("Its targets; they keep their own mail."), _("Its history in the log.")]
    return [pointing_sentence(pointing), *lines] if pointing else lines


def pointing_sentence(pointing: Sequence[Alias]) -> str:
    """Return the sentence that names the aliases which still send mail to an address."""
    names = _listed([str(alias) for alias in pointing[:SHOWN_ALIASES]], len(pointing[SHOWN_ALIASES:]))
    return _("Aliases that send mail here: %s. The tick box below takes it out of them.") % names


def _listed(names: Sequence[str], more: int) -> str:
    listed = ", ".join(names)
    if not more:
        return listed
    return ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more) % {"names": listed, "n": more}
