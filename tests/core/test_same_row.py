"""Whether something was made for this row or for an earlier one of its name."""

import datetime as dt

import pytest

from mailadmin.core.same_row import is_same_row, whole_second

MADE = dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC)
FINER = MADE.replace(microsecond=999_999)
LATER = MADE + dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("remembered", "created", "is_same"),
    [
        (MADE, MADE, True),
        (MADE, FINER, True),
        (FINER, MADE, True),
        (MADE, LATER, False),
        (FINER, LATER, False),
        (MADE, MADE.astimezone(dt.timezone(dt.timedelta(hours=2))), True),
        (None, None, True),
        (None, MADE, False),
        (MADE, None, False),
    ],
)
def test_the_second_decides(remembered: dt.datetime | None, created: dt.datetime | None, is_same: bool) -> None:
    assert is_same_row(remembered, created) == is_same
    assert is_same_row(whole_second(remembered), created) == is_same
