"""The database servers of the measurements, with memory as a small server gives them; kept or thrown away."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailadmin.core.passwords.crypt3 import sha512_string
from mailadmin.demo.names import AGENCY, OWNER
from tests.bench.inside import inside
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel
from tests.servers.postgres import Postgres
from tests.servers.processes import ServerError
from tests.servers.sqlite import SQLite

MARIADB = ("innodb-buffer-pool-size=1G", "innodb-log-file-size=512M", "max-connections=100")
LONGEST_STATEMENT = 30
"""Seconds after which MariaDB ends a statement while pages are measured: the page then fails."""
POSTGRES = ("shared_buffers=512MB", "max_wal_size=2GB")
PASSWORD = "correct horse battery"
SETTINGS = {"MAILADMIN_PASSWORD_SCHEME": "SHA512-CRYPT"}
"""A scheme that PostfixAdmin reads too."""

Database = MariaDB | Postgres | SQLite


def mariadb(keep: Path | None) -> MariaDB:
    """Return a MariaDB, not started, in the directory `keep`, where there is one."""
    server = MariaDB(options=MARIADB)
    if keep:
        _move(server, keep / "mariadb")
        server.socket = server.dir / "mariadb.sock"
    return server


def postgres(keep: Path | None) -> Postgres:
    """Return a PostgreSQL, not started, in the directory `keep`, where there is one."""
    server = Postgres(options=POSTGRES)
    if keep:
        _move(server, keep / "postgres")
    return server


def sqlite(keep: Path | None) -> SQLite:
    """Return a place for SQLite databases."""
    server = SQLite()
    if keep:
        _move(server, keep / "sqlite")
    return server


def _move(server: Database, directory: Path) -> None:
    shutil.rmtree(server.dir)
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)
    server.dir = directory


@dataclass(frozen=True, slots=True)
class Filled:
    """A database of the demo; what filling took, in seconds and bytes of the command and on disk."""

    name: str
    url: str
    seconds: float
    memory: int
    size_on_disk: int


def filled(server: Database, size: str) -> Filled:
    """Return the database of that size (a demo's, or a number of mailboxes), filled unless an earlier run did it."""
    name = size if size.isalpha() else f"with_{size}"
    mark = server.dir / f"filled-{name}"
    panel = Panel(server.url(name) if mark.exists() else server.create_database(name), settings=SETTINGS)
    panel.migrate()
    if not mark.exists():
        before = on_disk(server)
        started = time.monotonic()
        memory = _fill(panel, size)
        mark.write_text(f"{time.monotonic() - started} {memory} {on_disk(server) - before}")
    took = mark.read_text().split()
    panel.close()
    return Filled(name, server.url(name), float(took[0]), int(took[1]), int(took[2]))


def _fill(panel: Panel, size: str) -> int:
    """Fill the panel's database; returns the bytes of memory that it took."""
    if size.isdigit():
        inside(panel, "population:fill_with", mailboxes=int(size))
        return 0
    command = [sys.executable, "manage.py", "demo", f"--size={size}", "--password-stdin"]
    process = subprocess.Popen(command, env=panel.env, stdin=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert process.stdin is not None
    process.stdin.write(PASSWORD.encode())
    process.stdin.close()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ServerError(f"demo --size {size} ended with {process.returncode}")
    return usage.ru_maxrss * 1024


def on_disk(server: Database) -> int:
    """Return the bytes of the server's files."""
    return sum(path.stat().st_size for path in server.dir.rglob("*") if path.is_file())


def ask(server: Database, database: str, sql: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement with %s for its parameters."""
    if isinstance(server, SQLite):
        sql = sql.replace("%s", "?")
    return server.sql(sql, parameters or (), database)


def let_peer_in(server: MariaDB, database: str, user: str) -> None:
    """Give the people of the measurements hashes as PostfixAdmin writes them, which the panel reads too."""
    stored = sha512_string(PASSWORD.encode()).decode()
    for table, names in (("admin", (OWNER, AGENCY)), ("mailbox", (user,))):
        for name in names:
            server.sql(f"UPDATE {table} SET password = %s WHERE username = %s", (stored, name), database)
