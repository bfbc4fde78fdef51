"""Admins: list, page, and every change. For superadmins."""

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from domains.models import ALL_DOMAINS, DomainAdmin
from mailadmin.accounts.columns import admin_columns
from mailadmin.accounts.forms import AdminForm, DeleteAdminForm, NewAdminForm, PasswordForm
from mailadmin.accounts.models import Account, Admin
from mailadmin.accounts.overview import admin_rows
from mailadmin.accounts.services import (
    ask_admin_for_new_password,
    create_admin,
    delete_admin,
    granted_names,
    is_superadmin,
    set_admin_active,
    set_admin_password,
    update_admin,
)
from mailadmin.accounts.views.session import form_methods
from mailadmin.audit.entries import Entry, entries_of
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import readable_domain
from mailadmin.core.columns import chosen_columns
from mailadmin.core.csv_export import csv_export, wants_csv
from mailadmin.core.errors import Invalid, NotFound
from mailadmin.core.http import ActorRequest, actor_required, next_url, posted, whole_url
from mailadmin.core.lists import list_batches, list_filters, list_page
from mailadmin.core.passwords import STRONG, PasswordPolicy, weakness_of
from mailadmin.core.permissions import Permission, require
from mailadmin.core.prepared import prepared
from mailadmin.core.search import contains, search_text
from mailadmin.core.undo import say_switched
from mailboxes.setup_links import create_admin_setup_link, pending_link

SHOWN_DOMAINS = 100
SHOWN_EVENTS = 10
_SORTS = {"name": "username"}
_LOOKED_FOR = ("weak-password", "never-used")
"""Chips that no index answers."""
_ABOUT_ADMINS = [
    "edit_password",
    "ask_password",
    "report_intrusion",
    "edit_preferences",
    "create_setup_link",
    "recovery_sent",
    "recovery_refused",
]


@actor_required
def admin_list(request: ActorRequest) -> HttpResponseBase:
    """List the admins, on a page or in a file."""
    require(request.actor, Permission.ADMIN_MANAGE)
    shown = {
        "superadmins": _("Superadmins"),
        "off": _("Off"),
        "weak-password": _("Password weakly stored"),
        "never-used": _("Never used"),
    }
    filters = list_filters(request, "show", shown)
    visible = Admin.objects.visible_to(request.actor)
    admins = _filtered(visible, filters.q, filters.chosen)
    columns = chosen_columns(request, admin_columns())
    if wants_csv(request):
        batches = list_batches(request, admins, sorts=_SORTS, default="name")
        return csv_export("admins", columns.chosen, map(admin_rows, batches))
    among = visible if filters.chosen in _LOOKED_FOR else None
    page = list_page(request, admins, sorts=_SORTS, default="name", among=among)
    context = {"page": page, "rows": admin_rows(page.rows), "columns": columns, "filters": filters}
    return render(request, "accounts/admin_list.html", context)


def _filtered(admins: QuerySet[Admin], q: str, show: str) -> QuerySet[Admin]:
    if q:
        admins = admins.filter(contains(q, keys=["username"]))
    if show == "superadmins":
        marked = DomainAdmin.objects.filter(username=OuterRef("username"), domain=ALL_DOMAINS)
        admins = admins.filter(Q(superadmin=True) | Exists(marked))
    if show == "weak-password":
        return admins.exclude(password__regex=STRONG)
    if show == "never-used":
        login = Concat(Value("admin:"), OuterRef("username"))
        return admins.exclude(Exists(Account.objects.filter(login=login, last_login__isnull=False)))
    return admins.filter(active=False) if show == "off" else admins


@actor_required
@sensitive_post_parameters("password")
@form_methods
def admin_create(request: ActorRequest) -> HttpResponse:
    """Create an admin."""
    require(request.actor, Permission.ADMIN_MANAGE)
    policy = PasswordPolicy.of_installation().for_new_account()
    form = NewAdminForm(posted(request), initial={"domains": request.GET.getlist("domain")[:1]}, policy=policy)
    if request.method == "POST" and form.is_valid():
        with form.operation_errors():
            admin = create_admin(request.actor, **form.cleaned_data)
            messages.success(request, _("Admin %s created.") % admin.username)
            return redirect("admin_detail", admin.username)
    return render(request, "accounts/admin_create.html", {"form": form})


@actor_required
def admin_detail(request: ActorRequest, username: str) -> HttpResponse:
    """Show an admin: kind, domains, history."""
    admin = _managed(request, username)
    names = granted_names(admin.username)
    context = {
        "admin": admin,
        "is_superadmin": is_superadmin(admin.username),
        "account": Account.objects.filter(login=f"admin:{admin.username}").first(),
        "weakness": weakness_of(admin.password),
        "domains": names[:SHOWN_DOMAINS],
        "more_domains": max(len(names) - SHOWN_DOMAINS, 0),
        "link": pending_link(admin),
        "entries": _history(admin.username),
    }
    return render(request, "accounts/admin_detail.html", context)


