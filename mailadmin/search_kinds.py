"""What the search finds, and how: by the beginning of a key at once, by a fragment of anything afterwards."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from aliases.limit import without_mailboxes
from aliases.models import Alias
from domains.models import AliasDomain, Domain, granted_domains
from mailadmin.accounts.models import Admin
from mailadmin.core.actor import Actor
from mailadmin.core.search import begins_with, by_key, contains
from mailadmin.core.statement_limit import TookTooLong, statement_limit
from mailboxes.models import Mailbox

SECONDS = 2
"""How long one kind may be searched."""

MANY_DOMAINS = 1_000
"""Up to here the domains of an admin are written into the query, which tells MariaDB what its indexes are worth."""

SHORTEST_FRAGMENT = 2
"""Characters; a single letter is inside almost everything."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rows that can be found, within an actor's scope; `note` is the column shown beside the key."""

    name: str
    title: str
    icon: str
    rows: QuerySet[Any]
    url_name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found; `url` is empty where a row of another program has a name that no URL can hold."""

    name: str
    note: str
    url: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found of one kind; `stopped` where the time ran out first."""

    name: str
    title: str
    icon: str
    hits: list[Hit] = field(default_factory=list)
    more: bool = False
    stopped: bool = False

    @property
    def says_something(self) -> bool:
        return bool(self.hits) or self.stopped


def find_beginnings(actor: Actor, q: str, *, most: int) -> list[Hits]:
    """Return what begins with the word, at most so many of each kind; the very word comes first, being the shortest."""
    groups = [_find(kind, begins_with(q, "pk"), most) for kind in kinds(actor, beginning=q)] if q else []
    return [group for group in groups if group.says_something]


def find_inside(actor: Actor, q: str, *, most: int) -> list[Hits]:
    """Return what has the word anywhere in its key, name or description, without what begins with it."""
    if len(q) < SHORTEST_FRAGMENT:
        return []
    groups = [_find(kind, _inside(kind, q), most) for kind in kinds(actor)]
    return [group for group in groups if group.says_something]


def kinds(actor: Actor, *, beginning: str = "") -> list[Kind]:
    """Return what an admin can find, for a question about a beginning or any other; a mailbox user finds nothing."""
    if not (actor.is_superadmin or actor.is_admin):
        return []
    domains, mirrors = Domain.objects.visible_to(actor), AliasDomain.objects.visible_to(actor)
    mailboxes, aliases = _in_scope(actor)
    aliases = _none_of_a_mailbox(aliases, beginning) if beginning else without_mailboxes(aliases)
    found = [
        Kind("domains", _("Domains"), "globe-alt", domains, "domain_detail", "description"),
        Kind("mailboxes", _("Mailboxes"), "inbox", mailboxes, "mailbox_detail", "name"),
        Kind("aliases", _("Aliases"), "arrow-uturn-right", aliases, "alias_detail", "description"),
        Kind("alias-domains", _("Alias domains"), "link", mirrors, "domain_detail", "description"),
    ]
    if actor.is_superadmin:
        found.append(Kind("admins", _("Admins"), "users", Admin.objects.visible_to(actor), "admin_detail"))
    return found


def _in_scope(actor: Actor) -> tuple[QuerySet[Mailbox], QuerySet[Alias]]:
    """Return what visible_to does, from the names of the domains: a subquery of them is joined the wrong way round."""
    names = list(granted_domains(actor).values_list("domain", flat=True)[: MANY_DOMAINS + 1]) if actor.is_admin else []
    if actor.is_superadmin or len(names) > MANY_DOMAINS:
        return Mailbox.objects.visible_to(actor), Alias.objects.visible_to(actor)
    return Mailbox.objects.filter(domain__in=names), Alias.objects.filter(domain__in=names)


def _none_of_a_mailbox(aliases: QuerySet[Alias], beginning: str) -> QuerySet[Alias]:
    """Return without_mailboxes of aliases that begin so; PostgreSQL would compare mailboxes from the first one on."""
    same = Mailbox.objects.filter(begins_with(beginning, "username"), username=OuterRef("address"))
    return aliases.filter(~Exists(same))


def _inside(kind: Kind, q: str) -> Q:
    return contains(q, keys=["pk"], texts=[kind.note] if kind.note else []) & ~begins_with(q, "pk")


def _find(kind: Kind, condition: Q, most: int) -> Hits:
    columns = ["pk", "active", *([kind.note] if kind.note else [])]
    try:
        with statement_limit(SECONDS):
            found = list(kind.rows.filter(condition).order_by(by_key("pk")).only(*columns)[: most + 1])
    except TookTooLong:
        return Hits(kind.name, kind.title, kind.icon, stopped=True)
    hits = [
        Hit(row.pk, getattr(row, kind.note, "") or "", _url(kind.url_name, row), row.active) for row in found[:most]
    ]
    return Hits(kind.name, kind.title, kind.icon, hits, more=len(found) > most)


def _url(name: str, row: Model) -> str:
    try:
        return reverse(name, args=[row.pk])
    except NoReverseMatch:
        return ""
