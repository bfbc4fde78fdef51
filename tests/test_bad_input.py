"""Bad input into every field of every form, every parameter of every list and every part of every address: never a 500.

Forms are read from the pages themselves, so that a new one is tried without anybody thinking of it. Each field and
parameter gets a third of the values, its neighbours the others; all of them with TEST_WHOLE=1.
"""

import os
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

from mailadmin.accounts.credentials import AccountKind
from tests.conftest import ENGINE
from tests.operations.cases import PASSWORD, populate
from tests.people import signed_in
from tests.test_walk import PUBLIC, all_routes, fill, rows

BAD = [
    "",
    " ",
    "x" * 300,
    "x" * 70_000,
    "a\x00b",
    "a\x1b[31mb",
    "line\r\nX-Injected: yes",
    "\u2028\u202e\ufeff",
    "'; DROP TABLE mailbox; --",
    '"\\',
    "<script>alert(1)</script>",
    "100%",
    "%s %(name)s {0} ${x}",
    "_",
    "a@b@example.com",
    "ANNA@EXAMPLE.COM",
    "usér@example.com",
    "anna@exämple.com",
    "😀",
    "../../etc/passwd",
    "-1",
    "0",
    "1e309",
    "NaN",
    "99999999999999999999999999",
    "2026-13-45T99:99",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "@",
    "@example.com",
    "xn--",
    "ALL",
]
FOR_COLUMNS = {
    "",
    "x" * 300,
    "a\x00b",
    "%s %(name)s {0} ${x}",
    "usér@example.com",
    "😀",
    "-1",
    "99999999999999999999999999",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
}
"""What a column or a driver could choke on: tried on every database. The rest is refused before there is any SQL."""
if ENGINE != "mysql":
    BAD = [bad for bad in BAD if bad in FOR_COLUMNS]
PARTS = 1 if os.environ.get("TEST_WHOLE") or ENGINE != "mysql" else 3
_PAGING = ["sort", "after", "before", "size", "columns", "format"]
LISTS = {
    "/domains/": ["q", "state", *_PAGING],
    "/domains/example.com/mailboxes/": ["q", "state", *_PAGING],
    "/domains/example.com/aliases/": ["q", "state", *_PAGING],
    "/domains/example.com/alias-domains/": ["q", "state", *_PAGING],
    "/domains/example.com/admins/": ["sort", "after", "before", "size"],
    "/admins/": ["q", "show", *_PAGING],
    "/log/": ["who", "domain", "action", "target", "from", "until", *_PAGING],
    "/domains/example.com/log/": ["who", "action", "target", "from", "until", *_PAGING],
    "/search/": ["q", "inside", "found"],
}
"""The lists, and the parameters that each reads."""
LIST_PARAMETERS = sorted({name for names in LISTS.values() for name in names} | {"next"})
# What the form carries along.
NOT_TRIED = {"csrfmiddlewaretoken", "next"}
OTHER_ADDRESSES = [
    "%00",
    "a%00@example.com",
    "%ff",
    "usér",
    "😀@example.com",
    "a@b@c",
    "..%2f..",
    "x" * 400,
    "%0a",
    "*",
    "%",
    "'",
]


def bad_for(place: int) -> list[str]:
    """Return the values for the field or parameter that is in this place of its form or list."""
    return BAD[place % PARTS :: PARTS]


