"""Every address of the panel, as everybody: nobody sees or changes what is not theirs; foreign looks like absent."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from mailadmin.accounts.credentials import AccountKind
from tests.operations.cases import populate
from tests.operations.test_every_operation import everything
from tests.people import admin_client, signed_in

# Open to strangers.
PUBLIC = {"language", "login", "logout", "healthz", "set_up", "set_up_done", "set_up_strength", "phone_set_up"}
PUBLIC |= {"recover", "recover_asked"}
# About whoever is signed in, or about everything in their scope: there is nobody else's object in the address.
OWN = {"account", "account_password", "account_vacation", "dashboard", "log", "search", "domain_list"}
OWN |= {"password_strength", "search_panel", "account_vacation_off", "account_forwarding"}
OWN |= {"account_mail_programs", "account_recovery", "account_history", "account_not_me"}
OWN |= {"account_app_passwords", "account_app_password_create", "account_app_passwords_only"}
OWN |= {"own_alias_list", "own_alias_create", "own_alias_check"}

# What stands in an address, of the domain that bob administers; and the same of nothing that exists.
OBJECTS = {
    "domain": ("example.com", "absent.example"),
    "alias_domain": ("alias.example", "absent.example"),
    "username": ("bob@example.com", "nobody@example.com"),
    "mailbox": ("anna@example.com", "nobody@example.com"),
    "alias": ("info@example.com", "nobody@example.com"),
    "own_alias": ("anna-shop@example.com", "nobody@example.com"),
    "token": ("link-of-berta", "link-of-nobody"),
    "job": ("job-of-bob", "job-of-nobody"),
    "app_password": ("1001", "1002"),
}
# Rows that signing in and reading pages may touch.
_BESIDE = {"django_session", "mailadmin_account", "mailadmin_throttle", "mailadmin_audit_event"}
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")

# Files, the same for everybody.
ADDRESSES_LEFT_OUT = {"static", "brand_css", "brand_logo", "phone_profile"}


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name and route of every address."""
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        elif isinstance(entry, URLPattern) and entry.name not in ADDRESSES_LEFT_OUT:
            assert entry.name, f"{route} has no name"
            yield entry.name, route


def fill(route: str, *, absent: bool = False, objects: Mapping[str, tuple[str, str]] = OBJECTS) -> str:
    """Return the address with objects put in."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name == "address":
            name = "alias" if route.startswith("aliases/") else "mailbox"
            name = "own_alias" if route.startswith("account/aliases/") else name
        return objects[name][absent]

    return "/" + _PARAMETER.sub(value, route)


def all_routes() -> list[tuple[str, str]]:
    return sorted(set(patterns(get_resolver())))


def rows() -> dict[str, list[Any]]:
    return {table: content for table, content in everything().items() if table not in _BESIDE}


def page(client: Client, path: str, method: str) -> tuple[int, str]:
    """Return status and page without what differs between any two answers: tokens and the object's name."""
    answer = client.get(path) if method == "get" else client.post(path, {"active": "0", "name": "X", "subject": "X"})
    text = answer.content.decode(errors="replace")
    text = re.sub(r'(name="csrfmiddlewaretoken" value|name="csrf-token" content)="[^"]*"', "", text)
    for present, absent in OBJECTS.values():
        for name in (present, absent):
            for shown in (name, name.replace("@", "@<wbr>"), name.replace("@", "%40")):
                text = text.replace(shown, "…")
    return answer.status_code, text


@pytest.fixture
def world(db: None) -> None:
    populate()


@pytest.fixture
def alice(world: None) -> Client:
    return signed_in(AccountKind.ADMIN, "alice@ops.example")


@pytest.fixture
def bob(world: None) -> Client:
    return signed_in(AccountKind.ADMIN, "bob@example.com")


@pytest.fixture
def charlie(world: None) -> Client:
    return admin_client("charlie@third.example", domains=["third.example"])


