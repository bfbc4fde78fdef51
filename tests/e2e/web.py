"""A browser's cookies and forms without the browser: plain HTTP for tests of many requests at once."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from typing import NamedTuple, Self


class Answer(NamedTuple):
    """What came back after redirects: the status, the address and the type of what is there."""

    status: int
    url: str
    content_type: str


_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Web:
    """One person's session with a panel at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> tuple[int, str]:
        """Return the status and the page after redirects."""
        return self._open(urllib.request.Request(self.url + path))

    def head(self, path: str) -> Answer:
        """Return what is there without its content, refusals too."""
        request = urllib.request.Request(self.url + path, method="HEAD")
        try:
            answer = self.opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Answer(answer.status, answer.url, answer.headers.get_content_type())

    def post(self, path: str, token: str = "", **fields: str) -> tuple[int, str]:
        """Send a form; without `token`, the page at the path is fetched first for one."""
        found = token or self.token(path)
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": found, **fields}).encode()
        return self._open(urllib.request.Request(self.url + path, data=data))

    def token(self, path: str) -> str:
        match = _TOKEN.search(self.get(path)[1])
        assert match, f"{path} has no form"
        return match[1]

    def sign_in(self, username: str, password: str) -> Self:
        """Sign in; as the admin, where the name and password fit an admin and a mailbox."""
        status, page = self.post("/login/", username=username, password=password)
        if 'name="kind"' in page:
            status, page = self.post("/login/", kind="admin")
        assert status == 200, page
        assert "/logout/" in page, "not signed in"
        return self

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
