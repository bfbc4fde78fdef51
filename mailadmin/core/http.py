"""What views share: the request with its actor, errors of operations as answers, and safe ways back."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.cache import add_never_cache_headers
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.errors import NotAllowed, NotFound
from mailadmin.core.mail import panel_url

P = ParamSpec("P")

form_methods = require_http_methods(["GET", "HEAD", "POST"])
"""Decorator of a view with a form."""

# Django refuses redirects beyond 2048 characters; room for the rest of the sign-in address.
_LONGEST_NEXT = 1500


class ActorRequest(HttpRequest):
    """A request behind ActorMiddleware."""

    actor: Actor


def actor_required(
    view: Callable[Concatenate[ActorRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Ask strangers to sign in; answer NotFound with 404 (absent and foreign look alike) and NotAllowed with 403.

    The answer is never kept by a cache: it is one person's.
    """

    @wraps(view)
    def run(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        acting = cast(ActorRequest, request)
        if acting.actor.kind is ActorKind.ANONYMOUS:
            return ask_to_sign_in(request)
        try:
            response = view(acting, *args, **kwargs)
        except (NotFound, Http404):
            response = render(request, "404.html", status=404)
        except NotAllowed as error:
            response = render(request, "403.html", {"message": error.message}, status=403)
        add_never_cache_headers(response)
        return response

    return run


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in page, and from there back to this one if it can be shown again."""
    htmx_page = request.headers.get("HX-Current-URL", "") if "HX-Request" in request.headers else ""
    back = htmx_page or (request.get_full_path() if request.method == "GET" else "")
    query = f"?{urlencode({'next': back})}" if back not in ("", "/") and is_safe(request, back) else ""
    url = f"{resolve_url('login')}{query}"
    # A fragment cannot hold the sign-in page: the browser is told to go there.
    return HttpResponseClientRedirect(url) if "HX-Request" in request.headers else redirect(url)


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what a form is bound to: the data of a POST, even an empty one, else nothing."""
    return request.POST if request.method == "POST" else None


def next_url(request: HttpRequest, default: str = "") -> str:
    """Return where the request wants to go afterwards (`next`), if that is on this site; else the default."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if wanted and is_safe(request, wanted) else default


def whole_url(request: HttpRequest, path: str) -> str:
    """Return the address to hand over for a page here: by MAILADMIN_URL, else by the name that the request came to."""
    return panel_url(path) or request.build_absolute_uri(path)


def is_safe(request: HttpRequest, url: str) -> bool:
    """Return whether a redirect to the address stays on this site."""
    # A bare word would be taken for the name of a view.
    if not url.startswith(("/", "http://", "https://")):
        return False
    return len(iri_to_uri(url)) <= _LONGEST_NEXT and url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def wanted_state(request: HttpRequest) -> bool:
    """Return the state that a switch asks for: `active` is 1 or 0; anything else is a bad request."""
    active = request.POST.get("active")
    if active not in ("0", "1"):
        raise BadRequest("active must be 0 or 1")
    return active == "1"
