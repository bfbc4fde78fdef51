"""What a domain name and an address look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailadmin.core.addresses import (
    address_key,
    domain_key,
    parse_address,
    parse_alias_address,
    parse_domain,
    parse_mailbox_local_part,
    parse_target,
    readable,
    readable_domain,
)
from mailadmin.core.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("example.com", "example.com"),
        (" Example.COM ", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("a-b.c1.example", "a-b.c1.example"),
    ],
)
def test_domain_is_stored_as_lower_case_a_labels(typed: str, stored: str) -> None:
    assert parse_domain(typed) == stored


BAD_DOMAINS = [
    "",
    " ",
    "example",
    "example.",
    ".example",
    "a..b",
    "-a.example",
    "a-.example",
    "a_b.example",
    "exa mple.com",
    "a@b.example",
    "../etc/passwd",
    "a/b.example",
    "example.com\x00",
    "example.com\nx",
    "1.2.3.4",
    f"{'a' * 64}.example",
    f"{'a.' * 130}example",
    "😀.example",
    "xn--\xff.example",
    "xn--zzzzzzzzz-.example",
    "<b>.example",
    "a'b.example",
    "%.example",
    "*.example",
]


@pytest.mark.parametrize("typed", BAD_DOMAINS)
def test_bad_domain_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_domain(typed, "target_domain")
    assert caught.value.messages.keys() == {"target_domain"}


@pytest.mark.parametrize("typed", ["Anna", "o'brien", "a.b-c_d", "sales&co", "x" * 64])
def test_mailbox_local_part(typed: str) -> None:
    assert parse_mailbox_local_part(typed) == typed.lower()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        ".a",
        "a.",
        "a..b",
        "a/b",
        "../a",
        "a+b",
        "a@b",
        "a b",
        'a"b',
        "a%b",
        "a!b",
        "usér",
        "😀",
        "a\x00",
        "a\nb",
        "x" * 65,
        "*",
    ],
)
def test_bad_mailbox_local_part(typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_mailbox_local_part(typed)
    assert caught.value.messages.keys() == {"local_part"}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("*@Example.com", "@example.com"),
        ("@example.com", "@example.com"),
        ("List+a@bücher.example", "list+a@xn--bcher-kva.example"),
    ],
)
def test_alias_address(typed: str, stored: str) -> None:
    assert str(parse_alias_address(typed)) == stored


@pytest.mark.parametrize(
    "typed", ["anna", "a@b@c.example", "a b@c.example", "a@", "a/b@c.example", "a!b@c.example", "a%b@c.example"]
)
def test_bad_alias_address(typed: str) -> None:
    with pytest.raises(Invalid):
        parse_alias_address(typed)


@pytest.mark.parametrize(
    "typed", ["|/bin/sh", ":include:/etc/passwd", "/var/mail/x", "root", "a,b@c.example", "@c.example"]
)
def test_target_is_an_address_and_nothing_else(typed: str) -> None:
    with pytest.raises(Invalid):
        parse_target(typed)


def test_only_a_catch_all_points_at_a_whole_domain() -> None:
    assert parse_target("@Other.example", catch_all=True) == "@other.example"


def test_readable_gives_back_letters() -> None:
    assert readable("anna@xn--bcher-kva.example") == "anna@bücher.example"
    assert readable("@xn--bcher-kva.example") == "@bücher.example"
    assert readable_domain("xn--\u0080.example") == "xn--\u0080.example"


@given(st.text(max_size=300))
def test_any_text_is_a_value_or_a_refusal(text: str) -> None:
    for parse in (
        parse_domain,
        parse_mailbox_local_part,
        parse_address,
        parse_alias_address,
        parse_target,
        domain_key,
        address_key,
    ):
        try:
            value = str(parse(text))
        except Invalid:
            continue
        else:
            assert value.isascii()
            assert value == value.lower()
            assert "\x00" not in value
