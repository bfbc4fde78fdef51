"""One's own account: what it is, its password, its language and time zone."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from aliases.overview import own_alias_rows
from aliases.owned import own_aliases_of
from domains.models import Domain
from domains.rules import rules_of
from mailadmin.accounts.forms import SERVER, LanguageForm, OwnPasswordForm, TimeZoneForm
from mailadmin.accounts.models import Account, Admin
from mailadmin.accounts.passwords import policy_of
from mailadmin.accounts.preferences import set_language, set_time_zone
from mailadmin.accounts.recovery import can_recover
from mailadmin.accounts.recovery_address import own_row
from mailadmin.accounts.services import change_own_password
from mailadmin.accounts.throttle import Throttled, trying_password
from mailadmin.accounts.views.session import form_methods, keep_session, too_many_tries
from mailadmin.audit.models import AuditEvent
from mailadmin.core.errors import Invalid
from mailadmin.core.http import ActorRequest, actor_required, next_url, posted
from mailadmin.core.prepared import prepared
from mailboxes.models import Mailbox
from mailboxes.overview import mailbox_overview

SHOWN_DOMAINS = 20
SHOWN_SIGN_INS = 5


@actor_required
@form_methods
def account(request: ActorRequest) -> HttpResponse:
    """Show the own account; POST sets its time zone, or its language: each has a form of its own."""
    own = _account(request)
    data = posted(request)
    about_language = data is not None and "language" in data
    form = TimeZoneForm(None if about_language else data, initial={"time_zone": own.time_zone or SERVER})
    language_form = LanguageForm(data if about_language else None, initial={"language": own.language})
    changed = _set_language(request, language_form) if about_language else _set_time_zone(request, form)
    if changed:
        return redirect("account")
    context = {"form": form, "language_form": language_form, "now": timezone.now(), "sign_ins": sign_ins(own)}
    row = own_row(request.actor)
    context |= _recovery_facts(request, row)
    if isinstance(row, Mailbox):
        return render(request, "accounts/mailbox.html", context | _mailbox_facts(request, row))
    return render(request, "accounts/admin.html", context | _admin_facts(request))


def _set_time_zone(request: ActorRequest, form: TimeZoneForm) -> bool:
    if form.is_valid():
        with form.operation_errors():
            set_time_zone(request.actor, time_zone=form.cleaned_data["time_zone"])
            messages.success(request, _("Time zone changed."))
            return True
    return False


def _set_language(request: ActorRequest, form: LanguageForm) -> bool:
    if form.is_valid():
        with form.operation_errors():
            code = form.cleaned_data["language"]
            set_language(request.actor, language=code)
            # Said in the language that was chosen.
            with translation.override(code or translation.get_language_from_request(request)):
                messages.success(request, _("Language changed."))
            return True
    return False


def sign_ins(own: Account) -> list[AuditEvent]:
    """Return the last sign-ins of this account, not those of an earlier one of the name."""
    domain = own.username.rpartition("@")[2] if own.login.startswith("mailbox:") else ""
    # Newest first, so that those of an earlier account are the last.
    events = _sign_ins(own.username, domain)
    return [event for event in events if own.row_created is None or event.time >= own.row_created]


@prepared
def _sign_ins(username: str, domain: str) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(target=username, action="sign_in", domain=domain).order_by("-id")[:SHOWN_SIGN_INS]


def _recovery_facts(request: ActorRequest, row: Mailbox | Admin) -> dict[str, Any]:
    """Return the recovery address, and whether there is any use in telling about it."""
    offered = can_recover() and (request.actor.is_user or settings.MAILADMIN_ADMIN_RECOVERY)
    return {"recovery_address": row.email_other, "shows_recovery": offered or bool(row.email_other)}


def _admin_facts(request: ActorRequest) -> dict[str, Any]:
    if request.actor.is_superadmin:
        return {}
    names = list(Domain.objects.visible_to(request.actor).order_by("domain")[: SHOWN_DOMAINS + 1])
    return {"domains": names[:SHOWN_DOMAINS], "more_domains": len(names) > SHOWN_DOMAINS}


def _mailbox_facts(request: ActorRequest, mailbox: Mailbox) -> dict[str, Any]:
    own = {
        "own_aliases": own_alias_rows(own_aliases_of(mailbox)),
        "own_allowed": rules_of(mailbox.domain).own_aliases,
    }
    return own | {"mailbox": mailbox, "overview": mailbox_overview(request.actor, mailbox)}


@actor_required
@sensitive_post_parameters("current", "new")
@form_methods
def account_password(request: ActorRequest) -> HttpResponse:
    """Change the own password; this session goes on, the others end."""
    own = _account(request)
    policy = policy_of(own.kind, own.username)
    form = OwnPasswordForm(posted(request), person=own.username, policy=policy)
    if request.method == "POST" and form.is_valid():
        try:
            return _change_password(request, form)
        except Throttled as throttled:
            return too_many_tries(request, throttled)
        except Invalid as error:
            form.add_operation_error(error)
    context = {
        "form": form,
        "must_change": own.must_choose,
        "is_expired": own.is_expired,
        "cancel_url": "" if own.must_choose else reverse("account"),
    }
    return render(request, "accounts/password.html", context)


def _change_password(request: ActorRequest, form: OwnPasswordForm) -> HttpResponse:
    actor = request.actor
    with trying_password(actor.username, actor.ip):
        change_own_password(actor, **form.cleaned_data)
    own = _account(request)
    had_to = own.must_choose
    if not keep_session(request, own):
        return redirect("login")
    messages.success(request, _("Password changed. Your other sessions are signed out."))
    return redirect(next_url(request) or ("dashboard" if had_to else "account"))


def _account(request: ActorRequest) -> Account:
    assert isinstance(request.user, Account)
    return request.user
