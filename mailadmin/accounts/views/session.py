"""Signing in and out."""

import time
from collections.abc import Sequence
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from mailadmin.accounts.backends import find_credential
from mailadmin.accounts.credentials import AccountKind, Credential
from mailadmin.accounts.forms import SignInForm
from mailadmin.accounts.models import Account
from mailadmin.accounts.rehash import session_stamp
from mailadmin.accounts.signin import check_sign_in, person, sign_in, sign_out
from mailadmin.accounts.throttle import Throttled
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.http import next_url, posted
from mailadmin.core.language import is_language, keep_language

CHOICE = "sign_in_choice"
CHOICE_SECONDS = 300
SET_UP_ADDRESS = "set_up_address"
"""In a stranger's session: the mailbox whose password was just chosen through a set-up link."""

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@sensitive_post_parameters("password")
@never_cache
@form_methods
def login(request: HttpRequest) -> HttpResponse:
    """Sign in with the name and password of an admin or a mailbox; where both fit, the person chooses."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.kind is not ActorKind.ANONYMOUS:
        return redirect("dashboard")
    if "kind" in request.POST:
        return _choose(request, actor)
    form = SignInForm(posted(request), initial={"username": request.session.get(SET_UP_ADDRESS, "")})
    if request.method == "POST" and form.is_valid():
        try:
            fitting = check_sign_in(actor, **form.cleaned_data)
        except Throttled as throttled:
            return too_many_tries(request, throttled)
        if fitting:
            return _enter(request, actor, fitting)
        form.add_error(None, _("The address or the password is wrong, or the account is switched off."))
    return _login_page(request, form)


def _login_page(request: HttpRequest, form: SignInForm, **more: Any) -> HttpResponse:
    context = {"form": form, "next": next_url(request)} | more
    return render(request, "accounts/login.html", context)


@never_cache
@require_http_methods(["POST"])
def language(request: HttpRequest) -> HttpResponse:
    """Keep the language that was chosen on the sign-in page in a cookie, and go back there."""
    code = request.POST.get("language", "")
    if not is_language(code):
        raise BadRequest("language must be one of the panel's")
    after = next_url(request)
    response = redirect(f"{reverse('login')}?{urlencode({'next': after})}" if after else "login")
    keep_language(response, code)
    return response


def _enter(request: HttpRequest, actor: Actor, fitting: Sequence[Credential]) -> HttpResponse:
    if len(fitting) == 1:
        return _start(request, actor, fitting[0])
    # What the password was given to is not a session whose key somebody else may know.
    request.session.cycle_key()
    request.session[CHOICE] = {
        "username": fitting[0].username,
        "stamps": {credential.kind: session_stamp(credential) for credential in fitting},
        "until": time.time() + CHOICE_SECONDS,
    }
    context = {"username": fitting[0].username, "next": next_url(request)}
    return render(request, "accounts/choose.html", context)


def _choose(request: HttpRequest, actor: Actor) -> HttpResponse:
    credential = _chosen(request.session.pop(CHOICE, None), request.POST["kind"])
    if credential is None:
        return _login_page(request, SignInForm(), notice=_("This took too long. Please sign in again."))
    return _start(request, actor, credential)


def _chosen(choice: Any, kind: str) -> Credential | None:
    """Return the row that the person chose, if its password was given a short while ago and is still the same."""
    if not choice or kind not in choice["stamps"] or choice["until"] < time.time():
        return None
    credential = find_credential(AccountKind(kind), choice["username"])
    return credential if credential and session_stamp(credential) == choice["stamps"][kind] else None


def _start(request: HttpRequest, actor: Actor, credential: Credential) -> HttpResponse:
    after = next_url(request)
    account = sign_in(request, person(actor, credential), credential)
    if account.must_choose:
        return redirect("account_password")
    return redirect(after or "dashboard")


@never_cache
@form_methods
def logout(request: HttpRequest) -> HttpResponse:
    """Sign out by POST; a link that was followed shows the button."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.kind is ActorKind.ANONYMOUS:
        return redirect("login")
    if request.method != "POST":
        return render(request, "accounts/logout.html")
    sign_out(request, actor)
    return redirect("login")


def keep_session(request: HttpRequest, own: Account) -> bool:
    """Let this session go on, with another id, after its password was changed; False where the account is gone."""
    own.credential = find_credential(own.kind, own.username)
    if own.credential is None:
        return False
    update_session_auth_hash(request, own)
    return True


def too_many_tries(request: HttpRequest, throttled: Throttled) -> HttpResponse:
    """Answer 429 with the wait, in words and for programs."""
    message = _("Wait %s, then try again.") % wait_words(throttled.seconds)
    response = render(request, "429.html", {"message": message}, status=429)
    response["Retry-After"] = str(throttled.seconds)
    return response


def wait_words(seconds: int) -> str:
    """Return a wait in seconds, or in minutes rounded up."""
    if seconds < 60:
        return ngettext("%d second", "%d seconds", seconds) % seconds
    minutes = -(-seconds // 60)
    return ngettext("%d minute", "%d minutes", minutes) % minutes
