"""Screens of aliases for superadmins and domain admins."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aliases.columns import alias_columns
from aliases.creation import free_alias_address
from aliases.filters import filtered_aliases
from aliases.forms import AliasCreateForm, AliasForm, DeleteForm, OwnAliasForm, without_domain
from aliases.limit import aliases_full, count_aliases, without_mailboxes
from aliases.models import Alias, OwnAlias
from aliases.overview import alias_goes, alias_rows, alias_stays, alias_targets, own_sentence
from aliases.own import update_own_alias
from aliases.owned import own_of
from aliases.services import create_alias, delete_alias, set_alias_active, update_alias
from domains.models import Domain, named_domain
from domains.workspace import domain_head, visible_domain
from mailadmin.audit.entries import entries_of
from mailadmin.audit.services import visible_events
from mailadmin.core.actor import Actor
from mailadmin.core.bounded import Bounded
from mailadmin.core.columns import chosen_columns
from mailadmin.core.csv_export import csv_export, wants_csv
from mailadmin.core.errors import NotFound
from mailadmin.core.forms import PlainForm
from mailadmin.core.http import ActorRequest, actor_required, form_methods, next_url, posted, wanted_state
from mailadmin.core.limits import limit_left
from mailadmin.core.lists import list_batches, list_filters, list_page, matching
from mailadmin.core.live import availability, typed_text
from mailadmin.core.permissions import Permission, require
from mailadmin.core.prepared import prepared
from mailadmin.core.undo import say_switched
from mailboxes.deletion import pointing_in_scope
from mailboxes.models import mailbox_visible_to

SHOWN_EVENTS = 10
_SORTS = {"address": "address"}


def managed_alias(actor: Actor, address: str) -> Alias:
    """Return the alias if the actor administers it; raises NotFound, for the row of a mailbox too."""
    alias = _managed.first(actor, address)
    if alias is None:
        raise NotFound(address)
    return alias


@prepared
def _managed(actor: Actor, address: str) -> QuerySet[Alias]:
    return without_mailboxes(Alias.objects.managed_by(actor)).filter(address=address)


@actor_required
@require_safe
def alias_list(request: ActorRequest, domain: str) -> HttpResponseBase:
    """List the aliases of a domain, on a page or in a file; the rows of mailboxes are not among them."""
    row = visible_domain(request.actor, domain)
    filters = list_filters(request, "state", {"active": _("Active"), "off": _("Off")})
    visible = Alias.objects.visible_to(request.actor).filter(domain=row.domain)
    # MariaDB asks in this order: few rows have the search word, and only those are looked for among the mailboxes.
    found = without_mailboxes(filtered_aliases(visible, q=filters.q, state=filters.chosen))
    columns = chosen_columns(request, alias_columns())
    if wants_csv(request):
        batches = list_batches(request, found, sorts=_SORTS, default="address")
        return csv_export(f"aliases-{row.domain}", columns.chosen, map(alias_rows, batches))
    among = visible if filters.q else None
    page = list_page(request, found, sorts=_SORTS, default="address", within=True, among=among)
    head = domain_head(request, row, "alias_list")
    used = head["use"].aliases
    left = limit_left(row.alias_limit, used)
    full = "" if row.alias_limit.allows(used + 1) else aliases_full(request.actor, row)
    total = matching(page, found) if filters.clear_url else Bounded(head["use"].aliases)
    context = head | {"page": page, "rows": alias_rows(page.rows), "filters": filters, "left": left}
    context["columns"] = columns
    context |= {"total": total, "full": full}
    return render(request, "aliases/list.html", context)


@actor_required
@form_methods
def alias_create(request: ActorRequest, domain: str) -> HttpResponse:
    """Create an alias or the catch-all."""
    row = visible_domain(request.actor, domain)
    form = AliasCreateForm(posted(request), domain=row)
    if form.is_valid():
        with form.operation_errors():
            alias = _create(request.actor, row, form)
            messages.success(request, _("Alias %s created.") % alias)
            return redirect("alias_detail", alias.address)
    used = count_aliases(row.domain)
    context = {"domain": row, "form": form, "used": used, "left": limit_left(row.alias_limit, used)}
    context["full"] = aliases_full(request.actor, row)
    return render(request, "aliases/create.html", context)


@actor_required
@require_safe
def alias_check(request: ActorRequest, domain: str) -> HttpResponse:
    """Say whether an alias can be made, while its address is typed."""
    row = visible_domain(request.actor, domain)
    require(request.actor, Permission.ALIAS_CREATE)
    typed = without_domain(typed_text(request, "address"), row)
    form_url = reverse("alias_create", args=[row.domain])
    return availability(request, typed, lambda: free_alias_address(f"{typed}@{row.domain}"), form_url=form_url)


def _create(actor: Actor, domain: Domain, form: AliasCreateForm) -> Alias:
    values = form.cleaned_data
    return create_alias(
        actor,
        address=f"{values['address']}@{domain.domain}",
        targets=values["targets"],
        description=values["description"],
        active=values["active"],
    )


@actor_required
@require_safe
def alias_detail(request: ActorRequest, address: str) -> HttpResponse:
    """Show all about one alias; the row of a mailbox is told on the mailbox's page."""
    if not request.actor.is_user and mailbox_visible_to(request.actor, address):
        return redirect("mailbox_detail", address)
    alias = managed_alias(request.actor, address)
    own = own_of([alias]).get(alias.address)
    context = {
        "alias": alias,
        "own": own,
        "own_sentence": own_sentence(own) if own else "",
        "has_ended": own is not None and own.has_ended(timezone.now()),
        "targets": alias_targets(request.actor, alias),
        "pointing": pointing_in_scope(request.actor, alias.address),
        "domain": named_domain.first(alias.domain),
        "entries": entries_of(
            visible_events(request.actor).filter(target=alias.address).order_by("-id")[:SHOWN_EVENTS]
        ),
    }
    return render(request, "aliases/detail.html", context)


