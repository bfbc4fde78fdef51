"""The vacation reply: the same form for the owner of a mailbox and for its admin."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from mailadmin.accounts.forms import VacationForm
from mailadmin.accounts.views.session import form_methods
from mailadmin.core.errors import NotFound
from mailadmin.core.http import ActorRequest, actor_required, next_url, posted
from mailboxes.models import Mailbox, Vacation
from mailboxes.overview import vacation_sentence
from mailboxes.vacation import has_end, set_vacation


@actor_required
@form_methods
def account_vacation(request: ActorRequest) -> HttpResponse:
    """The own vacation reply; admins have none, the mailbox of the same name is another account."""
    if not request.actor.is_user:
        raise NotFound()
    return _vacation(request, request.actor.username, done="account_vacation", args=[])


@actor_required
@form_methods
def mailbox_vacation(request: ActorRequest, address: str) -> HttpResponse:
    """The vacation reply of a mailbox in the actor's domains."""
    if request.actor.is_user and request.actor.username == address:
        return redirect("account_vacation")
    return _vacation(request, address, done="mailbox_vacation", args=[address])


@actor_required
@require_POST
def account_vacation_off(request: ActorRequest) -> HttpResponse:
    """Switch the own vacation reply off, and go back to the account."""
    if not request.actor.is_user:
        raise NotFound()
    return _switch_off(request, request.actor.username, done=reverse("account"))


@actor_required
@require_POST
def mailbox_vacation_off(request: ActorRequest, address: str) -> HttpResponse:
    """Switch the vacation reply of a mailbox off, and go back to the mailbox."""
    return _switch_off(request, address, done=reverse("mailbox_detail", args=[address]))


def _switch_off(request: ActorRequest, username: str, *, done: str) -> HttpResponse:
    """Switch a reply off; its text and dates stay for the next time."""
    visible = Mailbox.objects.visible_to(request.actor).filter(username=username)
    row = Vacation.objects.filter(email=username).first() if visible.exists() else None
    if row is None:
        raise NotFound(username)
    kept = {name: getattr(row, name) for name in ("subject", "body", "activefrom", "activeuntil", "interval_time")}
    row = set_vacation(request.actor, username=username, active=False, **kept)
    messages.success(request, vacation_sentence(row, timezone.now()))
    return redirect(done)


def _vacation(request: ActorRequest, username: str, *, done: str, args: list[str]) -> HttpResponse:
    mailbox = Mailbox.objects.visible_to(request.actor).filter(username=username).first()
    if mailbox is None:
        raise NotFound(username)
    row = Vacation.objects.filter(email=mailbox.username).first()
    form = VacationForm(posted(request), initial=_initial(row))
    if request.method == "POST" and form.is_valid():
        with form.operation_errors():
            row = set_vacation(request.actor, username=mailbox.username, **_wanted(form, row))
            messages.success(request, vacation_sentence(row, timezone.now()))
            return redirect(next_url(request) or reverse(done, args=args))
    context = {
        "form": form,
        "mailbox": mailbox,
        "own": request.actor.is_user,
        "sentence": vacation_sentence(row, timezone.now()),
        "active": row is not None and row.active,
        "zone": timezone.get_current_timezone_name(),
    }
    return render(request, "accounts/vacation.html", context)


def _wanted(form: VacationForm, row: Vacation | None) -> dict[str, Any]:
    """Return the form's values; what it does not ask, seconds and how often one person is answered, stays as it is."""
    wanted = dict(form.cleaned_data)
    if row is None:
        return wanted
    for name, stored in (("activefrom", row.activefrom), ("activeuntil", row.activeuntil)):
        if stored and wanted[name] == stored.replace(second=0):
            wanted[name] = stored
    return wanted | {"interval_time": row.interval_time}


def _initial(row: Vacation | None) -> dict[str, Any]:
    """Return what the form begins with: the texts of last time, the days only while they still mean something."""
    if row is None:
        return {}
    now = timezone.now()
    over = row.activeuntil is not None and row.activeuntil < now
    in_use = row.active or (row.activefrom is not None and row.activefrom > now)
    return {
        "active": row.active,
        "subject": row.subject,
        "body": row.body,
        "activefrom": row.activefrom if in_use and not over else None,
        "activeuntil": row.activeuntil if has_end(row) and not over else None,
    }
