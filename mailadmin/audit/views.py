"""The history on pages."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mailadmin.audit.entries import entries_of
from mailadmin.audit.forms import LogFilterForm
from mailadmin.audit.models import AuditEvent
from mailadmin.audit.services import visible_events
from mailadmin.core.actor import Actor
from mailadmin.core.http import ActorRequest, actor_required
from mailadmin.core.lists import list_page
from mailadmin.core.permissions import Permission, require
from mailadmin.core.search import key_text

CLI = Actor.cli().username


@actor_required
@require_safe
def log(request: ActorRequest) -> HttpResponse:
    """Show who did what, as far as the actor may know."""
    require(request.actor, Permission.LOG_VIEW)
    return render(request, "audit/log.html", log_page(request, visible_events(request.actor)))


def log_page(request: ActorRequest, events: QuerySet[AuditEvent], *, without_domain: bool = False) -> dict[str, Any]:
    """Return what templates/audit/entries.html needs: one page of the events, newest first, filtered as the URL says.

    `without_domain` leaves out that filter, for a page of one domain.
    """
    form = LogFilterForm(request.GET, without_domain=without_domain)
    form.is_valid()
    filtered = _filtered(events, form.cleaned_data)
    # The newest event has the highest id; a span of time long ago is found by its own index.
    column = "time" if {"since", "until"} & {name for name, value in form.cleaned_data.items() if value} else "id"
    page = list_page(request, filtered, sorts={column: column}, default=column, descending=True)
    is_filtered = any(request.GET.get(form.add_prefix(name)) for name in form.fields)
    return {
        "filter_form": form,
        "filter_open": is_filtered,
        "clear_url": request.path if is_filtered else "",
        "page": page,
        "entries": entries_of(page.rows),
    }


def _filtered(events: QuerySet[AuditEvent], wanted: dict[str, Any]) -> QuerySet[AuditEvent]:
    """Return the events that fit; a filter with a mistake is not among `wanted`."""
    for name, column in (("who", "actor"), ("target", "target"), ("domain", "domain")):
        if text := wanted.get(name):
            # What no key can be has no events; an empty key would find those of nobody.
            key = key_text(text)
            events = events.filter(**{f"{column}__in": _spellings(key)}) if key else events.none()
    if action := wanted.get("action"):
        events = events.filter(action=action)
    if since := wanted.get("since"):
        events = events.filter(time__gte=since)
    if until := wanted.get("until"):
        events = events.filter(time__lte=until)
    return events


def _spellings(key: str) -> list[str]:
    # The command line signs in capitals; everybody else's name is lower case.
    return [key, CLI] if key == CLI.lower() else [key]
