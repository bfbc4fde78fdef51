"""Changing many rows at once, and the jobs that this becomes when there are very many."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from domains.bulk import DeleteDomain
from domains.models import Domain
from domains.workspace import visible_domain
from mailadmin.core.actor import Actor
from mailadmin.core.errors import Invalid, MailadminError, NotFound
from mailadmin.core.forms import PlainForm
from mailadmin.core.http import ActorRequest, actor_required, form_methods, posted
from mailadmin.core.lists import list_page
from mailadmin.core.search import search_text
from mailadmin.jobs.bulk import SHOWN, BulkChange, Selection, change_now, chosen_keys, digest
from mailadmin.jobs.forms import VALUE_FORMS, CountForm
from mailadmin.jobs.kinds import CHANGES, KINDS
from mailadmin.jobs.models import Job
from mailadmin.jobs.services import cancel_job, find_job, queue_job
from mailadmin.jobs.work import PART, grouped

AT_ONCE = 200
"""So many rows change within the request; more become a job."""
_NOUNS = {"mailboxes": "mailbox_list", "aliases": "alias_list"}


@actor_required
@form_methods
def mailbox_bulk(request: ActorRequest, domain: str) -> HttpResponse:
    """Change the mailboxes that were chosen in the list of a domain."""
    return _bulk(request, visible_domain(request.actor, domain), "mailboxes")


@actor_required
@form_methods
def alias_bulk(request: ActorRequest, domain: str) -> HttpResponse:
    """Change the aliases that were chosen in the list of a domain."""
    return _bulk(request, visible_domain(request.actor, domain), "aliases")


@dataclass(slots=True)
class _Bulk:
    """One change on its way from the list to the confirmation."""

    change: BulkChange
    domain: Domain
    noun: str
    selection: Selection

    @property
    def list_url(self) -> str:
        return reverse(_NOUNS[self.noun], args=[self.domain.domain])

    @property
    def url(self) -> str:
        return reverse("mailbox_bulk" if self.noun == "mailboxes" else "alias_bulk", args=[self.domain.domain])


def _bulk(request: ActorRequest, domain: Domain, noun: str) -> HttpResponse:
    change = CHANGES.get(request.POST.get("change", ""))
    if change is None or not change.name.startswith(noun):
        return redirect(_NOUNS[noun], domain.domain)
    bulk = _Bulk(change, domain, noun, _selection(request.POST, domain))
    confirmed = "confirm" in request.POST
    try:
        keys = chosen_keys(change, request.actor, bulk.selection, request.POST.get("seen", "") if confirmed else "")
    except Invalid as error:
        messages.error(request, error.message)
        return redirect(bulk.list_url)
    form = _value_form(request, change)
    if form is not None and not form.is_valid():
        return _page(request, bulk, keys, form=form)
    values = form.cleaned_data if form is not None else {}
    counted = CountForm(posted(request) if confirmed else None, count=len(keys)) if change.danger else None
    if confirmed and (counted is None or counted.is_valid()):
        try:
            return _do(request, bulk, keys, values)
        except MailadminError as error:
            if isinstance(error, NotFound):
                raise
            messages.error(request, error.message)
    return _page(request, bulk, keys, form=form, values=values, counted=counted)


def _selection(data: QueryDict, domain: Domain) -> Selection:
    if data.get("everything"):
        state = data.get("state", "")[:20]
        return Selection(domain.domain, everything=True, q=search_text(data.get("q", "")), state=state)
    keys = [key for key in data.getlist("key") if len(key) <= 255 and key.isprintable()]
    return Selection(domain.domain, keys=tuple(keys[:AT_ONCE]))


def _value_form(request: ActorRequest, change: BulkChange) -> PlainForm | None:
    """Return the form of what the change asks for: unbound as long as nothing was typed."""
    kind = VALUE_FORMS.get(change.name)
    if kind is None:
        return None
    return kind(request.POST if "look" in request.POST or "confirm" in request.POST else None)


def _page(
    request: ActorRequest,
    bulk: _Bulk,
    keys: list[str],
    *,
    form: PlainForm | None,
    values: Mapping[str, Any] | None = None,
    counted: CountForm | None = None,
) -> HttpResponse:
    """Ask for the value, or show what would happen."""
    context: dict[str, Any] = {
        "bulk": bulk,
        "form": form,
        "counted": counted,
        "total": len(keys),
        "shown": keys[:SHOWN],
    }
    if values is None:
        text = ngettext("Change %s chosen", "Change %s chosen", len(keys))
        context |= {"title": text % grouped(len(keys))}
        return render(request, "jobs/bulk.html", context)
    looked = keys[: bulk.change.preview_limit]
    checked = bulk.change.check(request.actor, looked, values, lambda _done: None)
    context |= {
        "title": bulk.change.title(len(keys), values),
        "checked": checked,
        "changing": checked.change[:SHOWN],
        "changing_more": max(len(checked.change) - SHOWN, 0),
        "refused": list(checked.refused.items())[:SHOWN],
        "refused_more": max(len(checked.refused) - SHOWN, 0),
        "is_partial": len(looked) < len(keys),
        "is_job": len(keys) > AT_ONCE,
        "part": PART if len(keys) > PART else 0,
        "seen": digest(keys),
        "possible": bool(checked.change),
    }
    return render(request, "jobs/bulk.html", context)


def _do(request: ActorRequest, bulk: _Bulk, keys: list[str], values: Mapping[str, Any]) -> HttpResponse:
    seen, leave_out = request.POST.get("seen", ""), request.POST.get("leave_out") == "1"
    if not seen:
        raise Invalid.of("", _("Look at what will change first."))
    if len(keys) > AT_ONCE:
        arguments = {
            "selection": bulk.selection.as_arguments(),
            "values": dict(values),
            "seen": seen,
            "leave_out": leave_out,
            "in_parts": request.POST.get("in_parts") == "1",
        }
        domain = bulk.domain.domain
        job = queue_job(request.actor, kind=bulk.change.name, domain=domain, arguments=arguments, total=len(keys))
        return redirect("job_detail", job.batch_id)
    result = change_now(
        bulk.change,
        request.actor,
        bulk.selection,
        values,
        seen=seen,
        leave_out=leave_out,
        batch_id=uuid.uuid4().hex,
    )
    messages.success(request, result_words(result))
    return redirect(bulk.list_url)


def result_words(result: Mapping[str, Any]) -> str:
    """Return what a change of many did."""
    changed, same, refused = result["changed"], result["same"], result["refused"]
    parts = [ngettext("%s changed.", "%s changed.", changed) % grouped(changed)]
    if same:
        parts.append(ngettext("%s was so already.", "%s were so already.", same) % grouped(same))
    if refused:
        parts.append(ngettext("%s was left out.", "%s were left out.", refused) % grouped(refused))
    return " ".join(parts)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as pages show it; `percent` is of the present step."""

    job: Job
    title: str
    tone: str
    words: str
    percent: int
    refused: list[tuple[str, str]]
    refused_more: int


