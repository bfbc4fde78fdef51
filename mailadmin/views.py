"""Pages of the whole panel: the overview, health and errors."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mailadmin.core.http import ActorRequest, actor_required
from mailadmin.dashboards import admin_overview, superadmin_overview


@actor_required
@require_safe
def dashboard(request: ActorRequest) -> HttpResponse:
    """Show what needs somebody today, by role; a mailbox user's overview is the own account."""
    actor = request.actor
    if actor.is_user:
        return redirect("account")
    if actor.is_superadmin:
        return render(request, "dashboard_superadmin.html", superadmin_overview(actor))
    return render(request, "dashboard_admin.html", admin_overview(actor))


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
