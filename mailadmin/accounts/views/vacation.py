"""The vacation reply: the same form for the owner of a mailbox and for its admin."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from aliases.models import Alias
from domains.models import Domain
from mailadmin.accounts.forms import VacationForm
from mailadmin.accounts.views.session import form_methods
from mailadmin.core.actor import Actor
from mailadmin.core.errors import Invalid, NotFound
from mailadmin.core.forms import MomentField
from mailadmin.core.http import ActorRequest, actor_required, next_url, posted
from mailadmin.core.undo import say_switched
from mailboxes.models import Mailbox, Vacation, mailbox_visible_to, vacation_of
from mailboxes.vacation import end_vacation, has_end, inside_body_of, is_over, is_replying, present_values, set_vacation
from mailboxes.vacation_overview import ONCE, hindrances, last_change, replies, vacation_sentence


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
    """End the own vacation reply, and go back to where that was asked for."""
    if not request.actor.is_user:
        raise NotFound()
    return _switch(request, request.actor.username, page=reverse("account"))


@actor_required
@require_POST
def mailbox_vacation_off(request: ActorRequest, address: str) -> HttpResponse:
    """End the vacation reply of a mailbox, and go back to where that was asked for."""
    return _switch(request, address, page=reverse("mailbox_detail", args=[address]))


def _switch(request: ActorRequest, username: str, *, page: str) -> HttpResponse:
    """End a reply, or undo that: its texts and days stayed."""
    visible = Mailbox.objects.visible_to(request.actor).filter(username=username)
    row = Vacation.objects.filter(email=username).first() if visible.exists() else None
    if row is None:
        raise NotFound(username)
    again = request.POST.get("active") == "1"
    try:
        row = _resume(request.actor, row) if again else end_vacation(request.actor, username=username)
    except Invalid as error:
        messages.error(request, error.message)
    else:
        say_switched(request, vacation_sentence(row, timezone.now()), active=row.active, page=page)
    return redirect(next_url(request, page))


def _resume(actor: Actor, row: Vacation) -> Vacation:
    return set_vacation(actor, username=row.email, **(present_values(row) | {"active": True}))


def _vacation(request: ActorRequest, username: str, *, done: str, args: list[str]) -> HttpResponse:
    mailbox = mailbox_visible_to.first(request.actor, username)
    if mailbox is None:
        raise NotFound(username)
    row = vacation_of.first(mailbox.username)
    form = VacationForm(
        posted(request),
        initial=_initial(row),
        interval_time=row.interval_time if row else ONCE,
    )
    is_preview = "preview" in request.POST
    if is_preview and "HX-Request" in request.headers:
        return render(request, "accounts/vacation_preview.html", _preview(form, mailbox))
    if request.method == "POST" and form.is_valid() and not is_preview:
        with form.operation_errors():
            row = set_vacation(request.actor, username=mailbox.username, **_wanted(form, row))
            messages.success(request, vacation_sentence(row, timezone.now()))
            return redirect(next_url(request) or reverse(done, args=args))
    now = timezone.now()
    context = {
        "form": form,
        "own": request.actor.is_user,
        "sentence": vacation_sentence(row, now),
        "active": row is not None and row.active and not is_over(row, now),
        "begun": row is not None and is_replying(row, now),
        "changed": last_change(request.actor, row, mailbox),
        "hindrances": _hindrances(row, mailbox),
        "zone": timezone.get_current_timezone_name(),
        "now": now,
        "off_url": reverse(f"{done}_off", args=args),
    }
    return render(request, "accounts/vacation.html", context | _preview(form, mailbox))


def _hindrances(row: Vacation | None, mailbox: Mailbox) -> list[str]:
    if row is None or not row.active:
        return []
    domain = Domain.objects.filter(domain=mailbox.domain).first()
    return hindrances(row, mailbox, domain, Alias.objects.filter(address=mailbox.username).first())


def _preview(form: VacationForm, mailbox: Mailbox) -> dict[str, Any]:
    """Return what the reply would be if the form were saved as it is, faulty or not."""
    texts = {name: str(form[name].value() or "") for name in ("subject", "body", "inside_body")}
    context: dict[str, Any] = {"mailbox": mailbox, "replies": replies(**texts), "then": ""}
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        row = Vacation(active=given["active"], activefrom=given["activefrom"], activeuntil=given["activeuntil"])
        context["then"] = vacation_sentence(row, timezone.now())
    return context


def _wanted(form: VacationForm, row: Vacation | None) -> dict[str, Any]:
    """Return the form's values; what it does not show, the seconds, stays as it is."""
    wanted = dict(form.cleaned_data)
    if wanted["interval_time"] is None:
        wanted["interval_time"] = max(row.interval_time, ONCE) if row else ONCE
    if row is None:
        return wanted
    for name, stored in (("activefrom", row.activefrom), ("activeuntil", row.activeuntil)):
        # Compared as they are shown: where the clocks go back, two moments look the same.
        if stored and wanted[name] and _shown(wanted[name]) == _shown(stored):
            wanted[name] = stored
    return wanted


def _shown(moment: dt.datetime) -> str:
    return timezone.localtime(moment).strftime(MomentField.FORMAT)


def _initial(row: Vacation | None) -> dict[str, Any]:
    """Return what the form begins with: the texts of last time, the days only while they still mean something."""
    if row is None:
        return {}
    now = timezone.now()
    over = is_over(row, now)
    in_use = row.active or (row.activefrom is not None and row.activefrom > now)
    return {
        # Whoever comes back to the texts of a vacation that is over shall not begin another by saving them.
        "active": row.active and not over,
        "subject": row.subject,
        "body": row.body,
        "inside_body": inside_body_of(row),
        "interval_time": max(row.interval_time, ONCE),
        "activefrom": row.activefrom if in_use and not over else None,
        "activeuntil": row.activeuntil if has_end(row) and not over else None,
    }
