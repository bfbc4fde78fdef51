"""The actor of a web request."""

import uuid
import zoneinfo

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone, translation

from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account
from mailadmin.accounts.network import client_ip
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.language import Handler, is_language, speaking

# While a new password must be chosen, only these views answer.
_OPEN_VIEWS = {"account_password", "password_strength", "logout", "login", "language", "healthz"}
_OPEN_VIEWS |= {"brand_css", "brand_logo"}
_OPEN_VIEWS |= {"set_up", "set_up_done", "set_up_strength", "phone_set_up", "phone_profile"}


class ActorMiddleware:
    """Sets `request.actor` and the person's language and time zone; asks for a new password where one is due."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = actor_of(request)  # type: ignore[attr-defined]
        account = request.user if isinstance(request.user, Account) else None
        with timezone.override(_zone(account)):
            return speaking(_language(account), self.get_response, request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        account = request.user
        if not isinstance(account, Account) or not account.must_choose:
            return None
        match = request.resolver_match
        return None if match and match.url_name in _OPEN_VIEWS else redirect("account_password")


def actor_of(request: HttpRequest) -> Actor:
    """Return who makes this request."""
    ip, request_id = client_ip(request), uuid.uuid4().hex
    account = request.user
    if not isinstance(account, Account) or account.credential is None:
        return Actor.anonymous(ip, request_id)
    return Actor(_kind(account), account.username, ip=ip, request_id=request_id)


def _kind(account: Account) -> ActorKind:
    if account.kind is AccountKind.MAILBOX:
        return ActorKind.USER
    return ActorKind.SUPERADMIN if account.credential and account.credential.superadmin else ActorKind.ADMIN


def _language(account: Account | None) -> str:
    """Return the person's language, or the one of the request, for want of a choice."""
    chosen = account.language if account else ""
    return chosen if is_language(chosen) else translation.get_language()


def _zone(account: Account | None) -> zoneinfo.ZoneInfo | None:
    if account is None or not account.time_zone:
        return None
    try:
        return zoneinfo.ZoneInfo(account.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None
