"""The language of the sign-in page, chosen in the browser, with JavaScript and without."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.screens import faults
from tests.servers.panel import Panel

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("javascript", "viewport", "dark"), [(True, (390, 844), False), (False, (1280, 900), True)])
def test_a_language_is_chosen_and_stays(
    panel: Panel, window: Callable[..., Any], javascript: bool, viewport: tuple[int, int], dark: bool
) -> None:
    page = window(
        base_url=panel.url, javascript=javascript, viewport=viewport, dark=dark, locale="it-IT", has_touch=True
    ).page()
    page.goto("/login/?next=/log/")
    expect(page.locator("html")).to_have_attribute("lang", "it")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert page.locator("form.form input[name=next]").get_attribute("value") == "/log/"
    if javascript:
        assert faults(page) == []
    page.goto("/nothing/")
    expect(page.locator("html")).to_have_attribute("lang", "de")
