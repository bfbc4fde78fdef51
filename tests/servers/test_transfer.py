"""What a page costs: bytes as they come from the panel, without what the browser keeps."""

import gzip
import re
import urllib.request
from collections.abc import Iterator

import pytest

from tests.core.test_templatetags import ROOT
from tests.e2e.screens import PEOPLE, peopled_panel, session
from tests.e2e.web import Web
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.sqlite import SQLite

pytestmark = pytest.mark.slow

FIRST_VISIT, REPEATED, CSS, JS = 120_000, 15_000, 40_000, 20_000
PAGES = [
    "/",
    "/domains/",
    "/domains/example.com/",
    "/mailboxes/anna@example.com/",
    "/domains/example.com/mailboxes/new/",
]


def fetch(web: Web, path: str) -> tuple[bytes, str]:
    """Return what came over the wire, and it unpacked."""
    request = urllib.request.Request(web.url + path, headers={"Accept-Encoding": "gzip, br"})
    with web.opener.open(request, timeout=60) as answer:
        body: bytes = answer.read()
        packed = answer.headers["Content-Encoding"] == "gzip"
    return body, (gzip.decompress(body) if packed else body).decode(errors="replace")


def files_of(html: str) -> set[str]:
    return set(re.findall(r'<(?:link|script|img)\b[^>]*?(?:href|src)="(/[^"]+)"', html))


@pytest.fixture(scope="module")
def web(database_server: MariaDB | Postgres | SQLite) -> Iterator[Web]:
    with peopled_panel(database_server, "transfer") as panel:
        yield session(panel, PEOPLE["superadmin"])


@pytest.mark.parametrize("path", PAGES)
def test_a_first_visit_and_a_repeated_one_are_small(path: str, web: Web) -> None:
    page, html = fetch(web, path)
    assert len(page) < REPEATED
    files = files_of(html)
    assert len(files) >= 6
    assert len(page) + sum(len(fetch(web, file)[0]) for file in files) < FIRST_VISIT


@pytest.mark.parametrize(("files", "limit"), [("static/css/*.css", CSS), ("static/js/*.js", JS)])
def test_own_styles_and_scripts_are_small(files: str, limit: int) -> None:
    """As they are written, with their comments: what is served is smaller."""
    sizes = {path.name: path.stat().st_size for path in ROOT.glob(files)}
    assert 0 < sum(sizes.values()) < limit, sizes


def test_files_are_kept_by_browsers(web: Web) -> None:
    for file in files_of(fetch(web, "/")[1]):
        with web.opener.open(web.url + file, timeout=60) as answer:
            assert "immutable" in answer.headers["Cache-Control"], file
