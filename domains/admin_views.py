"""Who administers a domain. For superadmins."""

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from domains.columns import domain_admin_columns
from domains.forms import AdminNameForm
from domains.grants import grant_domain, revoke_domain
from domains.models import ALL_DOMAINS, Domain, DomainAdmin
from domains.workspace import domain_head, visible_domain
from mailadmin.accounts.models import Admin
from mailadmin.accounts.overview import admin_rows
from mailadmin.core.actor import Actor
from mailadmin.core.columns import chosen_columns
from mailadmin.core.csv_export import csv_export, wants_csv
from mailadmin.core.errors import NotFound
from mailadmin.core.http import ActorRequest, actor_required, form_methods, posted
from mailadmin.core.lists import list_batches, list_page
from mailadmin.core.permissions import Permission, require

SUGGESTED = 100
_SORTS = {"name": "username"}


@form_methods
@actor_required
def domain_admins(request: ActorRequest, domain: str) -> HttpResponseBase:
    """List the admins of a domain, on a page or in a file, and grant it to another one."""
    row = visible_domain(request.actor, domain)
    require(request.actor, Permission.ADMIN_MANAGE)
    granted = DomainAdmin.objects.filter(domain=row.domain, active=True).values("username")
    admins = Admin.objects.visible_to(request.actor).filter(username__in=granted)
    columns = chosen_columns(request, domain_admin_columns())
    if wants_csv(request):
        batches = list_batches(request, admins, sorts=_SORTS, default="name")
        return csv_export(f"admins-{row.domain}", columns.chosen, map(admin_rows, batches))
    form = AdminNameForm(posted(request))
    if request.method == "POST" and form.is_valid() and _grant(request, row, form):
        return redirect("domain_admins", row.domain)
    form.fields["username"].widget.words = _suggestions(request.actor, row)
    page = list_page(request, admins, sorts=_SORTS, default="name")
    context = {"page": page, "rows": admin_rows(page.rows), "columns": columns, "form": form}
    return render(request, "domains/admins.html", domain_head(request, row, "domain_admins") | context)


def _grant(request: ActorRequest, domain: Domain, form: AdminNameForm) -> bool:
    name = form.cleaned_data["username"]
    try:
        grant_domain(request.actor, username=name, domain=domain.domain)
    except NotFound:
        form.add_error("username", _("There is no admin of this name. Create the admin first."))
        return False
    messages.success(request, _("%(admin)s now administers %(domain)s.") % {"admin": name.lower(), "domain": domain})
    return True


def _suggestions(actor: Actor, domain: Domain) -> list[str]:
    """Return some admins who do not administer the domain yet; superadmins administer all."""
    grants = DomainAdmin.objects.filter(username=OuterRef("username"), active=True)
    known = grants.filter(domain__in=[domain.domain, ALL_DOMAINS])
    free = Admin.objects.visible_to(actor).filter(~Exists(known), superadmin=False)
    return list(free.order_by("username").values_list("username", flat=True)[:SUGGESTED])


@require_POST
@actor_required
def domain_admin_revoke(request: ActorRequest, domain: str) -> HttpResponse:
    """Take the domain away from an admin."""
    row = visible_domain(request.actor, domain)
    require(request.actor, Permission.ADMIN_MANAGE)
    form = AdminNameForm(request.POST)
    if not form.is_valid():
        raise NotFound()
    name = form.cleaned_data["username"]
    revoke_domain(request.actor, username=name, domain=row.domain)
    text = _("%(admin)s no longer administers %(domain)s.")
    messages.success(request, text % {"admin": name.lower(), "domain": row})
    return redirect("domain_admins", row.domain)
