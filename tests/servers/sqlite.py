"""A SQLite database laid out as the panel, Postfix and Dovecot share it."""

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from .processes import private_dir


class SQLite:
    """One directory (2770) with database files (0660) of a shared group, which WAL's side files then inherit.

    group: the name of the group; None leaves our own.
    """

    def __init__(self, group: str | None = None) -> None:
        root = private_dir()
        self.dir = root / "db"
        self.dir.mkdir()
        self.group = group
        if group is not None and os.geteuid() == 0:
            shutil.chown(self.dir, group=group)
        self.dir.chmod(0o2770)

    def path(self, database: str) -> Path:
        return self.dir / f"{database}.sqlite3"

    def url(self, database: str) -> str:
        """Return a DATABASE_URL for the database."""
        return f"sqlite:///{self.path(database)}"

    def create_database(self, name: str) -> str:
        """Make an empty database in WAL mode, in place of an existing one, and return its URL."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path(name)}{suffix}").unlink(missing_ok=True)
        self.path(name).touch()
        self.path(name).chmod(0o660)
        self.sql("PRAGMA journal_mode=WAL", database=name)
        return self.url(name)

    def sql(self, statement: str, parameters: tuple[Any, ...] = (), database: str = "main") -> list[tuple[Any, ...]]:
        """Run one statement on a connection of its own and return the rows."""
        connection = sqlite3.connect(self.path(database), timeout=20, isolation_level=None)
        try:
            return connection.execute(statement, parameters).fetchall()
        finally:
            connection.close()
