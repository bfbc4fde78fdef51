"""Search over everything in the actor's scope, by the beginning of the name: what an index answers at any size."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aliases.models import Alias
from aliases.services import without_mailboxes
from domains.models import AliasDomain, Domain
from mailadmin.accounts.models import Admin
from mailadmin.core.errors import NotFound
from mailadmin.core.http import ActorRequest, actor_required
from mailadmin.core.search import begins_with, search_text
from mailboxes.models import Mailbox

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found; `url` is empty where a row of another program has a name that no URL can hold."""

    name: str
    note: str
    url: str
    active: bool


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found of one kind."""

    title: str
    icon: str
    hits: list[Hit]
    more: bool


@require_safe
@actor_required
def search(request: ActorRequest) -> HttpResponse:
    """Show what begins with the word, at most SHOWN of each kind; the very word comes first, being the shortest."""
    if request.actor.is_user:
        raise NotFound()
    q = search_text(request.GET.get("q", ""))
    groups = [group for group in find(request, q) if group.hits] if q else []
    return render(request, "search.html", {"q": q, "groups": groups, "shown": SHOWN})


def find(request: ActorRequest, q: str) -> list[Hits]:
    """Return what begins with the word, of each kind, in one bounded query per kind."""
    actor = request.actor
    aliases = without_mailboxes(Alias.objects.visible_to(actor))
    mirrors = AliasDomain.objects.visible_to(actor)
    groups = [
        _hits(Domain.objects.visible_to(actor), q, _("Domains"), "globe-alt", "domain_detail", note="description"),
        _hits(Mailbox.objects.visible_to(actor), q, _("Mailboxes"), "inbox", "mailbox_detail", note="name"),
        _hits(aliases, q, _("Aliases"), "arrow-uturn-right", "alias_detail", note="description"),
        _hits(mirrors, q, _("Alias domains"), "link", "domain_detail", note="description"),
    ]
    if actor.is_superadmin:
        groups.append(_hits(Admin.objects.visible_to(actor), q, _("Admins"), "users", "admin_detail"))
    return groups


def _hits(rows: QuerySet[Any], q: str, title: str, icon: str, url_name: str, *, note: str = "") -> Hits:
    found = list(rows.filter(begins_with(q, "pk")).order_by("pk")[: SHOWN + 1])
    hits = [Hit(row.pk, getattr(row, note) if note else "", _url(url_name, row), row.active) for row in found[:SHOWN]]
    return Hits(title, icon, hits, len(found) > SHOWN)


def _url(name: str, row: Model) -> str:
    try:
        return reverse(name, args=[row.pk])
    except NoReverseMatch:
        return ""
