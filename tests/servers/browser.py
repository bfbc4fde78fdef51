"""A real browser: Debian's Chromium, headless, driven by Playwright."""

import os
import re
from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser as PlaywrightBrowser,
)
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Response,
    sync_playwright,
)

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
# A page, or a fragment of one, that the server refuses (422, 403, 404) is an answer to test, not a broken page.
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


class Window:
    """One person's browser: own cookies, and the list of what went wrong in its pages.

    `problems` collects console errors (violations of the content security policy are among them), uncaught exceptions,
    answers of 500 and above, and requests that leave this machine.
    """

    def __init__(self, context: BrowserContext, allowed: Sequence[str]) -> None:
        self.context = context
        self.problems: list[str] = []
        self._allowed = [re.compile(pattern) for pattern in allowed]
        self._answers: set[str] = set()
        context.set_default_timeout(15_000)
        context.on("console", self._console)
        context.on("weberror", lambda error: self._problem(f"uncaught: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def _problem(self, text: str) -> None:
        if not any(pattern.search(text) for pattern in self._allowed):
            self.problems.append(text)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        url = str(message.location.get("url", ""))
        if REFUSED.search(message.text) and url in self._answers:
            return
        self._problem(f"console: {message.text} ({url})")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname not in ("127.0.0.1", "localhost"):
            self._problem(f"request to the outside: {request.url}")

    def _response(self, response: Response) -> None:
        if response.request.resource_type in ("document", "xhr", "fetch"):
            self._answers.add(response.url)
        if response.status >= 500:
            self._problem(f"{response.status}: {response.url}")

    def page(self) -> Page:
        """Open a new tab."""
        return self.context.new_page()

    def check(self) -> None:
        """Raise AssertionError if anything went wrong in a page."""
        assert not self.problems, "the browser complains:\n" + "\n".join(self.problems)

    def close(self) -> None:
        self.context.close()


class Browser:
    """Chromium; started on the first use, one for the whole run.

    Playwright runs an event loop in this thread, so Django's ORM needs DJANGO_ALLOW_ASYNC_UNSAFE beside it; conftest
    sets it.
    """

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: PlaywrightBrowser | None = None

    def start(self) -> Self:
        if self._browser is None:
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(
                executable_path=CHROMIUM, headless=True, chromium_sandbox=os.geteuid() != 0, args=FLAGS
            )
        return self

    def stop(self) -> None:
        if self._browser is not None:
            self._browser.close()
            self._browser = None
        if self._playwright is not None:
            self._playwright.stop()
            self._playwright = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def window(
        self,
        *,
        base_url: str = "",
        viewport: tuple[int, int] = (1280, 900),
        dark: bool = False,
        javascript: bool = True,
        ignore_https: bool = False,
        locale: str = "en-GB",
        time_zone: str = "UTC",
        reduced_motion: bool = True,
        allowed: Sequence[str] = (),
        **options: Any,
    ) -> Window:
        """Open a window with its own cookies.

        viewport: width and height in CSS pixels.
        ignore_https: accept a certificate that Chromium does not know, such as the test authority's.
        allowed: patterns of complaints that this test expects.
        options: more of Playwright's `new_context`.
        """
        self.start()
        assert self._browser is not None
        context = self._browser.new_context(
            base_url=base_url or None,
            viewport={"width": viewport[0], "height": viewport[1]},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            ignore_https_errors=ignore_https,
            locale=locale,
            timezone_id=time_zone,
            reduced_motion="reduce" if reduced_motion else "no-preference",
            **options,
        )
        return Window(context, allowed)
