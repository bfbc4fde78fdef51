"""Pages of the whole panel: the overview, health and errors."""

import datetime as dt
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from domains.models import Domain
from domains.workspace import domain_uses
from mailadmin.accounts.models import Admin
from mailadmin.audit.actions import SIGN_INS
from mailadmin.audit.entries import entries_of
from mailadmin.audit.models import AuditEvent
from mailadmin.audit.services import visible_events
from mailadmin.core.actor import Actor
from mailadmin.core.http import ActorRequest, actor_required
from mailboxes.models import Mailbox

MOST = 10_000
"""Beyond this many rows a number is "10,000+": counting a million of them is not worth the wait."""

SHOWN_CHANGES = 8
SHOWN_DOMAINS = 20
SHOWN_FAILURES = 5


@actor_required
@require_safe
def dashboard(request: ActorRequest) -> HttpResponse:
    """Show what happened and what needs a look, by role; a mailbox user's overview is the own account."""
    actor = request.actor
    if actor.is_user:
        return redirect("account")
    if actor.is_superadmin:
        return render(request, "dashboard_superadmin.html", _changes(actor) | _whole_panel())
    return render(request, "dashboard_admin.html", _changes(actor) | _own_domains(actor))


def _changes(actor: Actor) -> dict[str, Any]:
    events = visible_events(actor).exclude(action__in=SIGN_INS).order_by("-id")
    return {"entries": entries_of(events[:SHOWN_CHANGES])}


def _whole_panel() -> dict[str, Any]:
    domains = Domain.objects.real()
    since = timezone.now() - dt.timedelta(days=1)
    failures = AuditEvent.objects.filter(action="sign_in_failed", time__gte=since)
    return {
        "domains": _bounded(domains),
        "domains_off": _bounded(domains.filter(active=False)),
        "mailboxes": _bounded(Mailbox.objects.all()),
        "admins": _bounded(Admin.objects.all()),
        "failures": failures.order_by("-id")[:SHOWN_FAILURES],
        "failed": _bounded(failures),
    }


class Bounded(int):
    """A number of rows, which reads "10,000+" beyond that; an int, so that words can agree with it."""

    @property
    def shown(self) -> str:
        shown = number_format(min(self, MOST), force_grouping=True)
        return f"{shown}+" if self > MOST else shown


def _bounded(rows: QuerySet[Any, Any]) -> Bounded:
    return Bounded(rows.order_by().values("pk")[: MOST + 1].count())


def _own_domains(actor: Actor) -> dict[str, Any]:
    found = list(Domain.objects.visible_to(actor).order_by("domain")[: SHOWN_DOMAINS + 1])
    shown = found[:SHOWN_DOMAINS]
    uses = domain_uses(domain.domain for domain in shown)
    return {
        "domains": [{"domain": domain, "use": uses[domain.domain]} for domain in shown],
        "more_domains": len(found) > SHOWN_DOMAINS,
    }


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without its token: the page was open for too long, or cookies are off."""
    return render(request, "403.html", {"csrf": True}, status=403)
