"""The database goes away under a running panel, and comes back."""

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError

from mailadmin.core.outage import is_away
from tests.e2e.screens import faults
from tests.e2e.web import Web
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel
from tests.servers.processes import wait_until

pytestmark = pytest.mark.slow

BOSS, PASSWORD = "boss@ops.example", "correct horse battery"


def test_a_killed_server_is_told_with_503(window: Callable[..., Any]) -> None:
    with MariaDB() as server, Panel(server.create_database("outage"), settings={"CONN_MAX_AGE": "60"}) as panel:
        panel.manage("admin_user", "create", BOSS, "--superadmin", "--password-stdin", stdin=PASSWORD)
        web = Web(panel.url).sign_in(BOSS, PASSWORD)
        token = web.token("/domains/new/")
        server.kill()
        for status, page in (web.get("/"), web.get("/domains/"), web.post("/domains/new/", token, domain="a.example")):
            assert status == 503
            assert "cannot reach its database" in page
        assert is_polite(panel, web)
        assert web.get("/healthz")[0] == 503
        looks_like_the_panel(panel, web, window)
        server.start()
        wait_until(lambda: web.get("/domains/")[0] == 200, "the panel to find its database again")
        assert "a.example" not in web.get("/domains/")[1]


def is_polite(panel: Panel, web: Web) -> bool:
    """The answer says when to come back, is kept by no cache, and carries the policy."""
    with pytest.raises(urllib.error.HTTPError) as raised:
        web.opener.open(urllib.request.Request(panel.url + "/domains/"), timeout=60)
    headers = raised.value.headers
    return (
        headers["Retry-After"] == "30"
        and "no-store" in headers["Cache-Control"]
        and "default-src 'none'" in headers["Content-Security-Policy"]
    )


def looks_like_the_panel(panel: Panel, web: Web, window: Callable[..., Any]) -> None:
    """The page has its style and its words, and no fault that axe finds."""
    view = window(base_url=panel.url, allowed=["503"])
    view.context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": web.url} for cookie in web.cookies])
    page = view.page()
    page.goto("/")
    assert page.get_by_role("heading", level=1).inner_text() == "The panel cannot reach its database"
    assert faults(page) == []


@pytest.mark.parametrize(
    "error",
    [ValueError("2006"), IntegrityError(1062, "Duplicate"), OperationalError(1054, "Unknown column"), DatabaseError()],
)
def test_other_errors_are_no_outage(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailadmin.core.outage.connection", type("Connection", (), {"vendor": "mysql"}))
    assert not is_away(error)
    assert is_away(OperationalError(2006, "Server has gone away")) and is_away(InterfaceError(0, ""))
