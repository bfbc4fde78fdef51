"""The page of components: there with DEBUG only, and without a fault in either theme or width."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from mailadmin.core.templatetags.panel import MACROS
from tests.e2e.screens import LOOKS, cookies_of, faults
from tests.e2e.web import Web
from tests.servers.panel import Panel
from tests.servers.sqlite import SQLite

pytestmark = pytest.mark.slow

TEMPLATES = Path(settings.BASE_DIR) / "templates"
BOSS, PASSWORD = "boss@ops.example", "correct horse battery"


def test_is_not_there_in_production(client: Client) -> None:
    assert client.get("/styleguide/").status_code == 404


def test_no_partial_is_left_out() -> None:
    known = {path.name: path.read_text() for path in TEMPLATES.glob("partials/*")}
    reached: set[str] = set()
    open_ends = {"styleguide.html", "base.html", "base_plain.html"}
    while open_ends:
        name = open_ends.pop()
        text = known.get(name) or (TEMPLATES / name).read_text()
        named = {found for found in re.findall(r"[\w]+\.(?:html|jinja)", text) if found in known}
        tagged = {Path(path).name for path, tags in MACROS.items() if any(f"{{% {tag} " in text for tag in tags)}
        named |= tagged & known.keys()
        open_ends |= named - reached
        reached |= named
    assert known.keys() - reached == set()


def test_shows_every_component_without_a_fault(window: Callable[..., Any]) -> None:
    with Panel(SQLite().create_database("styleguide"), settings={"DEBUG": "1"}) as panel:
        panel.manage("admin_user", "create", BOSS, "--superadmin", "--password-stdin", stdin=PASSWORD)
        web = Web(panel.url).sign_in(BOSS, PASSWORD)
        for dark, viewport in LOOKS:
            view = window(base_url=panel.url, dark=dark, viewport=viewport)
            view.context.add_cookies(cookies_of(web))
            page = view.page()
            page.goto("/styleguide/")
            assert page.get_by_role("heading", level=1).inner_text() == "Style guide"
            assert faults(page) == []
