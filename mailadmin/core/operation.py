"""The transaction around every change."""

import random
import re
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from mailadmin.core.errors import Invalid

P = ParamSpec("P")
R = TypeVar("R")


class Unset:
    """The type of UNSET."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()
"""Default of a parameter that an update leaves as it is; None and "" are values."""

ATTEMPTS = 8
# MariaDB: 1205 lock wait timeout, 1213 deadlock (also a Galera certification failure). PostgreSQL: SQLSTATE classes.
_MYSQL_RETRY = {1205, 1213}
_POSTGRES_RETRY = {"40001", "40P01"}
# MariaDB: 1366, a character that the column's own character set lacks, as in tables from before utf8mb4.
_MYSQL_NO_SUCH_CHARACTER = 1366
_COLUMN = re.compile(r"for column (?:`[^`]*`\.)*[`']([^`']+)[`']")


def is_retryable(error: DatabaseError) -> bool:
    """Return whether the server asks to run the whole transaction again."""
    cause: Any = error.__cause__
    if connection.vendor == "mysql":
        return bool(error.args) and error.args[0] in _MYSQL_RETRY
    return getattr(cause, "sqlstate", None) in _POSTGRES_RETRY


def _refuse_lacking_character(error: DatabaseError) -> None:
    """Raise Invalid at the parameter of the column whose character set lacks a character of the text."""
    if connection.vendor != "mysql" or error.args[:1] != (_MYSQL_NO_SUCH_CHARACTER,):
        return
    # The number is also that of a text where a number belongs, which is a defect of ours.
    if not str(error.args[1]).startswith("Incorrect string value"):
        return
    column = _COLUMN.search(str(error.args[1]))
    text = _(
        "The database cannot keep every character of this text. Whoever runs the server can convert it to utf8mb4."
    )
    raise Invalid.of(column[1] if column else "", text) from error


def operation(function: Callable[P, R]) -> Callable[P, R]:
    """Run the function in one transaction; a deadlock runs the outermost one again, a nested call joins it."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        nested = connection.in_atomic_block
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except DatabaseError as error:
                _refuse_lacking_character(error)
                if nested or attempt == ATTEMPTS or not is_retryable(error):
                    raise
            # Jitter, so that two transactions that killed each other do not meet again.
            time.sleep(random.uniform(0, 0.02 * attempt))
        raise AssertionError("unreachable")

    return run
