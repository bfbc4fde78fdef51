"""What a browser gets when something broke: pages that need neither a database nor a session."""

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers

from mailadmin.core.outage import is_away

RETRY_AFTER = 30
"""Seconds after which a program may try again."""


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an exception that nobody caught: 503 while the database is away, else 500."""
    away = is_away(sys.exc_info()[1])
    status = 503 if away else 500
    response = HttpResponse(render_to_string(f"{status}.html"), status=status)
    if away:
        response["Retry-After"] = str(RETRY_AFTER)
    add_never_cache_headers(response)
    return response
