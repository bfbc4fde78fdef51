"""A firm with many mailboxes, and real workers."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.mariadb import MariaDB
from tests.servers.panel import ROOT, SETTINGS
from tests.servers.postgres import Postgres
from tests.servers.processes import Process
from tests.servers.sqlite import SQLite

StartWorker = Callable[..., Process]


@pytest.fixture
def start_worker(
    transactional_db: None, database_server: MariaDB | Postgres | SQLite, tmp_path: Path
) -> Iterator[StartWorker]:
    """Start `manage.py worker` on the database of the tests, with settings of its own."""
    from django.db import connection

    name = str(connection.settings_dict["NAME"])
    url = f"sqlite:///{name}" if isinstance(database_server, SQLite) else database_server.url(name)
    started: list[Process] = []

    def start(**settings: Any) -> Process:
        values = {f"MAILADMIN_JOB_{key.upper()}": str(value) for key, value in settings.items()}
        env = {"PATH": os.environ["PATH"], **SETTINGS, "DATABASE_URL": url, "MAILADMIN_JOB_POLL": "0.1"} | values
        log = tmp_path / f"worker{len(started)}.log"
        started.append(Process([sys.executable, ROOT / "manage.py", "worker"], log, env=env))
        return started[-1]

    yield start
    for process in started:
        process.stop()
