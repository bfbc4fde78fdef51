"""Screens of domains."""

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import model_to_dict
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from domains.bulk import AT_ONCE, DeleteDomain
from domains.columns import domain_columns
from domains.deletion import preview_domain_deletion, what_goes, what_stays
from domains.forms import DomainCreateForm, DomainDeleteForm, DomainForm
from domains.models import Domain
from domains.rules import rules_of, set_domain_rules
from domains.rules_form import RulesForm, initial_rules
from domains.services import create_domain, delete_domain, free_domain_name, set_domain_active, update_domain
from domains.workspace import domain_facts, domain_head, domain_rows, oldest_count, visible_domain
from mailadmin.audit.services import visible_events
from mailadmin.audit.views import log_export, log_page
from mailadmin.core.columns import chosen_columns
from mailadmin.core.csv_export import csv_export, wants_csv
from mailadmin.core.errors import NotFound
from mailadmin.core.http import ActorRequest, actor_required, form_methods, next_url, posted, wanted_state
from mailadmin.core.lists import Filters, list_batches, list_filters, list_page
from mailadmin.core.live import availability, typed_text
from mailadmin.core.permissions import Permission, can, require
from mailadmin.core.search import contains
from mailadmin.core.texts import who_can_change
from mailadmin.core.undo import say_switched
from mailadmin.jobs.services import queue_job
from mailboxes.views import mailbox_list

_SORTS = {"domain": "domain"}


@require_safe
@actor_required
def domain_list(request: ActorRequest) -> HttpResponseBase:
    """List the domains that the actor may see, on a page or in a file."""
    if request.actor.is_user:
        raise NotFound()
    states = {"active": _("Active"), "off": _("Off"), "backup": _("Backup MX")}
    filters = list_filters(request, "state", states)
    visible = Domain.objects.visible_to(request.actor)
    found = _filtered(visible, filters)
    columns = chosen_columns(request, domain_columns())
    if wants_csv(request):
        batches = list_batches(request, found, sorts=_SORTS, default="domain")
        # A file has no place to say when its numbers were counted.
        return csv_export("domains", columns.chosen, (domain_rows(batch, live=True) for batch in batches))
    page = list_page(request, found, sorts=_SORTS, default="domain")
    rows = domain_rows(page.rows)
    context = {"page": page, "rows": rows, "filters": filters, "can_change": _can_change(request)}
    return render(request, "domains/list.html", context | {"columns": columns, "counted": oldest_count(rows)})


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


@form_methods
@actor_required
def domain_create(request: ActorRequest) -> HttpResponse:
    """Create a domain."""
    require(request.actor, Permission.DOMAIN_CREATE)
    form = DomainCreateForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with form.operation_errors():
            row = create_domain(request.actor, **form.cleaned_data)
            messages.success(request, _("Domain %s created.") % row.readable)
            return redirect("domain_detail", row.domain)
    return render(request, "domains/create.html", {"form": form})


@require_safe
@actor_required
def domain_create_check(request: ActorRequest) -> HttpResponse:
    """Say whether a domain can be made, while its name is typed."""
    require(request.actor, Permission.DOMAIN_CREATE)
    typed = typed_text(request, "domain")
    return availability(request, typed, lambda: free_domain_name(typed), form_url=reverse("domain_create"))


@require_safe
@actor_required
def domain_detail(request: ActorRequest, domain: str) -> HttpResponseBase:
    """Show a domain: what people look for in it is its mailboxes."""
    return mailbox_list(request, domain)


@form_methods
@actor_required
def domain_settings(request: ActorRequest, domain: str) -> HttpResponse:
    """Show a domain's limits and delivery; a superadmin changes them."""
    row = visible_domain(request.actor, domain)
    if request.method == "POST":
        require(request.actor, Permission.DOMAIN_UPDATE)
    form = DomainForm(posted(request), initial=model_to_dict(row, [*DomainForm.base_fields]))
    if request.method == "POST" and form.is_valid():
        with form.operation_errors():
            update_domain(request.actor, domain=row.domain, **form.changed_values())
            messages.success(request, _("Settings of %s saved.") % row.readable)
            return redirect("domain_settings", row.domain)
    head = domain_head(request, row, "domain_settings")
    if _can_change(request):
        return render(request, "domains/settings.html", head | {"form": form})
    return render(request, "domains/facts.html", head | {"facts": domain_facts(row), "who": who_can_change()})


