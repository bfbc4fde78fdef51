"""Sizes and limits as people type and read them."""

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from mailadmin.core.errors import Invalid
from mailadmin.core.limits import MAX_BYTES, Limit, format_size, limit_left, parse_size, show_size, write_size


@pytest.mark.parametrize(
    ("typed", "size"),
    [
        ("500", 500 * 1024**2),
        ("500 MB", 500 * 1024**2),
        ("1.5 GB", 1536 * 1024**2),
        ("1,5gb", 1536 * 1024**2),
        ("2 GiB", 2 * 1024**3),
        ("10 k", 10240),
        ("1500000 B", 1500000),
        ("1 tb", 1024**4),
        ("0", 0),
    ],
)
def test_parse_size(typed: str, size: int) -> None:
    assert parse_size(typed, "quota") == size


@pytest.mark.parametrize(
    "typed", ["", "abc", "-1", "1.5 B", "5 PB", "1 2", "1e9", "٣ GB x", "99999999999 TB", "NaN", "1.23456789 GB"]
)
def test_bad_size_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_size(typed, "quota")
    assert caught.value.messages.keys() == {"quota"}


@given(st.integers(min_value=0, max_value=MAX_BYTES))
def test_a_size_shown_in_a_form_comes_back_unchanged(size: int) -> None:
    assert parse_size(format_size(size), "quota") == size


def test_the_size_that_postfixadmin_truncates_is_kept() -> None:
    assert format_size(1500000) == "1500000 B"
    assert format_size(5120000) == "5000 KB"
    assert show_size(5 * 1024**3) == "5 GB"


def test_limit_in_words() -> None:
    assert (str(Limit(0)), str(Limit(-1)), str(Limit(50))) == ("unlimited", "none", "50")
    assert Limit(0).allows(10**9)
    assert not Limit(-1).allows(1)
    assert Limit(3).allows(3)
    assert not Limit(3).allows(4)


@given(st.integers(min_value=0, max_value=MAX_BYTES), st.sampled_from([code for code, _name in settings.LANGUAGES]))
def test_a_size_in_a_form_comes_back_unchanged_in_every_language(size: int, code: str) -> None:
    with translation.override(code):
        assert parse_size(write_size(size), "quota") == size


@pytest.mark.parametrize(
    ("code", "typed", "size"),
    [
        ("de", "1,5 GB", 1536 * 1024**2),
        ("de", "1.5 GB", 1536 * 1024**2),
        ("fr", "1,5 Go", 1536 * 1024**2),
        ("fr", "500 mo", 500 * 1024**2),
        ("fr", "10 octets", 10),
        ("en", "1.125 GB", 1152 * 1024**2),
        ("de", "1,125 GB", 1152 * 1024**2),
        ("de", "1.500 MB", None),
        ("en", "1,500 MB", None),
    ],
)
def test_sizes_are_read_as_the_language_writes_them(code: str, typed: str, size: int | None) -> None:
    with translation.override(code):
        if size is None:
            with pytest.raises(Invalid):
                parse_size(typed, "quota")
        else:
            assert parse_size(typed, "quota") == size


def test_what_is_left() -> None:
    assert limit_left(Limit(5000), 1) == "4,999 of 5,000 left"
    assert limit_left(Limit(3), 4) == "0 of 3 left"
    assert limit_left(Limit(0), 4) == ""
    assert limit_left(Limit(-1), 0) == "none allowed"
