"""Telling a row from a later one of its name, which inherits nothing of what was made for the earlier one.

What is made for a row remembers the row's `created`, in whole seconds: PostfixAdmin leaves a fraction on PostgreSQL,
and a row of ours has one until it is read again. Of rows whose date was never set, any is the same as another.
"""

import datetime as dt


def whole_second(created: dt.datetime | None) -> dt.datetime | None:
    """Return what is remembered of a row's `created`."""
    return created.replace(microsecond=0) if created else None


def is_same_row(remembered: dt.datetime | None, created: dt.datetime | None) -> bool:
    """Return whether the row that something was made for then is the one that was made at `created`."""
    return whole_second(remembered) == whole_second(created)