@pytest.fixture
def berta(world: None) -> Client:
    """A mailbox user of the same domain."""
    return signed_in(AccountKind.MAILBOX, "berta@example.com")


def test_the_walk_knows_every_kind_of_address() -> None:
    routes = all_routes()
    assert len(routes) > 40
    for _name, route in routes:
        fill(route)
    named = {name for name, _route in routes}
    assert named >= PUBLIC | OWN


def test_a_stranger_is_asked_to_sign_in(client: Client, world: None) -> None:
    before = rows()
    for name, route in all_routes():
        if name in PUBLIC:
            continue
        for method in ("get", "post"):
            for absent in (False, True):
                answer = getattr(client, method)(fill(route, absent=absent))
                if answer.status_code == 405:
                    continue  # Nothing there answers to this method, whoever asks.
                assert answer.status_code == 302, f"{method} {route}: {answer.status_code}"
                assert answer["Location"].startswith("/login/"), f"{method} {route}"
    assert rows() == before


@pytest.mark.parametrize("who", ["charlie", "berta"])
def test_foreign_looks_like_absent(who: str, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)
    before = rows()
    for name, route in all_routes():
        if name in PUBLIC | OWN or "<" not in route:
            continue
        for method in ("get", "post"):
            foreign = page(client, fill(route), method)
            missing = page(client, fill(route, absent=True), method)
            assert foreign[0] in (403, 404, 405), f"{who} {method} {route}: {foreign[0]}"
            assert foreign == missing, f"{who} {method} {route} tells foreign from absent"
    assert rows() == before


def test_a_mailbox_user_has_no_admin_pages(berta: Client) -> None:
    before = rows()
    for name, route in all_routes():
        if name in PUBLIC | OWN or "<" in route:
            continue
        for method in ("get", "post"):
            status, _page = page(berta, fill(route), method)
            assert status in (403, 404, 405), f"{method} {route}: {status}"
    for path in ("/domains/", "/log/", "/search/?q=anna"):
        text = page(berta, path, "get")[1]
        assert "anna@" not in text
        assert "info@" not in text
    assert rows() == before


SUPERADMIN_ONLY = re.compile(r"^(admin_|domain_(create|edit|settings|toggle|delete|admin|grant|revoke))")


def test_a_domain_admin_does_not_get_what_is_a_superadmins(bob: Client) -> None:
    before = rows()
    for name, route in all_routes():
        if SUPERADMIN_ONLY.match(name):
            status, _page = page(bob, fill(route), "post")
            assert status in (403, 404, 405), f"post {route}: {status}"
    assert rows() == before


def test_a_domain_admin_reaches_every_page_of_the_domain(bob: Client) -> None:
    for name, route in all_routes():
        if name in PUBLIC or SUPERADMIN_ONLY.match(name) or name.startswith("admin_"):
            continue
        status, _page = page(bob, fill(route), "get")
        assert status in (200, 302, 403, 404, 405), f"{route}: {status}"
        if name in ("mailbox_list", "mailbox_detail", "alias_list", "alias_detail", "domain_detail", "mailbox_edit"):
            assert status == 200, f"{route}: {status}"


def test_a_superadmin_reaches_every_page(alice: Client) -> None:
    for _name, route in all_routes():
        status, text = page(alice, fill(route), "get")
        own = status == 404 and route.startswith("account/")  # What only mailbox users have.
        assert status in (200, 302, 405) or own, f"{route}: {status}"
        assert "Traceback" not in text


def test_every_answer_to_a_person_is_kept_by_no_cache(alice: Client) -> None:
    for name, route in all_routes():
        if name not in ("healthz",):
            answer = alice.get(fill(route))
            if answer.status_code == 405:
                continue
            assert "no-store" in answer.get("Cache-Control", ""), route
            assert "default-src 'none'" in answer.get("Content-Security-Policy", ""), route