def _result_words(job: Job, result: Mapping[str, Any]) -> str:
    if job.kind != DeleteDomain.name:
        return result_words(result)
    changed = result["changed"]
    text = ngettext("Deleted, with %s mailbox or alias.", "Deleted, with %s mailboxes and aliases.", changed)
    return text % grouped(changed)


_TONES = {"done": "good", "failed": "danger", "cancelled": "attention", "queued": "neutral"}


def job_row(job: Job) -> JobRow:
    """Return what pages tell of a job."""
    kind = KINDS.get(job.kind)
    title = kind.title(job.total, job.arguments["values"]) if kind else job.kind
    result = job.result or {}
    told = list(result.get("told", {}).items())[:SHOWN]
    words = job.message or (_result_words(job, result) if result else "")
    percent = min(100 * job.done // job.total, 100) if job.total else 0
    tone = _TONES.get(job.state, "info")
    return JobRow(job, title, tone, words, percent, told, max(result.get("refused", 0) - len(told), 0))


def _admin(actor: Actor) -> None:
    if not (actor.is_superadmin or actor.is_admin):
        raise NotFound


@actor_required
@require_safe
def job_list(request: ActorRequest) -> HttpResponse:
    """List the jobs that the actor may see, newest first."""
    _admin(request.actor)
    jobs = Job.objects.visible_to(request.actor)
    page = list_page(request, jobs, sorts={"id": "id"}, default="id", descending=True)
    return render(request, "jobs/list.html", {"page": page, "rows": [job_row(job) for job in page.rows]})


@actor_required
@require_safe
def job_detail(request: ActorRequest, job: str) -> HttpResponse:
    """Show how far a job is."""
    row = find_job(request.actor, job)
    # The domain may be gone, or no longer the actor's.
    domain = Domain.objects.visible_to(request.actor).filter(domain=row.domain).first()
    context = {"row": job_row(row), "domain": domain, "list": row.kind.partition("_")[0], "part": PART}
    return render(request, "jobs/detail.html", context)


@actor_required
@require_POST
def job_cancel(request: ActorRequest, job: str) -> HttpResponse:
    """Cancel a job."""
    row = cancel_job(request.actor, batch_id=job)
    if row.state == "cancelled":
        messages.success(request, row.message)
    elif row.has_ended:
        messages.info(request, _("The job had ended already."))
    else:
        messages.info(request, _("The job is being cancelled."))
    return redirect("job_detail", row.batch_id)
