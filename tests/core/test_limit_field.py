"""Limits as people type them."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from mailadmin.core.limit_field import LimitField, SizeLimitField

MB, GB = 1024**2, 1024**3


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("unlimited", 0),
        (" Unlimited ", 0),
        ("none", -1),
        ("NONE", -1),
        ("50", 50),
        ("007", 7),
        ("2147483647", 2147483647),
    ],
)
def test_number(typed: str, stored: int) -> None:
    assert LimitField().clean(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["", " ", "0", "-1", "-0", "1.5", "1,000", "1e3", "ten", "٣", "²", "unlimited 5", "5 MB", "\x00", "9" * 300, "😀"],
)
def test_what_is_no_number(typed: str) -> None:
    with pytest.raises(ValidationError):
        LimitField().clean(typed)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("unlimited", 0),
        ("none", -1),
        ("500", 500 * MB),
        ("500 MB", 500 * MB),
        ("1.5 GB", 3 * GB // 2),
        ("1,5gb", 3 * GB // 2),
    ],
)
def test_size(typed: str, stored: int) -> None:
    assert SizeLimitField().clean(typed) == stored


@pytest.mark.parametrize(
    "typed", ["0", "0 MB", "-1", "1 XB", "MB", "1..5 GB", "0.0000001 KB", "9" * 19 + " TB", "9" * 39]
)
def test_what_is_no_size(typed: str) -> None:
    with pytest.raises(ValidationError):
        SizeLimitField().clean(typed)


@pytest.mark.parametrize("value", [0, -1, -7, 1, 50, 2**31 - 1])
@pytest.mark.parametrize("field", [LimitField(), SizeLimitField()])
def test_what_is_shown_means_the_same_again(field: LimitField, value: int) -> None:
    shown = field.prepare_value(value)
    assert not shown.startswith(("0", "-"))
    assert field.clean(shown) == max(value, -1)
    assert not field.has_changed(value, shown)
    assert field.has_changed(value, "13")


def test_words_of_the_language_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"unlimited": "Unbegrenzt", "none": "keine"}
    monkeypatch.setattr("mailadmin.core.limit_field.pgettext", lambda _context, text: words.get(text, text))
    with translation.override("de"):
        assert [LimitField().clean(text) for text in ("unbegrenzt", "keine", "unlimited", "none")] == [0, -1, 0, -1]


def test_the_words_are_suggested_without_javascript() -> None:
    field = LimitField()
    html = field.widget.render("aliases", "5", {"id": "id_aliases"})
    assert 'list="id_aliases_words"' in html
    assert '<datalist id="id_aliases_words"><option value="unlimited">' in html