@form_methods
@actor_required
def domain_rules(request: ActorRequest, domain: str) -> HttpResponse:
    """Show and change what the people of a domain may do by themselves."""
    row = visible_domain(request.actor, domain)
    rules = rules_of(row.domain)
    form = RulesForm(posted(request), initial=initial_rules(rules, row))
    if request.method == "POST" and form.is_valid():
        with form.operation_errors():
            set_domain_rules(request.actor, domain=row.domain, **form.changed_values())
            messages.success(request, _("Rules of %s saved.") % row.readable)
            return redirect("domain_rules", row.domain)
    return render(request, "domains/rules.html", domain_head(request, row, "domain_rules") | {"form": form})


@require_POST
@actor_required
def domain_toggle(request: ActorRequest, domain: str) -> HttpResponse:
    """Switch a domain on or off; htmx gets the domain's row of the list."""
    row = set_domain_active(request.actor, domain=domain, active=wanted_state(request))
    if row.active:
        text = _("%s is on: it takes mail, and its people can sign in.")
    else:
        text = _("%s is off: mail to it is refused, and nobody in it can sign in.")
    say_switched(request, text % row.readable, active=row.active, page=reverse("domain_detail", args=[row.domain]))
    if "HX-Request" in request.headers:
        context = {"rows": domain_rows([row]), "columns": chosen_columns(request, domain_columns()), "can_change": True}
        return render(request, "domains/_row.html", context)
    return redirect(next_url(request, reverse("domain_detail", args=[row.domain])))


@form_methods
@actor_required
def domain_delete(request: ActorRequest, domain: str) -> HttpResponse:
    """Say what goes with a domain and what stays, then delete it."""
    row = visible_domain(request.actor, domain)
    require(request.actor, Permission.DOMAIN_DELETE)
    preview = preview_domain_deletion(row)
    rows = preview.mailboxes.count + preview.aliases.count
    is_job = rows > AT_ONCE
    form = DomainDeleteForm(posted(request), domain=row, has_references=bool(preview.pointing), is_job=is_job)
    if request.method == "POST" and form.is_valid():
        with form.operation_errors():
            references = form.cleaned_data.get("clean_references", False)
            if is_job:
                values = {"domain": row.domain, "clean_references": references}
                arguments = {"values": values, "in_parts": form.cleaned_data["in_parts"]}
                kind = DeleteDomain.name
                job = queue_job(request.actor, kind=kind, domain=row.domain, arguments=arguments, total=rows)
                return redirect("job_detail", job.batch_id)
            delete_domain(request.actor, domain=row.domain, clean_references=references)
            messages.success(request, _("Domain %s deleted with all that was in it.") % row.readable)
            return redirect("domain_list")
    context = {
        "domain": row,
        "form": form,
        "title": _("Delete %s") % row.readable,
        "goes": what_goes(preview),
        "stays": what_stays(preview),
        "submit": _("Delete domain"),
        "cancel_url": reverse("domain_settings", args=[row.domain]),
        "switch_off_url": reverse("domain_toggle", args=[row.domain]) if row.active else "",
    }
    return render(request, "domains/delete.html", context)


@require_safe
@actor_required
def domain_log(request: ActorRequest, domain: str) -> HttpResponseBase:
    """Show what happened in a domain, newest first; or give it away as a file."""
    row = visible_domain(request.actor, domain)
    events = visible_events(request.actor).filter(domain=row.domain)
    if wants_csv(request):
        return log_export(request, events, f"log-{row.domain}", without_domain=True)
    context = log_page(request, events, without_domain=True)
    return render(request, "domains/log.html", domain_head(request, row, "domain_log") | context)
