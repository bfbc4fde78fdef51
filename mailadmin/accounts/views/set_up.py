"""Set-up links, for people who have no password yet, and recovery links, for those who forgot it."""

from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.forms import FirstPasswordForm, RecoveryPasswordForm
from mailadmin.accounts.intrusion import tell_admins
from mailadmin.accounts.passwords import policy_of
from mailadmin.accounts.recovery import can_recover
from mailadmin.accounts.throttle import Throttled
from mailadmin.accounts.views.session import SET_UP_ADDRESS, form_methods, too_many_tries
from mailadmin.accounts.views.strength import strength_answer
from mailadmin.core.actor import Actor
from mailadmin.core.errors import NotFound
from mailadmin.core.http import posted
from mailadmin.mailprograms.guide import guide
from mailboxes.app_passwords import has_app_passwords_only
from mailboxes.models import Mailbox
from mailboxes.setup_links import SetUp, open_setup_link, set_password_by_link


@sensitive_post_parameters("password")
@never_cache
@form_methods
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Let the holder of the link choose the password of its account; opening the page does not use the link up."""
    try:
        return _private(_set_up(request, token))
    except NotFound:
        return _private(render(request, "accounts/set_up_refused.html", {"can_recover": can_recover()}, status=404))
    except Throttled as throttled:
        return _private(too_many_tries(request, throttled))


def _set_up(request: HttpRequest, token: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = open_setup_link(token, ip=actor.ip)
    if found.is_off:
        return render(request, "accounts/set_up_off.html", {"found": found}, status=403)
    kind_of_form = RecoveryPasswordForm if found.is_recovery else FirstPasswordForm
    form = kind_of_form(posted(request), person=found.username, policy=policy_of(found.kind, found.username))
    if form.is_valid():
        with form.operation_errors():
            set_password_by_link(actor, token=token, **form.cleaned_data)
            if form.cleaned_data.get("is_intrusion"):
                tell_admins(replace(actor, kind=found.actor_kind, username=found.username))
            return _done(request, actor, found)
    context = {"form": form, "found": found, "expires": found.link.expires, "token": token}
    return render(request, "accounts/set_up.html", context)


def _done(request: HttpRequest, actor: Actor, found: SetUp) -> HttpResponse:
    if actor.username == found.username and actor.is_user == (found.kind is AccountKind.MAILBOX):
        # This session ended with the old password; what follows shall not.
        logout(request)
    request.session[SET_UP_ADDRESS] = found.username
    if found.kind is AccountKind.MAILBOX and not found.is_recovery:
        return redirect("set_up_done")
    messages.success(request, _("Your password is set. Sign in with it."))
    return redirect("login")


@never_cache
@require_safe
def set_up_done(request: HttpRequest) -> HttpResponse:
    """Show what a mail program asks for, as often as the person comes back to it while setting one up."""
    username = request.session.get(SET_UP_ADDRESS)
    if not username:
        return redirect("login")
    mailbox = Mailbox.objects.filter(username=username).first()
    context = {
        "username": username,
        "programs": guide(request, username),
        "app_passwords_only": mailbox is not None and has_app_passwords_only(mailbox),
        "webmail_url": settings.MAILADMIN_WEBMAIL_URL,
    }
    return _private(render(request, "accounts/set_up_done.html", context))


@sensitive_post_parameters("password")
@never_cache
@require_POST
def set_up_strength(request: HttpRequest, token: str) -> HttpResponse:
    """Estimate the password while it is typed, for whoever has a link: strangers shall not make the server work."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        found = open_setup_link(token, ip=actor.ip)
    except (NotFound, Throttled):
        # It is asked for while the form is sent, too: what used the link up is no fault of the page.
        return _private(HttpResponse(status=204))
    password, policy = request.POST.get("password", ""), policy_of(found.kind, found.username)
    return _private(strength_answer(request, password, username=found.username, name=found.name, policy=policy))


def _private(response: HttpResponse) -> HttpResponse:
    """Keep the address of the page, with the token in it, from whatever is opened from there.

    Not "no-referrer": browsers then send the form with "Origin: null", which the check against forged requests refuses.
    """
    response["Referrer-Policy"] = "strict-origin"
    return response
