"""Forgotten passwords, and the address that helps then."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from mailadmin.accounts.forms import RecoverForm, RecoveryAddressForm
from mailadmin.accounts.recovery import NETWORK_MAILS, ask_for_recovery, can_recover
from mailadmin.accounts.recovery_address import own_row, set_own_recovery_address
from mailadmin.accounts.throttle import Throttled, trying_password
from mailadmin.accounts.views.session import form_methods, too_many_tries
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.errors import Invalid
from mailadmin.core.http import ActorRequest, actor_required, posted


@never_cache
@form_methods
def recover(request: HttpRequest) -> HttpResponse:
    """Take the name of whoever forgot the password; the answer is the same whether there is such an account or not."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.kind is not ActorKind.ANONYMOUS:
        return redirect("account_password")
    form = RecoverForm(posted(request))
    if can_recover() and form.is_valid():
        try:
            ask_for_recovery(username=form.cleaned_data["username"], ip=actor.ip)
        except Throttled as throttled:
            return too_many_tries(request, throttled)
        return redirect("recover_asked")
    return render(request, "accounts/recover.html", {"form": form, "can_recover": can_recover(), "help": whom_to_ask()})


@never_cache
@require_safe
def recover_asked(request: HttpRequest) -> HttpResponse:
    """Say what happens next."""
    return render(request, "accounts/recover_asked.html", {"mails": NETWORK_MAILS, "help": whom_to_ask()})


def whom_to_ask() -> str:
    """Return the sentence that says who gives a new password by hand."""
    if settings.MAILADMIN_SUPPORT:
        text: str = _("Ask %s for a link to choose a new password.") % settings.MAILADMIN_SUPPORT
        return text
    return _("Ask whoever runs your mail for a link to choose a new password.")


@actor_required
@sensitive_post_parameters("current")
@form_methods
def account_recovery(request: ActorRequest) -> HttpResponse:
    """Set the own recovery address."""
    row = own_row(request.actor)
    form = RecoveryAddressForm(posted(request), initial={"email_other": row.email_other}, person=row.username)
    if form.is_valid():
        try:
            return _set_address(request, form)
        except Throttled as throttled:
            return too_many_tries(request, throttled)
        except Invalid as error:
            form.add_operation_error(error)
    context = {"form": form, "cancel_url": reverse("account"), "can_recover": can_recover()}
    return render(request, "accounts/recovery_address.html", context)


def _set_address(request: ActorRequest, form: RecoveryAddressForm) -> HttpResponse:
    actor = request.actor
    with trying_password(actor.username, actor.ip):
        row = set_own_recovery_address(actor, **form.cleaned_data)
    if row.email_other:
        messages.success(request, _("Links to choose a new password go to %s.") % row.email_other)
    else:
        messages.success(request, _("You have no recovery address any more."))
    return redirect("account")
