"""A bound on the time that a statement may take, for questions that no index answers."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction

# MariaDB: statement timeout; MySQL: query timeout.
_MYSQL_STOPPED = {1969, 3024}
_POSTGRES_STOPPED = "57014"
_SQLITE_STEPS = 2_000
"""How many steps SQLite goes between two looks at the clock: some tens of microseconds."""


class TookTooLong(Exception):
    """The database was stopped before it had an answer."""


@contextmanager
def statement_limit(seconds: float) -> Iterator[None]:
    """Stop a SELECT within the block that takes longer; on SQLite the time is that of the whole block.

    Read the rows within the block. Raises TookTooLong, which leaves the connection and a transaction around the block
    as they were.
    """
    try:
        with _LIMITS[connection.vendor](seconds):
            yield
    except OperationalError as error:
        if _is_stopped(error):
            raise TookTooLong from error
        raise


def _mysql(seconds: float) -> AbstractContextManager[None]:
    """Send the limit with each statement: nothing is left behind in a connection that others use after us."""

    def run(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip("(").startswith("SELECT"):
            return execute(sql, params, many, context)
        if connection.mysql_is_mariadb:  # type: ignore[attr-defined]
            limited = f"SET STATEMENT max_statement_time={seconds:.6f} FOR {sql}"
        else:
            hint = f"SELECT /*+ MAX_EXECUTION_TIME({max(1, round(seconds * 1000))}) */"
            limited = sql.replace("SELECT", hint, 1)
        return execute(limited, params, many, context)

    return connection.execute_wrapper(run)


@contextmanager
def _postgresql(seconds: float) -> Iterator[None]:
    nested = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        before = "0"
        if nested:
            cursor.execute("SELECT current_setting('statement_timeout')")
            before = cursor.fetchone()[0]
        _set_timeout(cursor, f"{max(1, round(seconds * 1000))}ms")
        yield
        if nested:
            _set_timeout(cursor, before)


def _set_timeout(cursor: Any, value: str) -> None:
    cursor.execute("SELECT set_config('statement_timeout', %s, true)", [value])


@contextmanager
def _sqlite(seconds: float) -> Iterator[None]:
    connection.ensure_connection()
    database: Any = connection.connection
    end = time.monotonic() + seconds
    database.set_progress_handler(lambda: time.monotonic() > end, _SQLITE_STEPS)
    try:
        yield
    finally:
        database.set_progress_handler(None, 0)


_LIMITS: dict[str, Callable[[float], AbstractContextManager[None]]] = {
    "mysql": _mysql,
    "postgresql": _postgresql,
    "sqlite": _sqlite,
}


def _is_stopped(error: OperationalError) -> bool:
    if connection.vendor == "mysql":
        return bool(error.args) and error.args[0] in _MYSQL_STOPPED
    if connection.vendor == "postgresql":
        return getattr(error.__cause__, "sqlstate", None) == _POSTGRES_STOPPED
    return str(error) == "interrupted"
