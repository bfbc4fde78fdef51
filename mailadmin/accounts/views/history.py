"""What happened to one's own account, and what to do when it was somebody else."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from mailadmin.accounts.forms import OwnPasswordForm
from mailadmin.accounts.history import doings, own_events
from mailadmin.accounts.intrusion import report_and_tell
from mailadmin.accounts.models import Account
from mailadmin.accounts.throttle import Throttled, trying_password
from mailadmin.accounts.views.session import form_methods, keep_session, too_many_tries
from mailadmin.core.errors import Invalid
from mailadmin.core.http import ActorRequest, actor_required, posted
from mailadmin.core.lists import list_page
from mailboxes.app_passwords import app_passwords_of
from mailboxes.mail_sign_ins import mail_sign_ins
from mailboxes.models import Mailbox


@actor_required
@require_safe
def account_history(request: ActorRequest) -> HttpResponse:
    """Show sign-ins to the panel and to mail, and what was changed on the own account."""
    own = _account(request)
    page = list_page(request, own_events(own), sorts={"time": "id"}, default="time", descending=True, within=True)
    mailbox = None
    if request.actor.is_user:
        mailbox = Mailbox.objects.visible_to(request.actor).get(username=request.actor.username)
    context = {
        "page": page,
        "doings": doings(own, page.rows),
        "mailbox": mailbox,
        "mail": mail_sign_ins(mailbox, app_passwords_of(mailbox)) if mailbox else [],
    }
    return render(request, "accounts/history.html", context)


@actor_required
@sensitive_post_parameters("current", "new")
@form_methods
def account_not_me(request: ActorRequest) -> HttpResponse:
    """Lock out whoever else signed in: a new password, and everything else that opens the account is void."""
    form = OwnPasswordForm(posted(request), person=request.actor.username)
    if request.method == "POST" and form.is_valid():
        try:
            return _lock_out(request, form)
        except Throttled as throttled:
            return too_many_tries(request, throttled)
        except Invalid as error:
            form.add_operation_error(error)
    return render(request, "accounts/not_me.html", {"form": form, "cancel_url": reverse("account_history")})


def _lock_out(request: ActorRequest, form: OwnPasswordForm) -> HttpResponse:
    actor = request.actor
    with trying_password(actor.username, actor.ip):
        report_and_tell(actor, **form.cleaned_data)
    if not keep_session(request, _account(request)):
        return redirect("login")
    messages.success(request, _("Nobody else is signed in any more, and your admin is told."))
    if actor.is_user:
        messages.info(request, _("Now look whether forwarding, vacation reply and recovery address are still yours."))
    return redirect("account_history")


def _account(request: ActorRequest) -> Account:
    assert isinstance(request.user, Account)
    return request.user
