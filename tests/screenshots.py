"""`make screenshots`: every screen of the demo in both themes and widths, as files under var/screenshots/."""

import os
import shutil
import sys

import django

from tests.servers.browser import Browser
from tests.servers.panel import ROOT, SETTINGS

TARGET = ROOT / "var/screenshots"


def main(names: list[str]) -> None:
    """Render the screens of these names, all without names."""
    from tests.e2e.demo import demo_panel

    if not names:
        shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True, exist_ok=True)
    with demo_panel() as panel, Browser() as browser:
        render(panel.url, browser, names)
    print(f"{len(list(TARGET.glob('*.png')))} screenshots in {TARGET}")  # noqa: T201


def render(url: str, browser: Browser, names: list[str]) -> None:
    from tests.e2e.demo import OBJECTS, PASSWORD, PEOPLE
    from tests.e2e.screens import LOOKS, WIDE, cookies_of, screens
    from tests.e2e.web import Web

    for role, username in {"": "", **PEOPLE}.items():
        web = Web(url)
        if username:
            web.sign_in(username, PASSWORD)
        shown = [screen for screen in screens({role: web}, OBJECTS) if not names or screen.name in names]
        for dark, viewport in LOOKS:
            view = browser.window(base_url=url, dark=dark, viewport=viewport)
            view.context.add_cookies(cookies_of(web))
            page = view.page()
            look = f"{'dark' if dark else 'light'}-{'wide' if viewport == WIDE else 'phone'}"
            for screen in shown:
                page.set_viewport_size({"width": viewport[0], "height": viewport[1]})
                page.goto(screen.path)
                # A search brings what takes longer by itself.
                page.locator("[hx-trigger=load]").wait_for(state="detached")
                # A window as tall as the page: what is fixed to its foot shall not stand in the middle.
                tall = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": viewport[0], "height": max(viewport[1], tall)})
                page.screenshot(path=TARGET / f"{screen.label}-{look}.png")
            view.close()


if __name__ == "__main__":
    os.environ.update(SETTINGS, PLAIN_STATIC="1", DJANGO_SETTINGS_MODULE="mailadmin.settings")
    django.setup()
    main(sys.argv[1:])
