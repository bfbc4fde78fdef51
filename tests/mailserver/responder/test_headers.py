"""What the vacation program reads of a message's header."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailadmin.core.automatic_mail import ROBOTS
from mailadmin.responder import headers
from mailadmin.responder.answering import mailbox_of


@pytest.mark.parametrize(
    ("recipient", "mailbox"),
    [
        ("anna#example.com@autoreply.example.org", "anna@example.com"),
        ("Anna#Example.com+news@autoreply.example.org", "anna@example.com"),
        ("a#b#example.com@autoreply.example.org", "a#b@example.com"),
        ("a+b#example.com@autoreply.example.org", "a+b@example.com"),
        ('"anna#example.com+a b"@autoreply.example.org', "anna@example.com"),
        ("anna@autoreply.example.org", ""),
        ("", ""),
    ],
)
def test_whose_entry(recipient: str, mailbox: str) -> None:
    assert mailbox_of(recipient) == mailbox


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a@b.c, D <E@f.G>", ["a@b.c", "e@f.g"]),
        ('"x@y.z" <a@b.c>', ["a@b.c"]),
        ("x@y.z <a@b.c>", ["a@b.c"]),
        ("A (x@y.z, (w@y.z)) <a@b.c> (v@y.z)", ["a@b.c"]),
        ('"a, \\"b" <a@b.c>, d@e.f', ["a@b.c", "d@e.f"]),
        ("Friends: a@b.c, <d@e.f>;", ["a@b.c", "d@e.f"]),
        ('"anna"@b.c', ["anna@b.c"]),
        ("undisclosed-recipients:;", []),
        ("(unclosed a@b.c", []),
        ('"unclosed <a@b.c>', []),
        ("", []),
    ],
)
def test_addresses_in_a_header(value: str, found: list[str]) -> None:
    assert headers.addresses([value]) == found


@pytest.mark.mysql
@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab@.,;:<>()"\\ \t=?ä', max_size=40))
def test_any_header_can_be_read(value: str) -> None:
    for address in headers.addresses([value]):
        assert "@" in address and not set(address) & set(" \t\n,;<>")


def test_no_more_than_the_header_is_read() -> None:
    sizes: list[int] = []

    def read(size: int) -> bytes:
        sizes.append(size)
        return b"Subject: x\n\nText\n" if len(sizes) == 1 else b"x" * size

    assert headers.read_header(read) == b"Subject: x\n"
    assert len(sizes) == 1
    endless = headers.read_header(lambda size: b"X-Long: " + b"x" * (size - 8))
    assert endless == b""
    pieces = [b"Subject: a\r", b"\nTo: b\r\n\r", b"\nText"]
    assert headers.read_header(lambda _size: pieces.pop(0)) == b"Subject: a\nTo: b\n"


@pytest.mark.mysql
def test_a_header_full_of_addresses_takes_no_time() -> None:
    begun = time.monotonic()
    for value in ("(" * 200_000, '"' * 200_000, "<" * 200_000, "a@b.c," * 40_000, '"\\' * 100_000, ",<@" * 60_000):
        headers.addresses([value])
        headers.message_ids(value)
        headers.parse_header(b"X: y" + b"\n z" * 80_000)
    assert time.monotonic() - begun < 10


@pytest.mark.mysql
def test_a_header_full_of_people_is_soon_found_to_be_theirs() -> None:
    people = [f"person{number}@far.example" for number in range(11_000)]
    many = headers.parse_header(("From: " + ", ".join(people)).encode())
    begun = time.process_time()
    assert headers.why_automatic("one@out.example", many) == ""
    assert headers.why_automatic("one@out.example", [("reply-to", "p@far.example")] * 10_000) == ""
    assert time.process_time() - begun < 1
    assert headers.why_automatic("one@out.example", [*many, ("from", "no-reply@far.example")]) == "from is a robot"


@pytest.mark.mysql
def test_robots_are_known_by_the_patterns() -> None:
    """As `:matches` of Sieve reads them."""
    shapes = ("{}", "a{}", "{}a", "-{}", "{}-", "a.{}+b")
    words = [pattern.replace("*", star) for pattern in ROBOTS for star in ("", "x", "*")]
    for local_part in {shape.format(cut) for shape in shapes for word in words for cut in (word, word[1:], word[:-1])}:
        wanted = any(headers.fits(local_part, pattern) for pattern in ROBOTS)
        told = headers.why_automatic(f"{local_part.upper()}@far.example", [])
        assert (told == "sender is a robot") == wanted, local_part