class Forms(HTMLParser):
    """The forms of a page: where each is sent and what its fields hold."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.posts = False
        self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        name = values.get("name", "")
        if tag == "form":
            self.posts = values.get("method", "get").lower() == "post"
            if self.posts:
                self.forms.append((values.get("action", ""), {}))
        elif self.posts and name and tag in ("input", "select", "textarea", "button"):
            checked = values.get("type") not in ("checkbox", "radio") or "checked" in values
            self.forms[-1][1].setdefault(name, values.get("value", "") if checked else "")
            self.area = name if tag == "textarea" else ""

    def handle_data(self, data: str) -> None:
        if self.area and self.posts:
            self.forms[-1][1][self.area] = data.strip("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.posts = False
        self.area = ""


def forms_of(client: Client, path: str) -> list[tuple[str, dict[str, str]]]:
    answer = client.get(path)
    if answer.status_code != 200 or "html" not in answer.get("Content-Type", ""):
        return []
    parser = Forms()
    parser.feed(answer.content.decode())
    return [(action or path, fields) for action, fields in parser.forms if not action.startswith("/logout/")]


@pytest.fixture
def alice(db: None) -> Client:
    populate()
    return signed_in(AccountKind.ADMIN, "alice@ops.example")


@pytest.fixture
def berta(db: None) -> Client:
    populate()
    return signed_in(AccountKind.MAILBOX, "berta@example.com")


PAGES = sorted({fill(route) for name, route in all_routes() if name not in PUBLIC})


@pytest.mark.parametrize("path", PAGES)
def test_no_field_of_any_form_breaks(path: str, alice: Client) -> None:
    before = rows()
    for action, fields in forms_of(alice, path):
        for place, name in enumerate(sorted(fields.keys() - NOT_TRIED)):
            accepted = False
            for bad in bad_for(place + len(path)):
                status = alice.post(action, {**fields, name: bad}).status_code
                assert status in (200, 302, 400, 404, 429), f"{action} {name}={bad[:40]!r}: {status}"
                accepted = accepted or status == 302
            if accepted:
                before = rows()
            assert rows() == before, f"{action} {name} was refused and yet written"
            if alice.get("/healthz").wsgi_request.actor.kind != "superadmin":  # type: ignore[attr-defined]
                return  # The last post changed the account that is signed in.


@pytest.mark.parametrize("path", ["/account/", "/account/password/", "/account/vacation/"])
def test_no_field_of_a_mailbox_user_breaks(path: str, berta: Client) -> None:
    for action, fields in forms_of(berta, path):
        for place, name in enumerate(fields):
            for bad in bad_for(place):
                status = berta.post(action, {**fields, name: bad}).status_code
                assert status in (200, 302, 400, 404, 429), f"{action} {name}={bad[:40]!r}: {status}"


@pytest.mark.parametrize("bad", [bad for bad in BAD if len(bad) < 1000])
def test_no_parameter_of_any_page_breaks(bad: str, alice: Client) -> None:
    """Each value in every parameter at once, and alone in the one that its turn brings."""
    for number, path in list(enumerate(PAGES, start=BAD.index(bad)))[BAD.index(bad) % PARTS :: PARTS]:
        alone = LIST_PARAMETERS[number % len(LIST_PARAMETERS)]
        for query in (dict.fromkeys(LIST_PARAMETERS, bad), {alone: bad}):
            status = alice.get(path, query).status_code
            assert status in (200, 302, 400, 404, 405), f"{path} {query}: {status}"


@pytest.mark.parametrize("path", LISTS)
def test_no_parameter_of_any_list_breaks(path: str, alice: Client) -> None:
    for place, name in enumerate(LISTS[path]):
        for bad in bad_for(place + len(path)):
            if len(bad) < 1000:  # A longer address is no server's business.
                status = alice.get(path, {name: bad}).status_code
                assert status in (200, 302, 400, 404), f"{path}?{name}={bad!r}: {status}"


def test_no_part_of_any_address_breaks(alice: Client) -> None:
    before = rows()
    for name, route in all_routes():
        if name in PUBLIC or "<" not in route:
            continue
        for present in ("example.com", "anna@example.com", "info@example.com", "bob@example.com", "alias.example"):
            path = fill(route)
            if present not in path:
                continue
            for odd in OTHER_ADDRESSES[len(route) % PARTS :: PARTS]:
                changed = path.replace(present, odd)
                for method in ("get", "post"):
                    status = getattr(alice, method)(changed).status_code
                    assert status in (302, 400, 403, 404, 405), f"{method} {changed}: {status}"
    assert rows() == before


def test_no_file_is_kept_that_nobody_asked_for() -> None:
    large = SimpleUploadedFile("large", b"x" * (settings.FILE_UPLOAD_MAX_MEMORY_SIZE + 1))
    request = RequestFactory().post("/login/", {"username": "x", "file": large})
    assert request.POST["username"] == "x"
    assert not request.FILES


@pytest.mark.parametrize("bad", BAD)
def test_sign_in_refuses_calmly(bad: str, db: None) -> None:
    populate()
    for fields in ({"username": bad, "password": PASSWORD}, {"username": "anna@example.com", "password": bad}):
        answer = Client().post("/login/", fields)
        # A name may be typed in capitals.
        expected = 302 if fields["username"].lower() == "anna@example.com" and fields["password"] == PASSWORD else 200
        assert answer.status_code == expected
