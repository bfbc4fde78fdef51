"""Screens of domains."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from domains.forms import DomainCreateForm
from domains.models import Domain
from domains.services import create_domain, set_domain_active
from domains.workspace import domain_head, domain_rows, visible_domain
from mailadmin.core.http import ActorRequest, actor_required, next_url, wanted_state
from mailadmin.core.lists import Filters, list_filters, list_page
from mailadmin.core.permissions import Permission, can, require
from mailadmin.core.search import contains


@require_safe
@actor_required
def domain_list(request: ActorRequest) -> HttpResponse:
    """List the domains that the actor may see."""
    states = {"active": _("Active"), "off": _("Off"), "backup": _("Backup MX")}
    filters = list_filters(request, "state", states)
    visible = Domain.objects.visible_to(request.actor)
    page = list_page(request, _filtered(visible, filters), sorts={"domain": "domain"}, default="domain")
    context = {"page": page, "rows": domain_rows(page.rows), "filters": filters, "can_change": _can_change(request)}
    return render(request, "domains/list.html", context)


def _filtered(domains: QuerySet[Domain], filters: Filters) -> QuerySet[Domain]:
    if filters.q:
        domains = domains.filter(contains(filters.q, keys=["domain"], texts=["description"]))
    match filters.chosen:
        case "active":
            return domains.filter(active=True)
        case "off":
            return domains.filter(active=False)
        case "backup":
            return domains.filter(backupmx=True)
    return domains


def _can_change(request: ActorRequest) -> bool:
    return can(request.actor, Permission.DOMAIN_UPDATE)


@actor_required
def domain_create(request: ActorRequest) -> HttpResponse:
    """Create a domain."""
    require(request.actor, Permission.DOMAIN_CREATE)
    form = DomainCreateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.operation_errors():
            row = create_domain(request.actor, **form.cleaned_data)
            messages.success(request, _("Domain %s created.") % row.readable)
            return redirect("domain_detail", row.domain)
    return render(request, "domains/create.html", {"form": form})


@require_safe
@actor_required
def domain_detail(request: ActorRequest, domain: str) -> HttpResponse:
    """Show a domain: its mailboxes."""
    row = visible_domain(request.actor, domain)
    return render(request, "domains/workspace.html", domain_head(request, row, "mailbox_list"))


@require_POST
@actor_required
def domain_toggle(request: ActorRequest, domain: str) -> HttpResponse:
    """Switch a domain on or off; htmx gets the domain's row of the list."""
    row = set_domain_active(request.actor, domain=domain, active=wanted_state(request))
    if row.active:
        text = _("%s is on: its mail and its people's sign-in work again.")
    else:
        text = _("%s is off: mail to it is refused, and nobody in it can sign in.")
    messages.success(request, text % row.readable)
    if "HX-Request" in request.headers:
        return render(request, "domains/_row.html", {"row": domain_rows([row])[0], "can_change": True, "oob": True})
    return redirect(next_url(request, reverse("domain_detail", args=[row.domain])))