def _history(username: str) -> list[Entry]:
    """Return the last changes of the admin; those of a mailbox of the same name have another domain or action."""
    about_admin = Q(action__endswith="_admin") | Q(action__in=_ABOUT_ADMINS, domain="")
    return entries_of(AuditEvent.objects.filter(about_admin, target=username).order_by("-id")[:SHOWN_EVENTS])


@actor_required
@form_methods
def admin_edit(request: ActorRequest, username: str) -> HttpResponse:
    """Change what an admin may do."""
    admin = _managed(request, username)
    superadmin = is_superadmin(admin.username)
    initial = {"superadmin": superadmin, "domains": granted_names(admin.username)}
    form = AdminForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        with form.operation_errors():
            update_admin(request.actor, username=admin.username, **form.cleaned_data)
            messages.success(request, _("%s saved.") % admin.username)
            return redirect("admin_detail", admin.username)
    return render(request, "accounts/admin_edit.html", {"form": form, "admin": admin})


@actor_required
@sensitive_post_parameters("password")
@form_methods
def admin_password(request: ActorRequest, username: str) -> HttpResponse:
    """Give an admin a new password."""
    admin = _managed(request, username)
    if admin.username == request.actor.username:
        return redirect("account_password")
    form = PasswordForm(posted(request), person=admin.username)
    if request.method == "POST" and form.is_valid():
        with form.operation_errors():
            set_admin_password(request.actor, username=admin.username, password=form.cleaned_data["password"])
            messages.success(request, _("%s has a new password and must sign in again.") % admin.username)
            return redirect("admin_detail", admin.username)
    return render(request, "accounts/admin_password.html", {"form": form, "admin": admin})


@actor_required
@require_POST
def admin_setup_link(request: ActorRequest, username: str) -> HttpResponse:
    """Make a link by which an admin chooses a password, and show it in this one answer."""
    admin = _managed(request, username)
    token, link = create_admin_setup_link(request.actor, username=admin.username)
    url = whole_url(request, reverse("set_up", args=[token]))
    return render(request, "accounts/admin_link.html", {"admin": admin, "link_url": url, "expires": link.expires})


@actor_required
@require_POST
def admin_ask(request: ActorRequest, username: str) -> HttpResponse:
    """Ask an admin for a new password at the next sign-in, or right away."""
    admin = _managed(request, username)
    ask_admin_for_new_password(request.actor, username=admin.username)
    messages.success(request, _("%s must choose a new password at the next sign-in here.") % admin.username)
    return redirect("admin_detail", admin.username)


@actor_required
@require_POST
def admin_toggle(request: ActorRequest, username: str) -> HttpResponse:
    """Switch an admin's sign-in on or off (`active`: 1 or 0)."""
    admin = _managed(request, username)
    wanted = request.POST.get("active")
    if wanted not in ("0", "1"):
        return render(request, "400.html", status=400)
    page = reverse("admin_detail", args=[admin.username])
    try:
        set_admin_active(request.actor, username=admin.username, active=wanted == "1")
    except Invalid as error:
        messages.error(request, error.message)
    else:
        text = _("%s can sign in again.") if wanted == "1" else _("%s can no longer sign in.")
        say_switched(request, text % admin.username, active=wanted == "1", page=page)
    return redirect(next_url(request, page))


@actor_required
@form_methods
def admin_delete(request: ActorRequest, username: str) -> HttpResponse:
    """Delete an admin, after showing what goes with it."""
    admin = _managed(request, username)
    form = DeleteAdminForm(posted(request), username=admin.username)
    if request.method == "POST" and form.is_valid():
        with form.operation_errors():
            delete_admin(request.actor, username=admin.username)
            messages.success(request, _("Admin %s deleted.") % admin.username)
            return redirect("admin_list")
    return render(request, "accounts/admin_delete.html", _deletion(admin) | {"form": form})


def _deletion(admin: Admin) -> dict[str, Any]:
    names = granted_names(admin.username)
    goes = [_("The admin %s with password and settings. Open sessions end.") % admin.username]
    if names:
        shown = ", ".join(readable_domain(name) for name in names[:3]) + (" …" if len(names) > 3 else "")
        text = ngettext(
            "Its right to manage %(n)d domain: %(names)s", "Its right to manage %(n)d domains: %(names)s", len(names)
        )
        goes.append(text % {"n": len(names), "names": shown})
    return {
        "admin": admin,
        "goes": goes,
        "stays": [_("The domains, their mailboxes and aliases."), _("The history of what this admin did.")],
        "title": _("Delete %s") % admin.username,
        "cancel_url": reverse("admin_detail", args=[admin.username]),
        "switch_off_url": reverse("admin_toggle", args=[admin.username]) if admin.active else "",
    }


@prepared
def _managed_by(actor: Actor, username: str) -> QuerySet[Admin]:
    return Admin.objects.managed_by(actor).filter(username=username)


def _managed(request: ActorRequest, username: str) -> Admin:
    require(request.actor, Permission.ADMIN_MANAGE)
    name = search_text(username).lower()
    admin = _managed_by.first(request.actor, name) if name.isascii() else None
    if admin is None:
        raise NotFound(name)
    return admin
