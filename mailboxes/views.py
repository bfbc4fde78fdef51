"""Screens of mailboxes for superadmins and domain admins."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from aliases.forms import DeleteForm, without_domain
from domains.models import Domain, named_domain
from domains.use import domain_uses
from domains.workspace import domain_head, visible_domain
from mailadmin.accounts.passwords import domain_policy
from mailadmin.audit.entries import entries_of
from mailadmin.audit.services import visible_events
from mailadmin.core.actor import Actor
from mailadmin.core.bounded import Bounded
from mailadmin.core.columns import chosen_columns
from mailadmin.core.csv_export import csv_export, wants_csv
from mailadmin.core.errors import NotFound
from mailadmin.core.forms import PlainForm
from mailadmin.core.http import ActorRequest, actor_required, form_methods, next_url, posted, wanted_state, whole_url
from mailadmin.core.limits import limit_left
from mailadmin.core.lists import list_batches, list_filters, list_page, matching
from mailadmin.core.live import availability, typed_text
from mailadmin.core.permissions import Permission, require
from mailadmin.core.undo import say_switched
from mailadmin.mailprograms.guide import guide
from mailboxes.app_passwords import app_passwords_of, has_app_passwords_only
from mailboxes.columns import mailbox_columns, rows_for
from mailboxes.creation import free_mailbox_address
from mailboxes.deletion import preview_mailbox_deletion
from mailboxes.filters import LOOKED_FOR, filtered_mailboxes
from mailboxes.forms import MailboxCreateForm, MailboxForm, NewPasswordForm
from mailboxes.limit import mailboxes_full
from mailboxes.mail_sign_ins import mail_sign_ins
from mailboxes.models import Mailbox, mailbox_managed_by
from mailboxes.overview import mailbox_overview, what_goes, what_stays
from mailboxes.password_requests import ask_for_new_passwords
from mailboxes.passwords import set_mailbox_password
from mailboxes.services import create_mailbox, delete_mailbox, set_mailbox_active, update_mailbox
from mailboxes.setup_links import create_setup_link, pending_link

SHOWN_EVENTS = 10
SHOWN_MAIL_SIGN_INS = 3
_SORTS = {"address": "username", "name": "name", "quota": "quota"}


def managed_mailbox(actor: Actor, address: str) -> Mailbox:
    """Return the mailbox if the actor administers it; raises NotFound, to its own user too, who has other pages."""
    mailbox = None if actor.is_user else mailbox_managed_by.first(actor, address)
    if mailbox is None:
        raise NotFound(address)
    return mailbox


@actor_required
@require_safe
def mailbox_list(request: ActorRequest, domain: str) -> HttpResponseBase:
    """List the mailboxes of a domain, on a page or in a file."""
    row = visible_domain(request.actor, domain)
    states = {
        "active": _("Active"),
        "off": _("Off"),
        "cannot-send": _("Cannot send"),
        "nearly-full": _("Nearly full"),
        "weak-password": _("Password weakly stored"),
        "never-used": _("Never used"),
    }
    if row.password_days:
        states["password-ended"] = _("Password too old")
    filters = list_filters(request, "state", states)
    visible = Mailbox.objects.visible_to(request.actor).filter(domain=row.domain)
    found = filtered_mailboxes(visible, q=filters.q, state=filters.chosen)
    columns = chosen_columns(request, mailbox_columns())
    rows_of = rows_for(request.actor, columns)
    if wants_csv(request):
        batches = list_batches(request, found, sorts=_SORTS, default="address")
        return csv_export(f"mailboxes-{row.domain}", columns.chosen, map(rows_of, batches))
    among = visible if filters.q or filters.chosen in LOOKED_FOR else None
    # Names and addresses, all that a search word is looked for in, are together in the index of the order by name.
    covered = filtered_mailboxes(visible, q=filters.q, state="") if filters.q else None
    page = list_page(request, found, sorts=_SORTS, default="address", within=True, among=among, covered=covered)
    head = domain_head(request, row, "mailbox_list")
    used = head["use"].mailboxes
    left = limit_left(row.mailbox_limit, used)
    full = "" if row.mailbox_limit.allows(used + 1) else mailboxes_full(request.actor, row)
    total = matching(page, found) if filters.clear_url else Bounded(head["use"].mailboxes)
    context = head | {"page": page, "rows": rows_of(page.rows), "filters": filters, "left": left, "columns": columns}
    context |= {"total": total, "full": full}
    return render(request, "mailboxes/list.html", context)


@actor_required
@sensitive_post_parameters("password", "repeat")
@form_methods
def mailbox_create(request: ActorRequest, domain: str) -> HttpResponse:
    """Create a mailbox, then show what to hand over; a password made here only in this one answer."""
    row = visible_domain(request.actor, domain)
    form = MailboxCreateForm(posted(request), domain=row)
    if form.is_valid():
        with form.operation_errors():
            password = form.new_password()
            mailbox = _create(request.actor, row, form, password)
            if form.wants_link:
                return _handover_link(request, mailbox, _("Mailbox created"))
            if form.is_generated:
                return _handover(request, mailbox, _("Mailbox created"), password=password)
            messages.success(request, _("%s can now receive mail.") % mailbox)
            return redirect("mailbox_handover", mailbox.username)
    used = domain_uses([row.domain])[row.domain].mailboxes
    full = "" if row.mailbox_limit.allows(used + 1) else mailboxes_full(request.actor, row)
    context = {"domain": row, "form": form, "used": used, "left": limit_left(row.mailbox_limit, used), "full": full}
    return render(request, "mailboxes/create.html", context)


@actor_required
@require_safe
def mailbox_check(request: ActorRequest, domain: str) -> HttpResponse:
    """Say whether a mailbox can be made, while its address is typed."""
    row = visible_domain(request.actor, domain)
    require(request.actor, Permission.MAILBOX_CREATE)
    typed = without_domain(typed_text(request, "local_part"), row)
    form_url = reverse("mailbox_create", args=[row.domain])
    return availability(request, typed, lambda: free_mailbox_address(typed, row.domain), form_url=form_url)


def _create(actor: Actor, domain: Domain, form: MailboxCreateForm, password: str) -> Mailbox:
    values = form.cleaned_data
    return create_mailbox(
        actor,
        local_part=values["local_part"],
        domain=domain.domain,
        password=password,
        name=values["name"],
        quota=values["quota"],
        active=values["active"],
        smtp_active=values["smtp_active"],
        email_other=values["email_other"],
    )


def _handover_link(request: ActorRequest, mailbox: Mailbox, title: str) -> HttpResponse:
    token, link = create_setup_link(request.actor, username=mailbox.username)
    url = whole_url(request, reverse("set_up", args=[token]))
    return _handover(request, mailbox, title, link_url=url, expires=link.expires)


def _handover(request: ActorRequest, mailbox: Mailbox, title: str, **secrets: Any) -> HttpResponse:
    """secrets: `password`, or `link_url` and when it `expires`; they are shown in this one answer."""
    context = secrets | {
        "mailbox": mailbox,
        "title": title,
        "programs": guide(request, mailbox.username),
        "webmail_url": getattr(settings, "MAILADMIN_WEBMAIL_URL", ""),
    }
    return render(request, "mailboxes/handover.html", context)


@actor_required
@require_safe
def mailbox_handover(request: ActorRequest, address: str) -> HttpResponse:
    """Show what the owner of a mailbox needs to set up a mail program; no password, which nobody knows by now."""
    return _handover(request, managed_mailbox(request.actor, address), _("Set up a mail program"))


@actor_required
@require_POST
def mailbox_setup_link(request: ActorRequest, address: str) -> HttpResponse:
    """Make a link by which the owner chooses a password, and show it in this one answer."""
    mailbox = managed_mailbox(request.actor, address)
    return _handover_link(request, mailbox, _("Set-up link"))


@actor_required
@require_POST
def mailbox_ask(request: ActorRequest, address: str) -> HttpResponse:
    """Ask the owner of a mailbox for a new password when they next use the panel."""
    mailbox = managed_mailbox(request.actor, address)
    ask_for_new_passwords(request.actor, domain=mailbox.domain, usernames=[mailbox.username])
    messages.success(request, _("%s must choose a new password at the next sign-in here.") % mailbox)
    return redirect("mailbox_detail", mailbox.username)


@actor_required
@require_safe
def mailbox_detail(request: ActorRequest, address: str) -> HttpResponse:
    """Show all about one mailbox."""
    mailbox = managed_mailbox(request.actor, address)
    app_passwords = app_passwords_of(mailbox)
    context = {
        "mailbox": mailbox,
        "overview": mailbox_overview(request.actor, mailbox),
        "link": pending_link(mailbox),
        "app_passwords": len(app_passwords),
        "app_passwords_only": has_app_passwords_only(mailbox),
        "mail_sign_ins": mail_sign_ins(mailbox, app_passwords, SHOWN_MAIL_SIGN_INS),
        "entries": entries_of(
            visible_events(request.actor).filter(target=mailbox.username).order_by("-id")[:SHOWN_EVENTS]
        ),
    }
    return render(request, "mailboxes/detail.html", context)


@actor_required
@form_methods
def mailbox_edit(request: ActorRequest, address: str) -> HttpResponse:
    """Change name, quota, recovery address and whether it may send; a missing alias row is written again."""
    mailbox = managed_mailbox(request.actor, address)
    form = MailboxForm(
        posted(request),
        initial={name: getattr(mailbox, name) for name in ("name", "quota", "smtp_active", "email_other")},
        domain=named_domain.first(mailbox.domain) or Domain(domain=mailbox.domain),
        present=mailbox.quota,
    )
    if form.is_valid():
        with form.operation_errors():
            update_mailbox(request.actor, username=mailbox.username, **form.changed_values())
            messages.success(request, _("%s is saved.") % mailbox)
            return redirect("mailbox_detail", mailbox.username)
    return _form_page(request, mailbox, form, title=_("Edit mailbox"), submit=_("Save mailbox"))


@actor_required
@sensitive_post_parameters("password", "repeat")
@form_methods
def mailbox_password(request: ActorRequest, address: str) -> HttpResponse:
    """Set a new password; one made here is shown in this one answer and kept nowhere."""
    mailbox = managed_mailbox(request.actor, address)
    form = NewPasswordForm(posted(request), person=mailbox.username, policy=domain_policy(mailbox.domain))
    if form.is_valid():
        with form.operation_errors():
            password = form.new_password()
            set_mailbox_password(request.actor, username=mailbox.username, password=password)
            if form.is_generated:
                return _handover(request, mailbox, _("Password changed"), password=password)
            messages.success(request, _("%s has a new password. Mail programs need it now.") % mailbox)
            return redirect("mailbox_detail", mailbox.username)
    return _form_page(request, mailbox, form, title=_("Set password"), submit=_("Set password"))


def _form_page(request: ActorRequest, mailbox: Mailbox, form: PlainForm, *, title: str, submit: str) -> HttpResponse:
    context = {
        "mailbox": mailbox,
        "form": form,
        "title": title,
        "submit": submit,
        "cancel_url": reverse("mailbox_detail", args=[mailbox.username]),
    }
    return render(request, "mailboxes/form.html", context)


@actor_required
@require_POST
def mailbox_toggle(request: ActorRequest, address: str) -> HttpResponse:
    """Switch a mailbox on or off; htmx gets the mailbox's row of the list."""
    mailbox = managed_mailbox(request.actor, address)
    row = set_mailbox_active(request.actor, username=mailbox.username, active=wanted_state(request))
    if row.active:
        text = _("%s is on: it receives mail, and its owner can sign in.")
    else:
        text = _("%s is off: mail to it is refused, and its owner cannot sign in.")
    say_switched(request, text % row, active=row.active, page=reverse("mailbox_detail", args=[row.username]))
    if "HX-Request" in request.headers:
        columns = chosen_columns(request, mailbox_columns())
        shown = rows_for(request.actor, columns)([row])
        return render(request, "mailboxes/_row.html", {"rows": shown, "columns": columns})
    return redirect(next_url(request, reverse("mailbox_detail", args=[row.username])))


