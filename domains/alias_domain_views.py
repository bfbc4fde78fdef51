"""Screens of the alias domains of a domain."""

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from domains.alias_domains import create_alias_domain, delete_alias_domain, set_alias_domain_active, update_alias_domain
from domains.columns import alias_domain_columns
from domains.forms import AliasDomainCreateForm, AliasDomainForm
from domains.models import AliasDomain, Domain
from domains.workspace import domain_head, visible_domain
from mailadmin.core.actor import Actor
from mailadmin.core.columns import chosen_columns
from mailadmin.core.csv_export import csv_export, wants_csv
from mailadmin.core.errors import NotFound
from mailadmin.core.forms import PlainForm
from mailadmin.core.http import ActorRequest, actor_required, form_methods, next_url, posted, wanted_state
from mailadmin.core.lists import list_batches, list_filters, list_page
from mailadmin.core.prepared import prepared
from mailadmin.core.search import contains
from mailadmin.core.undo import say_switched

SUGGESTED = 100
_SORTS = {"name": "alias_domain"}


@require_safe
@actor_required
def alias_domain_list(request: ActorRequest, domain: str) -> HttpResponseBase:
    """List the alias domains that take their addresses from a domain, on a page or in a file."""
    row = visible_domain(request.actor, domain)
    filters = list_filters(request, "state", {"active": _("Active"), "off": _("Off")})
    found = AliasDomain.objects.visible_to(request.actor).filter(target_domain=row.domain)
    if filters.q:
        found = found.filter(contains(filters.q, keys=["alias_domain"], texts=["description"]))
    if filters.chosen:
        found = found.filter(active=filters.chosen == "active")
    columns = chosen_columns(request, alias_domain_columns())
    if wants_csv(request):
        batches = list_batches(request, found, sorts=_SORTS, default="name")
        return csv_export(f"alias-domains-{row.domain}", columns.chosen, batches)
    page = list_page(request, found, sorts=_SORTS, default="name", within=True)
    context = {
        "page": page,
        "columns": columns,
        "filters": filters,
        "managed": _managed_names(request.actor, page.rows),
        "mirrors": _mirror.first(request.actor, row.domain),
    }
    return render(request, "domains/alias_domains.html", domain_head(request, row, "alias_domain_list") | context)


def _managed_names(actor: Actor, rows: list[AliasDomain]) -> set[str]:
    return {row.alias_domain for row in _managed(actor, tuple(row.alias_domain for row in rows))}


@prepared
def _managed(actor: Actor, names: tuple[str, ...]) -> QuerySet[AliasDomain]:
    return AliasDomain.objects.managed_by(actor).filter(alias_domain__in=names).only("alias_domain")


@prepared
def _mirror(actor: Actor, name: str) -> QuerySet[AliasDomain]:
    return AliasDomain.objects.visible_to(actor).filter(alias_domain=name)


def _managed_alias_domain(actor: Actor, domain: str, alias_domain: str) -> AliasDomain:
    row = AliasDomain.objects.managed_by(actor).filter(alias_domain=alias_domain, target_domain=domain).first()
    if row is None:
        raise NotFound(alias_domain)
    return row


def _suggestions(actor: Actor, *, without: str) -> list[str]:
    """Return some of the actor's domains that are not alias domains yet."""
    mirrored = AliasDomain.objects.filter(alias_domain=OuterRef("domain"))
    free = Domain.objects.managed_by(actor).filter(~Exists(mirrored)).exclude(domain=without)
    return list(free.order_by("domain").values_list("domain", flat=True)[:SUGGESTED])


@form_methods
@actor_required
def alias_domain_create(request: ActorRequest, domain: str) -> HttpResponse:
    """Make one of the actor's domains an alias of this one."""
    row = visible_domain(request.actor, domain)
    form = AliasDomainCreateForm(posted(request), names=_suggestions(request.actor, without=row.domain))
    if request.method == "POST" and form.is_valid():
        with form.operation_errors():
            made = create_alias_domain(request.actor, target_domain=row.domain, **form.cleaned_data)
            text = _("%(alias)s now has the addresses of %(domain)s.")
            messages.success(request, text % {"alias": made, "domain": row})
            return redirect("alias_domain_list", row.domain)
    return _form_page(request, row, form, title=_("New alias domain"), submit=_("Create alias domain"))


@form_methods
@actor_required
def alias_domain_edit(request: ActorRequest, domain: str, alias_domain: str) -> HttpResponse:
    """Change an alias domain."""
    row = visible_domain(request.actor, domain)
    known = _managed_alias_domain(request.actor, row.domain, alias_domain)
    initial = {"target_domain": row.readable, "description": known.description, "active": known.active}
    names = _suggestions(request.actor, without=known.alias_domain)
    form = AliasDomainForm(posted(request), initial=initial, names=names)
    if request.method == "POST" and form.is_valid():
        with form.operation_errors():
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            saved = update_alias_domain(request.actor, alias_domain=known.alias_domain, **changes)
            messages.success(request, _("Alias domain %s saved.") % saved)
            return redirect("alias_domain_list", saved.target_domain)
    return _form_page(request, row, form, title=str(known), submit=_("Save alias domain"))


def _form_page(request: ActorRequest, domain: Domain, form: PlainForm, *, title: str, submit: str) -> HttpResponse:
    cancel_url = reverse("alias_domain_list", args=[domain.domain])
    context: dict[str, Any] = {"form": form, "title": title, "submit": submit, "cancel_url": cancel_url}
    return render(request, "domains/alias_domain_form.html", context | {"domain": domain})


@require_POST
@actor_required
def alias_domain_toggle(request: ActorRequest, domain: str, alias_domain: str) -> HttpResponse:
    """Switch an alias domain on or off; htmx gets its row of the list."""
    known = _managed_alias_domain(request.actor, domain, alias_domain)
    row = set_alias_domain_active(request.actor, alias_domain=known.alias_domain, active=wanted_state(request))
    text = _("%s is on: it takes mail again.") if row.active else _("%s is off: mail to it is refused.")
    page = reverse("alias_domain_list", args=[row.target_domain])
    say_switched(request, text % row, active=row.active, page=page)
    if "HX-Request" in request.headers:
        columns = chosen_columns(request, alias_domain_columns())
        context = {"row": row, "managed": {row.alias_domain}, "columns": columns, "oob": True}
        return render(request, "domains/_alias_domain_row.html", context)
    return redirect(next_url(request, page))


@form_methods
@actor_required
def alias_domain_delete(request: ActorRequest, domain: str, alias_domain: str) -> HttpResponse:
    """Say what ends with an alias domain, then delete it."""
    row = visible_domain(request.actor, domain)
    known = _managed_alias_domain(request.actor, row.domain, alias_domain)
    if request.method == "POST":
        delete_alias_domain(request.actor, alias_domain=known.alias_domain)
        messages.success(request, _("Alias domain %s deleted.") % known)
        return redirect("alias_domain_list", row.domain)
    names = {"alias": known, "domain": row}
    context = {
        "domain": row,
        "form": PlainForm(),
        "title": _("Delete alias domain %s") % known,
        "goes": [_("The addresses of %(domain)s no longer exist at %(alias)s; mail to them there is refused.") % names],
        "stays": [
            _("%s with its own mailboxes and aliases, if it has any.") % known,
            _("%s and everything in it.") % row,
        ],
        "submit": _("Delete alias domain"),
        "cancel_url": reverse("alias_domain_list", args=[row.domain]),
        "switch_off_url": reverse("alias_domain_toggle", args=[row.domain, known.alias_domain]) if known.active else "",
    }
    return render(request, "domains/delete.html", context)
