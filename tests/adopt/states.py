"""All that is in a database, as text, to compare before and after."""

import re
import sqlite3

from tests.adopt.old_databases import Server
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.processes import HOST, run

_SEQUENCES = "INSERT INTO sqlite_sequence|DELETE FROM sqlite_sequence"
_NOISE = re.compile(r" AUTO_INCREMENT=\d+")


def dump(server: Server, name: str) -> str:
    """Return schema and rows of the database, in an order that says nothing of when they came."""
    if isinstance(server, MariaDB):
        options = ["--skip-comments", "--skip-extended-insert", "--order-by-primary", "--skip-tz-utc"]
        return _NOISE.sub("", server.dump(name, *options))
    if isinstance(server, Postgres):
        where = [f"--host={HOST}", f"--port={server.port}", "--username=postgres"]
        text = run(["pg_dump", *where, "--inserts", "--no-comments", name])
        # What some releases add holds a random word.
        return "\n".join(sorted(line for line in text.splitlines() if not line.startswith(("\\", "--"))))
    connection = sqlite3.connect(server.path(name))
    try:
        lines = "\n".join(connection.iterdump()).replace('"', "").replace("`", "")
    finally:
        connection.close()
    return "\n".join(sorted(re.sub(r"\s+", " ", line) for line in lines.splitlines() if not re.match(_SEQUENCES, line)))
