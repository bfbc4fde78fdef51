"""Addresses without their extension, as Postfix looks them up."""

import pytest

from aliases.targets import derived_targets
from mailadmin.core.extension import without_extension


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("anna@example.com", "anna@example.com"),
        ("anna+news@example.com", "anna@example.com"),
        ("anna+news+daily@example.com", "anna@example.com"),
        ("anna+@example.com", "anna@example.com"),
        # Nothing would be left, and "@example.com" is the catch-all.
        ("+anna@example.com", "+anna@example.com"),
        ("+anna+news@example.com", "+anna+news@example.com"),
        ("++@example.com", "++@example.com"),
        ("@example.com", "@example.com"),
        ("root+news", "root+news"),
        ("", ""),
    ],
)
def test_without_extension(address: str, plain: str) -> None:
    assert without_extension(address) == plain
    assert derived_targets(f"{address},anna@example.com") - {address, ""} <= {plain, "anna@example.com"}
