"""What tests of passwords share."""

import pytest

from mailadmin.core.passwords import crypt3, derived


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make strings of the same form at a lower cost: the costs themselves have their own tests."""
    monkeypatch.setattr(crypt3, "BCRYPT_COST", 5)
    monkeypatch.setattr(derived, "ROUNDS", 4096)
