"""A private PostgreSQL cluster."""

import contextlib
import os
import signal
from pathlib import Path
from typing import Any, Self

import psycopg

from .processes import HOST, Process, Server, ServerError, as_user, free_port, run


def programs() -> Path:
    """Return the directory of the newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    if not found:
        raise ServerError("PostgreSQL is not installed: run tests/install")
    return found[-1].parent


class Postgres(Server):
    """PostgreSQL on a unix socket and a port of its own, with superuser `postgres` that needs no password.

    time_zone: the server's; away from UTC by default, so that a missing conversion shows.
    options: more settings of the server, as name=value.
    """

    def __init__(self, time_zone: str = "Etc/GMT-2", options: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.time_zone = time_zone
        self.options = options
        self.port = free_port()
        self.process: Process | None = None

    def _install(self) -> None:
        if os.geteuid() == 0:
            run(["chown", "postgres:postgres", self.dir])
        command: list[Any] = [programs() / "initdb", "--pgdata", self.dir / "data", "--username=postgres"]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        run([*as_user("postgres"), *command])

    def start(self) -> Self:
        if self.process is not None:
            return self
        if not (self.dir / "data").exists():
            self._install()
        settings = (
            f"port={self.port}",
            f"listen_addresses={HOST}",
            f"unix_socket_directories={self.dir}",
            f"timezone={self.time_zone}",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "shared_buffers=32MB",
            "max_connections=100",
            *self.options,
        )
        command: list[Any] = [*as_user("postgres"), programs() / "postgres", "-D", self.dir / "data"]
        for setting in settings:
            command += ["-c", setting]
        self.process = Process(command, self.dir / "log")
        self.process.wait_ready(self._answers)
        return self

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.Error):
            self.connect().close()
            return True
        return False

    def stop(self) -> None:
        if self.process is not None:
            # "Fast" shutdown: connections of tests that forgot to close are cut.
            self.process.stop(signal.SIGINT)
            self.process = None

    def url(self, database: str, user: str = "postgres", password: str = "") -> str:
        """Return a DATABASE_URL for the database."""
        secret = f":{password}" if password else ""
        return f"postgres://{user}{secret}@{HOST}:{self.port}/{database}"

    def connect(self, database: str = "postgres", **options: Any) -> Any:
        """Return an autocommitting connection of the driver, as `postgres` unless `options` say otherwise."""
        options = {"user": "postgres", "autocommit": True, **options}
        return psycopg.connect(host=str(self.dir), port=self.port, dbname=database, **options)

    def sql(
        self, statement: str, parameters: tuple[Any, ...] | None = None, database: str = "postgres"
    ) -> list[tuple[Any, ...]]:
        """Run one statement on a connection of its own and return the rows."""
        with self.connect(database) as connection:
            cursor = connection.execute(statement, parameters)
            return list(cursor.fetchall()) if cursor.description else []

    def create_user(self, name: str, password: str) -> None:
        """Make a user without rights."""
        self.sql(f"CREATE USER \"{name}\" PASSWORD '{password}'")

    def load(self, database: str, script: str) -> None:
        """Feed a whole SQL script to `psql`, stopping at the first error."""
        where = [f"--host={self.dir}", f"--port={self.port}", "--username=postgres", f"--dbname={database}"]
        run(["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *where], stdin=script)

    def create_database(self, name: str, charset: str = "UTF8") -> str:
        """Make an empty database, in place of an existing one, and return its URL."""
        if not (name + charset).replace("_", "").isalnum():
            raise ServerError(f"not a plain name: {name} {charset}")
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.sql(f"CREATE DATABASE \"{name}\" ENCODING '{charset}' TEMPLATE template0")
        return self.url(name)
