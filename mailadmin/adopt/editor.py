"""Running migrations so that they can be stopped anywhere and run again.

MariaDB has no transaction around its DDL: a migration that was stopped is done in part. Operations on PostfixAdmin's
tables look at the live schema themselves; for all others, what a statement would make may be there already, and
what it would take away may be gone. That is taken for done, but only in a migration that was begun before.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from mailadmin.core import adoption

Say = Callable[[str], None]

# There already: table, column, index, primary key, foreign key (two numbers). Gone already: column (two), key.
_DONE = frozenset({1050, 1060, 1061, 1068, 1826, 1054, 1091, 1146})
_CANNOT_CREATE = 1005
_SLOW = 1.0
"""Seconds after which a statement is worth a line of its own."""


def run_migrations(connection: BaseDatabaseWrapper, say: Say) -> int:
    """Run the migrations that are not applied yet; returns how many. Each is a line of `say`."""
    progress = _Progress(connection, say)
    told: Any = progress.told
    executor = MigrationExecutor(connection, told)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    progress.total = len(plan)
    with _editor_of(connection, progress):
        executor.migrate(executor.loader.graph.leaf_nodes(), plan=plan)
    return len(plan)


class _Progress:
    """Which migration is under way, and whether an earlier run was stopped in it."""

    def __init__(self, connection: BaseDatabaseWrapper, say: Say) -> None:
        self.total = self.done = 0
        self.again = False
        self.say = say
        self._connection = connection

    def told(self, step: str, migration: Any = None, _fake: bool = False) -> None:
        """Take what Django's executor tells."""
        if step == "apply_start":
            name = str(migration)
            line = adoption.Addition("migration", "", name)
            self.again = line in adoption.recorded(self._connection)
            self.done += 1
            self.say(f"{self.done:>3} / {self.total}  {name}{' (begun before)' if self.again else ''}")
            adoption.note(self._connection, *line)


@contextlib.contextmanager
def _editor_of(connection: BaseDatabaseWrapper, progress: _Progress) -> Iterator[None]:
    base: Any = connection.SchemaEditorClass

    class Editor(base):  # type: ignore[misc]
        def execute(self, sql: Any, params: Any = ()) -> None:
            began = time.monotonic()
            try:
                super().execute(sql, params)
            except OperationalError as error:
                if not (progress.again and _is_done(connection, error)):
                    raise
            if (seconds := time.monotonic() - began) > _SLOW:
                progress.say(f"           {' '.join(str(sql).split())[:80]} ({seconds:.0f} s)")

    connection.SchemaEditorClass = Editor
    try:
        yield
    finally:
        connection.SchemaEditorClass = base


def _is_done(connection: BaseDatabaseWrapper, error: OperationalError) -> bool:
    """Return whether the server only says that a statement was done before."""
    if connection.vendor != "mysql" or not error.args:
        return False
    return error.args[0] in _DONE or (error.args[0] == _CANNOT_CREATE and "errno: 121" in str(error))
