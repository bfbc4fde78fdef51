"""Answers to a field while it is typed. They come from the functions that judge the whole form."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from mailadmin.core.addresses import readable
from mailadmin.core.errors import Invalid

_LONGEST = 300


def typed_text(request: HttpRequest, name: str) -> str:
    """Return what the field holds so far, no longer than an address can be."""
    return request.GET.get(name, "").strip()[:_LONGEST]


def availability(request: HttpRequest, typed: str, check: Callable[[], object], *, form_url: str) -> HttpResponse:
    """Say whether what is typed can be had: `check` returns what it would become, or raises Invalid that says why not.

    The answer is a fragment; whoever opens it as a page gets the form, at `form_url`.
    """
    if "HX-Request" not in request.headers:
        return redirect(form_url)
    context = {}
    if typed:
        try:
            stored = str(check())
            context = {"free": readable(stored), "stored": stored}
        except Invalid as error:
            context = {"problem": error.message}
    return render(request, "partials/availability.html", context)
