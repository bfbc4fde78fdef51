"""How strong a password is, told while it is typed."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from domains.models import Domain
from mailadmin.accounts.passwords import domain_policy, scheme_in_use
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.http import ActorRequest, actor_required
from mailadmin.core.passwords import PasswordPolicy, check_policy, estimate_strength
from mailadmin.core.search import search_text

_LONGEST = 255


@sensitive_post_parameters("password", "new")
def password_strength(request: HttpRequest) -> HttpResponseBase:
    """Estimate a new password while it is typed, for whoever is signed in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.kind is ActorKind.ANONYMOUS and "HX-Request" in request.headers:
        # The form was sent meanwhile and the session has a new key: leave the page and the browser's new cookie alone.
        del request.session
        return HttpResponse(status=204)
    return _password_strength(request)


@actor_required
@require_POST
def _password_strength(request: ActorRequest) -> HttpResponse:
    """Estimate a new password (`password` or `new`) of the `username` and `name` given; nothing of it is kept.

    `rules_of` is the domain whose rules count.
    """
    password = request.POST.get("password") or request.POST.get("new") or ""
    username = request.POST.get("username", "")[:_LONGEST] or request.actor.username
    name = request.POST.get("name", "")[:_LONGEST]
    policy = _policy(request.actor, search_text(request.POST.get("rules_of", "")))
    return strength_answer(request, password, username=username, name=name, policy=policy)


def _policy(actor: Actor, domain: str) -> PasswordPolicy:
    """Return the rules of a domain whose mailboxes the actor may see, otherwise those of the installation."""
    if actor.is_user:
        return domain_policy(actor.username.rpartition("@")[2])
    known = bool(domain) and domain.isascii() and Domain.objects.visible_to(actor).filter(domain=domain).exists()
    return domain_policy(domain) if known else PasswordPolicy.of_installation()


def strength_answer(
    request: HttpRequest, password: str, *, username: str, name: str, policy: PasswordPolicy
) -> HttpResponse:
    """Return the estimate as a fragment of a page."""
    problems = check_policy(password, username=username, name=name, scheme=scheme_in_use(), policy=policy)
    strength = estimate_strength(password, about=[username, name]) if password else None
    context = {"strength": strength, "problem": problems[0] if problems else ""}
    return render(request, "partials/strength.html", context)
