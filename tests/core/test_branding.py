"""White label: what the settings put on the pages, and what they refuse."""

from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from mailadmin.accounts.credentials import AccountKind
from mailadmin.core import branding
from tests.core.test_templatetags import EDGE_PAIRS, TEXT_PAIRS, colours
from tests.people import admin_client, make_domains, make_mailboxes, signed_in
from tests.servers.panel import ROOT, Panel

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4"/></svg>'


def test_the_backgrounds_are_those_of_the_stylesheet() -> None:
    known = colours()
    assert {name: known[name] for name in branding.BACKGROUNDS} == branding.BACKGROUNDS


@given(st.integers(0, 0xFFFFFF), st.one_of(st.none(), st.integers(0, 0xFFFFFF)))
def test_an_accent_is_refused_or_can_be_read_everywhere(light: int, dark: int | None) -> None:
    text = f"#{light:06x}" if dark is None else f"#{light:06x},#{dark:06x}"
    try:
        accent = branding.parse_accent(text)
    except ValueError:
        return
    assert accent
    shown = colours() | branding.tokens(accent)
    for theme in (0, 1):
        for front, back in TEXT_PAIRS:
            assert round(branding.contrast(shown[front][theme], shown[back][theme]), 2) >= 4.5, (text, front, back)
        for front, back in EDGE_PAIRS:
            assert round(branding.contrast(shown[front][theme], shown[back][theme]), 2) >= 3, (text, front, back)


@pytest.mark.parametrize("text", ["teal", "#123", "#0b6e6", "#0b6e66,", "#0b6e66,#4fcfc0,#ffffff", "#0b6e66;}"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not of the form"):
        branding.parse_accent(text)


def test_a_faint_accent_stops_the_start_with_one_line_that_names_the_ratio() -> None:
    with_accent = Panel("sqlite:///:memory:", settings={"MAILADMIN_ACCENT": "#ffcc00"})
    status, _out, told = with_accent.manage_status("check")
    assert status == 1
    assert told.strip().count("\n") == 0
    assert "MAILADMIN_ACCENT: #ffcc00 has a contrast of 1.29 to 1 with #e4eefc in the light theme" in told


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", "webmail.example", 'https://x/"><b>'])
def test_a_link_that_no_browser_should_follow_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="no address that begins with"):
        branding.check_link(url)


def test_a_logo_is_a_small_picture(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(SVG)
    (tmp_path / "large.png").write_bytes(b"x" * (branding.MAX_LOGO + 1))
    (tmp_path / "logo.html").write_text("<b>")
    assert branding.check_logo("", ROOT) == ""
    assert branding.check_logo("logo.svg", tmp_path) == str(tmp_path / "logo.svg")
    for name in ("large.png", "logo.html", "absent.svg"):
        with pytest.raises(ValueError, match=name):
            branding.check_logo(name, tmp_path)


@pytest.fixture
def labelled(settings: Any, tmp_path: Path) -> Any:
    logo = tmp_path / "logo.svg"
    logo.write_text(SVG)
    settings.MAILADMIN_NAME = "Nordlicht <Mail>"
    settings.MAILADMIN_LOGO = str(logo)
    settings.MAILADMIN_ACCENT = branding.parse_accent("#1d4ed8")
    settings.MAILADMIN_FOOTER_TEXT = "Imprint & privacy"
    settings.MAILADMIN_FOOTER_LINK = "https://nordlicht.example/imprint"
    settings.MAILADMIN_SIGNIN_TEXT = "Call 555-0100 when stuck."
    settings.MAILADMIN_WEBMAIL_URL = "https://webmail.nordlicht.example/"
    return settings


def files_of(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('"/brand')[1:]]


@pytest.mark.django_db
def test_every_page_carries_the_brand(labelled: Any, client: Client) -> None:
    make_domains("example.com")
    make_mailboxes("anna@example.com")
    pages = {
        "login": client.get("/login/").content.decode(),
        "admin": admin_client("alice@ops.example", superadmin=True).get("/").content.decode(),
        "user": signed_in(AccountKind.MAILBOX, "anna@example.com").get("/account/").content.decode(),
        "error": render_to_string("500.html"),
    }
    for name, page in pages.items():
        assert "Nordlicht &lt;Mail&gt;</title>" in page, name
        assert "Mailadmin" not in page, name
        assert '<a href="https://nordlicht.example/imprint">Imprint &amp; privacy</a>' in page, name
        for address in files_of(page):
            answer = client.get(f"/brand{address}")
            assert answer.status_code == 200
            assert "immutable" in answer["Cache-Control"]
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert len(files_of(page)) == 3, name
    assert "Call 555-0100" in pages["login"]
    assert 'href="https://webmail.nordlicht.example/"' in pages["user"]
    assert "webmail" not in pages["admin"]


def test_the_accent_reaches_the_stylesheet(labelled: Any, client: Client) -> None:
    answer = client.get("/brand.css")
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert "--accent: light-dark(#1d4ed8, #" in answer.content.decode()
    before = branding.brand().css_url
    labelled.MAILADMIN_ACCENT = branding.parse_accent("#b01f24")
    assert branding.brand().css_url != before


def test_without_settings_there_is_nothing_to_fetch(client: Client) -> None:
    assert files_of(render_to_string("404.html")) == []
    assert client.get("/brand.css").content == b""
    assert "<footer" not in render_to_string("404.html")
