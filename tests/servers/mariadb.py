"""A private MariaDB server."""

import contextlib
import os
import signal
from typing import Any, Self

import MySQLdb

from .processes import HOST, Process, Server, ServerError, as_user, free_port, run


class MariaDB(Server):
    """MariaDB on a unix socket and a port of its own, strict, with `root` that needs no password.

    time_zone: the server's, as an offset; away from UTC by default, so that a missing conversion shows.
    options: more options of mariadbd, without the leading dashes.
    """

    def __init__(self, time_zone: str = "+02:00", options: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.time_zone = time_zone
        self.options = options
        self.port = free_port()
        self.socket = self.dir / "mariadb.sock"
        self.process: Process | None = None

    def _install(self) -> None:
        """Make the data directory. The Aria log is kept small, for it is most of what is written."""
        data = self.dir / "data"
        if os.geteuid() == 0:
            run(["chown", "mysql:mysql", self.dir])
        command: list[Any] = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db"]
        command += ["--auth-root-authentication-method=normal", "--innodb-flush-log-at-trx-commit=0"]
        command += ["--innodb-log-file-size=16M", "--innodb-buffer-pool-size=32M", "--aria-log-file-size=8M"]
        command.append(f"--tmpdir={self.dir}")
        run([*as_user("mysql"), *command])

    def start(self) -> Self:
        if self.process is not None:
            return self
        if not (self.dir / "data").exists():
            self._install()
        command = [
            *as_user("mysql"),
            "/usr/sbin/mariadbd",
            "--no-defaults",
            f"--datadir={self.dir / 'data'}",
            f"--socket={self.socket}",
            # A starting server clears its directory of temporary tables, which must not be another one's.
            f"--tmpdir={self.dir}",
            f"--pid-file={self.dir / 'pid'}",
            f"--port={self.port}",
            f"--bind-address={HOST}",
            "--skip-name-resolve",
            "--skip-log-bin",
            f"--default-time-zone={self.time_zone}",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_general_ci",
            "--sql-mode=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-flush-method=nosync",
            "--innodb-doublewrite=0",
            "--innodb-log-file-size=16M",
            "--innodb-buffer-pool-size=96M",
            "--aria-log-file-size=8M",
            "--aria-pagecache-buffer-size=8M",
            "--key-buffer-size=1M",
            "--max-connections=200",
            "--performance-schema=off",
            *(f"--{option}" for option in self.options),
        ]
        self.process = Process(command, self.dir / "log")
        self.process.wait_ready(self._answers)
        return self

    def _answers(self) -> bool:
        with contextlib.suppress(MySQLdb.Error):
            self.connect().close()
            return True
        return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()
            self.process = None

    def kill(self) -> None:
        """End the server as a power failure would."""
        if self.process is not None:
            self.process.stop(signal.SIGKILL)
            self.process = None

    def url(self, database: str, user: str = "root", password: str = "") -> str:
        """Return a DATABASE_URL for the database."""
        secret = f":{password}" if password else ""
        return f"mysql://{user}{secret}@{HOST}:{self.port}/{database}"

    def connect(self, database: str = "", **options: Any) -> Any:
        """Return an autocommitting connection of the driver, as root unless `options` say otherwise."""
        options = {"user": "root", "charset": "utf8mb4", "autocommit": True, **options}
        return MySQLdb.connect(unix_socket=str(self.socket), database=database, **options)

    def sql(
        self, statement: str, parameters: tuple[Any, ...] | None = None, database: str = ""
    ) -> list[tuple[Any, ...]]:
        """Run one statement on a connection of its own and return the rows."""
        connection = self.connect(database)
        try:
            cursor = connection.cursor()
            cursor.execute(statement, parameters)
            return list(cursor.fetchall())
        finally:
            connection.close()

    def create_user(self, name: str, password: str) -> None:
        """Make a user without rights who may come from anywhere."""
        self.sql(f"CREATE OR REPLACE USER `{name}`@`%%` IDENTIFIED BY %s", (password,))

    def load(self, database: str, script: str) -> None:
        """Feed a whole SQL script to the `mariadb` client."""
        run(["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", database], stdin=script)

    def dump(self, database: str, *options: str) -> str:
        """Return what `mariadb-dump` says of the database."""
        return run(["mariadb-dump", "--no-defaults", f"--socket={self.socket}", "--user=root", *options, database])

    def create_database(self, name: str, charset: str = "utf8mb4", collation: str = "") -> str:
        """Make an empty database, in place of an existing one, and return its URL."""
        if not (name + charset + collation).replace("_", "").isalnum():
            raise ServerError(f"not a plain name: {name} {charset} {collation}")
        self.sql(f"DROP DATABASE IF EXISTS `{name}`")
        self.sql(f"CREATE DATABASE `{name}` CHARACTER SET {charset}" + (f" COLLATE {collation}" if collation else ""))
        return self.url(name)
