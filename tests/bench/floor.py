"""What a page costs a panel in Django at least: an empty page with sign-in, the page's SQL, its rows in a bare table.

Served by gunicorn as the panel is, with the panel's account and Django's own sessions. Who asks is found by queries as
Django makes them: making their SQL once (mailadmin/core/prepared.py) is a part of what is measured. The SQL of each
page is read from the file that FLOOR_PAGES names (see tests/bench/capture.py) and goes to the driver as it is.
"""

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

from django.db import IntegrityError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import path

from mailadmin.core.prepared import Prepared

Prepared.__call__ = lambda self, *args: list(self._build(*args))  # type: ignore[method-assign, assignment]

PAGES: dict[str, list[list[str]]] = {}
_EMPTY = Engine().from_string("<!doctype html><title>{{ user.login }}</title>")
_TABLE = Engine().from_string(
    "<!doctype html><title>{{ user.login }}</title><table>"
    "{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
)


def load() -> None:
    """Read the SQL again: pages are captured after this server has started."""
    PAGES.update(json.loads(Path(os.environ["FLOOR_PAGES"]).read_text()))


def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def empty(request: HttpRequest) -> HttpResponse:
    """Answer an empty page to somebody signed in."""
    return HttpResponse(_EMPTY.render(Context({"user": request.user})))


def floor(request: HttpRequest, number: str) -> HttpResponse:
    """Answer the rows of a page; headers tell the seconds of its SQL and of its template."""
    if not PAGES:
        load()
    user = request.user
    variants = PAGES[number]
    statements = variants[int(request.GET.get("turn", "0")) % len(variants)]
    started = time.perf_counter()
    rows = _replay(statements)
    asked = time.perf_counter()
    page = _TABLE.render(Context({"user": user, "rows": rows}))
    done = time.perf_counter()
    return HttpResponse(page, headers={"X-SQL": str(asked - started), "X-Template": str(done - asked)})


def _replay(statements: list[str]) -> list[tuple[Any, ...]]:
    connection.ensure_connection()
    cursor = connection.connection.cursor()
    rows: list[tuple[Any, ...]] = []
    for statement in statements:
        # The row that a save inserts is there already, for the panel has just made it; the last question of a page that
        # looks through rows for a second is stopped then.
        with contextlib.suppress(IntegrityError, OperationalError), connection.wrap_database_errors:
            cursor.execute(statement)
            if cursor.description:
                rows += cursor.fetchall()
    cursor.close()
    # PostgreSQL goes on refusing everything after an error.
    connection.connection.rollback()
    return rows


urlpatterns = [
    path("healthz", healthz),
    path("empty/", empty),
    path("floor/<str:number>/", floor),
]