@actor_required
@require_POST
def mailbox_repair(request: ActorRequest, address: str) -> HttpResponse:
    """Write the missing alias row of a mailbox."""
    mailbox = managed_mailbox(request.actor, address)
    update_mailbox(request.actor, username=mailbox.username)
    messages.success(request, _("The alias row of %s is there again.") % mailbox)
    return redirect("mailbox_detail", mailbox.username)


@actor_required
@form_methods
def mailbox_delete(request: ActorRequest, address: str) -> HttpResponse:
    """Say what goes with a mailbox, then delete it."""
    mailbox = managed_mailbox(request.actor, address)
    preview = preview_mailbox_deletion(request.actor, mailbox)
    form = DeleteForm(posted(request), address=mailbox.username, has_references=bool(preview.pointing))
    if form.is_valid():
        with form.operation_errors():
            references = form.cleaned_data.get("clean_references", False)
            delete_mailbox(request.actor, username=mailbox.username, clean_references=references)
            messages.success(request, _("%s is deleted.") % mailbox)
            return redirect("mailbox_list", mailbox.domain)
    context = {
        "mailbox": mailbox,
        "form": form,
        "title": _("Delete %s") % mailbox,
        "goes": what_goes(preview),
        "stays": what_stays(preview),
        "submit": _("Delete mailbox"),
        "cancel_url": reverse("mailbox_detail", args=[mailbox.username]),
        "switch_off_url": reverse("mailbox_toggle", args=[mailbox.username]) if mailbox.active else "",
    }
    return render(request, "mailboxes/delete.html", context)
