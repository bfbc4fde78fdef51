"""App passwords: their owner makes and revokes them, an admin sees and revokes them."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from mailadmin.accounts.forms import AppPasswordForm
from mailadmin.accounts.throttle import Throttled, trying_password
from mailadmin.accounts.views.session import form_methods, too_many_tries
from mailadmin.core.errors import Invalid, LimitReached, NotFound
from mailadmin.core.http import ActorRequest, actor_required, posted
from mailboxes.app_passwords import (
    MOST,
    app_passwords_of,
    create_app_password,
    has_app_passwords_only,
    is_usable,
    protocols_of,
    revoke_app_password,
    set_app_passwords_only,
)
from mailboxes.mail_sign_ins import SERVICES, last_uses, moment_of
from mailboxes.models import AppPassword, Mailbox, MailSignIn


@actor_required
@require_safe
def account_app_passwords(request: ActorRequest) -> HttpResponse:
    """List the own app passwords."""
    return render(request, "accounts/app_passwords.html", _context(request, _own(request)))


@actor_required
@require_safe
def mailbox_app_passwords(request: ActorRequest, address: str) -> HttpResponse:
    """List the app passwords of a mailbox in the actor's domains."""
    return render(request, "accounts/app_passwords.html", _context(request, _administered(request, address)))


@actor_required
@sensitive_post_parameters("current")
@form_methods
def account_app_password_create(request: ActorRequest) -> HttpResponse:
    """Make an app password, and show it in this one answer."""
    mailbox = _own(request)
    form = AppPasswordForm(posted(request), person=mailbox.username)
    if request.method == "POST" and form.is_valid():
        try:
            return _create(request, mailbox, form)
        except Throttled as throttled:
            return too_many_tries(request, throttled)
        except (Invalid, LimitReached) as error:
            form.add_operation_error(error)
    return render(request, "accounts/app_password_create.html", {"form": form})


def _create(request: ActorRequest, mailbox: Mailbox, form: AppPasswordForm) -> HttpResponse:
    actor = request.actor
    with trying_password(actor.username, actor.ip):
        password, row = create_app_password(actor, **form.cleaned_data)
    context = {"mailbox": mailbox, "row": row, "password": password, "protocols": protocols_of(row)}
    return render(request, "accounts/app_password_made.html", context)


@actor_required
@require_POST
def account_app_password_revoke(request: ActorRequest, app_password: int) -> HttpResponse:
    """Take an own app password back."""
    return _revoke(request, _own(request), app_password)


@actor_required
@require_POST
def mailbox_app_password_revoke(request: ActorRequest, address: str, app_password: int) -> HttpResponse:
    """Take an app password of a mailbox in the actor's domains back."""
    return _revoke(request, _administered(request, address), app_password)


@actor_required
@require_POST
def account_app_passwords_only(request: ActorRequest) -> HttpResponse:
    """Bar the own password from mail programs, or let it in again."""
    return _set_only(request, _own(request))


@actor_required
@require_POST
def mailbox_app_passwords_only(request: ActorRequest, address: str) -> HttpResponse:
    """Bar the password of a mailbox in the actor's domains from mail programs, or let it in again."""
    return _set_only(request, _administered(request, address))


def _own(request: ActorRequest) -> Mailbox:
    mailbox = Mailbox.objects.visible_to(request.actor).filter(username=request.actor.username).first()
    if mailbox is None or not request.actor.is_user:
        # Admins have none; the mailbox of the same name is another account.
        raise NotFound()
    return mailbox


def _administered(request: ActorRequest, address: str) -> Mailbox:
    mailbox = Mailbox.objects.managed_by(request.actor).filter(username=address).first()
    if mailbox is None or request.actor.is_user:
        raise NotFound(address)
    return mailbox


def _context(request: ActorRequest, mailbox: Mailbox) -> dict[str, Any]:
    rows = app_passwords_of(mailbox)
    used = last_uses(mailbox, rows)
    own = request.actor.is_user
    args = [] if own else [mailbox.username]
    kind = "account" if own else "mailbox"
    return {
        "mailbox": mailbox,
        "own": own,
        "rows": [
            {
                "row": row,
                "protocols": protocols_of(row),
                "usable": is_usable(row),
                "last_day": row.ends - dt.timedelta(seconds=1) if row.ends else None,
                "used": _use(used.get(row.pk)),
                "only_sends": not (row.imap or row.pop3 or row.sieve),
                "revoke_url": reverse(f"{kind}_app_password_revoke", args=[*args, row.pk]),
            }
            for row in rows
        ],
        "full": len(rows) >= MOST,
        "only": has_app_passwords_only(mailbox),
        "needs_confirming": not any(is_usable(row) for row in rows),
        "only_url": reverse(f"{kind}_app_passwords_only", args=args),
    }


def _use(row: MailSignIn | None) -> dict[str, Any] | None:
    return {"service": SERVICES.get(row.service, row.service), "ip": row.ip, "time": moment_of(row)} if row else None


def _revoke(request: ActorRequest, mailbox: Mailbox, number: int) -> HttpResponse:
    row: AppPassword = revoke_app_password(request.actor, username=mailbox.username, number=number)
    messages.success(request, _("“%s” is revoked: nobody signs in with it any more.") % row.name)
    return _back(request, mailbox)


def _set_only(request: ActorRequest, mailbox: Mailbox) -> HttpResponse:
    only = request.POST.get("only") == "1"
    confirmed = "confirmed" in request.POST
    try:
        set_app_passwords_only(request.actor, username=mailbox.username, only=only, confirmed=confirmed)
    except Invalid as error:
        messages.error(request, error.message)
        return _back(request, mailbox)
    if only:
        messages.success(request, _("Mail programs now need an app password."))
    else:
        messages.success(request, _("Mail programs may use the password of the mailbox again."))
    return _back(request, mailbox)


def _back(request: ActorRequest, mailbox: Mailbox) -> HttpResponse:
    if request.actor.is_user:
        return redirect("account_app_passwords")
    return redirect("mailbox_app_passwords", mailbox.username)
