"""A setting that cannot be meant is one clear line at start."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from mailadmin.environment import flag, number, whole


@pytest.mark.parametrize("value", ["-1", "nan", "inf", "ten", "169"])
def test_a_number_out_of_bounds_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOURS", value)
    with pytest.raises(ImproperlyConfigured, match=f"^HOURS must be a number from 0 to 168: '{value}' is none.$"):
        number("HOURS", 1, most=168)


@pytest.mark.parametrize("value", ["-1", "1.5", "x"])
def test_a_whole_number_out_of_bounds_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENGTH", value)
    with pytest.raises(ImproperlyConfigured, match=f"^LENGTH must be a whole number from 0 on: '{value}' is none.$"):
        whole("LENGTH", 10)


def test_numbers_within_bounds_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOURS", " 0.5 ")
    monkeypatch.setenv("LENGTH", "12")
    assert (number("HOURS", 1), whole("LENGTH", 10)) == (0.5, 12)
    assert (number("OTHER", 1), whole("OTHER", 10)) == (1, 10)


def test_a_switch_that_is_neither_on_nor_off_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for text, meant in (("1", True), ("Yes", True), ("0", False), ("off", False), ("", True)):
        monkeypatch.setenv("SECURE", text)
        assert flag("SECURE", default=True) is meant
    # A slip of the pen must not switch security off.
    monkeypatch.setenv("SECURE", "ture")
    with pytest.raises(ImproperlyConfigured, match=r"^SECURE must be 1 or 0: 'ture' is neither.$"):
        flag("SECURE", default=True)
