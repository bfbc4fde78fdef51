"""Search over everything in the actor's scope: what an index answers comes at once, the rest is loaded after it."""

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from mailadmin.core.errors import NotFound
from mailadmin.core.http import ActorRequest, actor_required
from mailadmin.core.search import search_text
from mailadmin.search_kinds import SECONDS, SHORTEST_FRAGMENT, Hits, find_beginnings, find_inside
from mailadmin.search_pages import find_pages
from mailadmin.search_steps import next_steps

SHOWN = 20
"""How many of each kind the page of results shows."""

TYPED_AHEAD = 5
"""How many of each kind the panel under the search box shows."""


@require_safe
@actor_required
def search(request: ActorRequest) -> HttpResponse:
    """Show what begins with the word; with `inside=1` also what has it inside, which htmx asks for by itself."""
    context = _question(request)
    q, asked = context["q"], context["asked"]
    if asked:
        context["inside"] = find_inside(request.actor, q, most=SHOWN)
    if asked and "HX-Request" in request.headers:
        return render(request, "partials/search_inside.html", context)
    context["groups"] = find_beginnings(request.actor, q, most=SHOWN)
    context["pages"] = find_pages(request.actor, q)
    return render(request, "search.html", context)


@require_safe
@actor_required
def search_panel(request: ActorRequest) -> HttpResponse:
    """Answer the search box while someone types: first what begins with the word, then, `inside=1`, the rest."""
    context = _question(request)
    q, actor = context["q"], request.actor
    if "HX-Request" not in request.headers:
        return redirect(context["all_url"])
    if context["asked"]:
        groups = find_inside(actor, q, most=TYPED_AHEAD)
        context |= {"groups": groups, "count": _found_before(request) + _count(groups)}
        return render(request, "partials/search_further.html", context)
    groups, pages = find_beginnings(actor, q, most=TYPED_AHEAD), find_pages(actor, q)
    steps = next_steps(actor, groups)
    context |= {"groups": groups, "steps": steps, "pages": pages, "count": len(pages) + _count(groups)}
    return render(request, "partials/search_panel.html", context)


def _question(request: ActorRequest) -> dict[str, Any]:
    if request.actor.is_user:
        raise NotFound()
    q = search_text(request.GET.get("q", ""))
    url = reverse("search")
    return {
        "q": q,
        "asked": request.GET.get("inside") == "1",
        "long_enough": len(q) >= SHORTEST_FRAGMENT,
        "all_url": f"{url}?{urlencode({'q': q})}" if q else url,
        "query": urlencode({"q": q, "inside": "1"}),
        "shown": SHOWN,
        "seconds": SECONDS,
    }


def _found_before(request: ActorRequest) -> int:
    """Return how much the first step found, as the second is told."""
    found = request.GET.get("found", "")
    return int(found) if re.fullmatch("[0-9]{1,3}", found) else 0


def _count(groups: list[Hits]) -> int:
    return sum(len(group.hits) for group in groups)
