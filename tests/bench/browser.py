"""A browser as small as can be: its own time must not count."""

import http.client
import re
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from tests.servers.processes import HOST, ServerError

TIMEOUT = 300
_CSRF = "mailadmin_csrf"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and after how many seconds, the whole body read."""

    status: int
    body: bytes
    seconds: float
    headers: Mapping[str, str]


class Browser:
    """One kept-alive connection with cookies. Asks for no compression, which nothing here needs."""

    def __init__(self, port: int) -> None:
        self.cookies: dict[str, str] = {}
        self._connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT)

    def ask(self, path: str, data: Mapping[str, str] | None = None) -> Answer:
        """Send one request, a POST where there is data; redirects are not followed."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if data is not None:
            body = urllib.parse.urlencode(data).encode()
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": self.cookies.get(_CSRF, "")}
        try:
            return self._send(path, body, headers)
        except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest):
            # The server closes connections that were kept for long.
            self._connection.close()
            return self._send(path, body, headers)

    def _send(self, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        started = time.perf_counter()
        self._connection.request("POST" if body is not None else "GET", path, body, dict(headers))
        response = self._connection.getresponse()
        text = response.read()
        seconds = time.perf_counter() - started
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, _equals, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return Answer(response.status, text, seconds, dict(response.headers.items()))

    def sign_in(self, username: str, password: str) -> None:
        """Sign in to the panel."""
        self.ask("/login/")
        answer = self.ask("/login/", {"username": username, "password": password})
        if answer.status != 302:
            raise ServerError(f"the panel refuses {username}: {answer.status}")

    def sign_in_to_peer(self, username: str, password: str, page: str = "/login.php") -> None:
        """Sign in to PostfixAdmin."""
        token = peer_token(self.ask(page).body)
        fields = {"token": token, "fUsername": username, "fPassword": password, "lang": "en"}
        if self.ask(page, fields).status != 302:
            raise ServerError(f"PostfixAdmin refuses {username}")


def peer_token(page: bytes) -> str:
    """Return the token of PostfixAdmin's forms."""
    found = re.search(rb'name="token" value="([^"]+)"', page) or re.search(rb"token=([0-9a-f.]+)", page)
    return found[1].decode() if found else ""


class _Fields(HTMLParser):
    """The values of the form that has a field of the name."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted
        self.forms: list[dict[str, str]] = []
        self._text = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        name = values.get("name", "")
        if tag == "form":
            self.forms.append({})
        elif not self.forms:
            return
        elif tag == "input" and name:
            kind = values.get("type", "text")
            if kind not in ("checkbox", "radio", "submit", "button") or "checked" in values:
                self.forms[-1][name] = values.get("value", "on")
        elif tag == "textarea":
            self._text = name
            self.forms[-1][name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in values:
            self.forms[-1][self._select] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.forms[-1][self._text] += data


def form_values(page: bytes, field: str) -> dict[str, str]:
    """Return what the form with that field would send."""
    parser = _Fields(field)
    parser.feed(page.decode(errors="replace"))
    for form in parser.forms:
        if field in form:
            return form
    raise ServerError(f"no form with {field}:\n{page[:3000].decode(errors='replace')}")
