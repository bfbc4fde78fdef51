"""The history on pages."""

from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from mailadmin.audit.columns import log_columns
from mailadmin.audit.entries import entries_of
from mailadmin.audit.forms import LogFilterForm
from mailadmin.audit.models import AuditEvent
from mailadmin.audit.services import visible_events
from mailadmin.core.actor import Actor
from mailadmin.core.csv_export import csv_export, wants_csv
from mailadmin.core.http import ActorRequest, actor_required
from mailadmin.core.lists import list_batches, list_page, list_url
from mailadmin.core.permissions import Permission, require
from mailadmin.core.search import key_text
from mailadmin.jobs.models import Job

CLI = Actor.cli().username
_INDEXED = ("who", "target", "domain", "action")


@actor_required
@require_safe
def log(request: ActorRequest) -> HttpResponseBase:
    """Show who did what, as far as the actor may know; or give it away as a file."""
    require(request.actor, Permission.LOG_VIEW)
    if wants_csv(request):
        return log_export(request, visible_events(request.actor), "log")
    return render(request, "audit/log.html", log_page(request, visible_events(request.actor)))


def log_page(request: ActorRequest, events: QuerySet[AuditEvent], *, without_domain: bool = False) -> dict[str, Any]:
    """Return what templates/audit/entries.html needs: one page of the events, newest first, filtered as the URL says.

    `without_domain` leaves out that filter, for a page of one domain.
    """
    form = LogFilterForm(request.GET, without_domain=without_domain)
    form.is_valid()
    filtered, column = _filtered(events, form.cleaned_data), _order(form.cleaned_data)
    within = without_domain or any(form.cleaned_data.get(name) for name in _INDEXED)
    # What an admin may read are the events of some domains and the admin's own.
    nearby = not within and request.actor.is_admin
    page = list_page(
        request, filtered, sorts={column: column}, default=column, descending=True, within=within, nearby=nearby
    )
    is_filtered = any(request.GET.get(form.add_prefix(name)) for name in form.fields)
    return {
        "filter_form": form,
        "filter_open": is_filtered,
        "batch": form.cleaned_data.get("batch", ""),
        "clear_url": request.path if is_filtered else "",
        "csv_url": list_url(request, format="csv", size=None),
        "page": page,
        "entries": entries_of(page.rows),
    }


def log_export(
    request: ActorRequest, events: QuerySet[AuditEvent], name: str, *, without_domain: bool = False
) -> StreamingHttpResponse:
    """Return the events that log_page shows on all its pages, as the file NAME."""
    form = LogFilterForm(request.GET, without_domain=without_domain)
    form.is_valid()
    filtered, column = _filtered(events, form.cleaned_data), _order(form.cleaned_data)
    batches = list_batches(request, filtered, sorts={column: column}, default=column, descending=True)
    return csv_export(name, log_columns(), map(entries_of, batches))


def _order(wanted: dict[str, Any]) -> str:
    # The newest event has the highest id; a span of time long ago is found by its own index.
    return "time" if wanted.get("since") or wanted.get("until") or wanted.get("batch") else "id"


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
    return _of_batch(events, batch) if (batch := wanted.get("batch")) else events


def _of_batch(events: QuerySet[AuditEvent], batch: str) -> QuerySet[AuditEvent]:
    """Return the events of a job; the time it took finds them by an index."""
    job = Job.objects.filter(batch_id=batch).first()
    if job is None:
        return events.none()
    return events.filter(batch_id=batch, time__gte=job.created, time__lte=job.finished or timezone.now())


def _spellings(key: str) -> list[str]:
    # The command line signs in capitals; everybody else's name is lower case.
    return [key, CLI] if key == CLI.lower() else [key]
