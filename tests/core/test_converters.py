"""Domains and addresses in URLs."""

import re

import pytest

from mailadmin.core.converters import AddressConverter, DomainConverter


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("example.com", "example.com"),
        ("EXAMPLE.com", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("localhost", "localhost"),
        ("..", ".."),
        ("under_score.example", "under_score.example"),
    ],
)
def test_domain(text: str, key: str) -> None:
    assert re.fullmatch(DomainConverter.regex, text)
    assert DomainConverter().to_python(text) == key
    assert DomainConverter().to_url(key) == key


@pytest.mark.parametrize("text", ["", " ", "a b", "a\x00b", "\n", "x" * 256, "\ufffd", "a\u200e"])
def test_no_domain(text: str) -> None:
    with pytest.raises(ValueError, match="not a domain"):
        DomainConverter().to_python(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Anna@Example.com", "anna@example.com"),
        ("@example.com", "@example.com"),
        ("a/b@example.com", "a/b@example.com"),
        ("two@parts@example.com", "two@parts@example.com"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("%@example.com", "%@example.com"),
    ],
)
def test_address(text: str, key: str) -> None:
    assert re.fullmatch(AddressConverter.regex, text)
    assert AddressConverter().to_python(text) == key


@pytest.mark.parametrize(
    "text", ["usér@example.com", "a\x00@example.com", "😀@example.com", "a b@c.example", "x" * 300 + "@a.b"]
)
def test_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        AddressConverter().to_python(text)


@pytest.mark.parametrize("text", ["example.com", "anna@", "anna@example.com/", "a\n@example.com"])
def test_outside_the_pattern(text: str) -> None:
    assert not re.fullmatch(AddressConverter.regex, text)