@actor_required
@form_methods
def alias_edit(request: ActorRequest, address: str) -> HttpResponse:
    """Change targets and description."""
    alias = managed_alias(request.actor, address)
    if own := own_of([alias]).get(alias.address):
        return _edit_own(request, alias, own)
    form = AliasForm(posted(request), initial={"targets": alias.targets, "description": alias.description})
    if form.is_valid():
        with form.operation_errors():
            update_alias(request.actor, address=alias.address, **form.changed_values())
            messages.success(request, _("%s is saved.") % alias)
            return redirect("alias_detail", alias.address)
    return _form_page(request, alias, form, title=_("Edit alias"), submit=_("Save alias"))


def _edit_own(request: ActorRequest, alias: Alias, own: OwnAlias) -> HttpResponse:
    """Change what its owner may change; where it leads is what makes it the owner's."""
    form = OwnAliasForm(posted(request), initial={"description": alias.description, "ends": own.ends})
    if form.is_valid():
        with form.operation_errors():
            update_own_alias(request.actor, address=alias.address, **form.changed_values())
            messages.success(request, _("%s is saved.") % alias)
            return redirect("alias_detail", alias.address)
    return _form_page(request, alias, form, title=_("Edit alias"), submit=_("Save alias"))


def _form_page(request: ActorRequest, alias: Alias, form: PlainForm, *, title: str, submit: str) -> HttpResponse:
    context = {
        "alias": alias,
        "form": form,
        "title": title,
        "submit": submit,
        "cancel_url": reverse("alias_detail", args=[alias.address]),
    }
    return render(request, "aliases/form.html", context)


@actor_required
@require_POST
def alias_toggle(request: ActorRequest, address: str) -> HttpResponse:
    """Switch an alias on or off; htmx gets the alias's row of the list."""
    alias = managed_alias(request.actor, address)
    row = set_alias_active(request.actor, address=alias.address, active=wanted_state(request))
    text = _("%s is on: mail to it is sent on.") if row.active else _("%s is off: it sends nothing on.")
    say_switched(request, text % row, active=row.active, page=reverse("alias_detail", args=[row.address]))
    if "HX-Request" in request.headers:
        columns = chosen_columns(request, alias_columns())
        return render(request, "aliases/_row.html", {"rows": alias_rows([row]), "columns": columns})
    return redirect(next_url(request, reverse("alias_detail", args=[row.address])))


@actor_required
@form_methods
def alias_delete(request: ActorRequest, address: str) -> HttpResponse:
    """Say what goes with an alias, then delete it."""
    alias = managed_alias(request.actor, address)
    pointing = pointing_in_scope(request.actor, alias.address)
    form = DeleteForm(posted(request), address=alias.address, has_references=bool(pointing))
    if form.is_valid():
        with form.operation_errors():
            references = form.cleaned_data.get("clean_references", False)
            delete_alias(request.actor, address=alias.address, clean_references=references)
            messages.success(request, _("%s is deleted.") % alias)
            return redirect("alias_list", alias.domain)
    context = {
        "alias": alias,
        "form": form,
        "title": _("Delete %s") % alias,
        "goes": alias_goes(alias),
        "stays": alias_stays(pointing),
        "submit": _("Delete alias"),
        "cancel_url": reverse("alias_detail", args=[alias.address]),
        "switch_off_url": reverse("alias_toggle", args=[alias.address]) if alias.active else "",
    }
    return render(request, "aliases/delete.html", context)
