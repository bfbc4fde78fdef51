"""How strong a password is, told while it is typed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from mailadmin.accounts.passwords import scheme_in_use
from mailadmin.core.http import ActorRequest, actor_required
from mailadmin.core.passwords import check_policy, estimate_strength

_LONGEST = 255


@actor_required
@sensitive_post_parameters("password", "new")
@require_POST
def password_strength(request: ActorRequest) -> HttpResponse:
    """Estimate a new password (`password` or `new`) of the `username` and `name` given; nothing of it is kept."""
    password = request.POST.get("password") or request.POST.get("new") or ""
    username = request.POST.get("username", "")[:_LONGEST] or request.actor.username
    name = request.POST.get("name", "")[:_LONGEST]
    return strength_answer(request, password, username=username, name=name)


def strength_answer(request: HttpRequest, password: str, *, username: str, name: str) -> HttpResponse:
    """Return the estimate as a fragment of a page."""
    problems = check_policy(password, username=username, name=name, scheme=scheme_in_use())
    strength = estimate_strength(password, about=[username, name]) if password else None
    context = {"strength": strength, "problem": problems[0] if problems else ""}
    return render(request, "partials/strength.html", context)
