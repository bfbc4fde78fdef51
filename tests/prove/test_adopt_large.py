"""Taking over a large database of PostfixAdmin 3.3 on MariaDB: how long each step takes, and how much memory."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.adopt import old_databases
from tests.bench import databases
from tests.prove.report import write_section
from tests.servers.mariadb import MariaDB
from tests.servers.panel import ROOT, Panel

MAILBOXES = int(os.environ.get("ADOPT_MAILBOXES", "1000000"))
DOMAINS = max(MAILBOXES // 100, 1)
NAME = "large_adoption"
INSPECT_SECONDS = 60
MEGABYTES = 400
"""More than any step needs, however many rows there are."""

# Nine of ten as old versions wrote them; an alias for every second mailbox beside its own; a few that point nowhere.
FILL = f"""
SET sql_mode = '';
INSERT INTO domain (domain, description, transport) SELECT CONCAT('d', seq, '.example'), '', 'virtual'
  FROM seq_1_to_{DOMAINS};
INSERT INTO mailbox (username, password, name, maildir, quota, local_part, domain)
  SELECT CONCAT('m', seq, '@d', 1 + seq % {DOMAINS}, '.example'),
    IF(seq % 10, CONCAT('$1$', LEFT(MD5(seq), 8), '$', LEFT(MD5(-seq), 22)), CONCAT('{{SHA512-CRYPT}}$6$', MD5(seq))),
    'Somebody', CONCAT('d', 1 + seq % {DOMAINS}, '.example/m', seq, '/'), 1024000, CONCAT('m', seq),
    CONCAT('d', 1 + seq % {DOMAINS}, '.example') FROM seq_1_to_{MAILBOXES};
INSERT INTO alias (address, goto, domain) SELECT username, username, domain FROM mailbox;
INSERT INTO alias (address, goto, domain)
  SELECT CONCAT('a', seq, '@d', 1 + seq % {DOMAINS}, '.example'),
    CONCAT('m', seq, '@d', 1 + seq % {DOMAINS}, '.example', IF(seq % 1001, '', ',gone@d1.example')),
    CONCAT('d', 1 + seq % {DOMAINS}, '.example') FROM seq_1_to_{MAILBOXES} WHERE seq % 2;
"""


@dataclass(frozen=True)
class Step:
    """What one command took: seconds, those of its own work, its largest memory in MB; and what it printed."""

    seconds: float
    own: float
    memory: int
    printed: str


def step(panel: Panel, *arguments: str) -> Step:
    command = [sys.executable, str(ROOT / "manage.py"), "adopt", *arguments]
    began = time.monotonic()
    with subprocess.Popen(command, env=panel.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as run:
        assert run.stdout is not None
        printed = run.stdout.read()
        _pid, status, used = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    assert run.returncode == 0, printed
    return Step(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, printed)


@pytest.fixture
def mariadb() -> Iterator[MariaDB]:
    """Start a server with the memory that one of this size has."""
    server = MariaDB(options=databases.MARIADB).start()
    yield server
    server.stop()


def test_a_large_database_is_taken_over(mariadb: MariaDB) -> None:
    panel = Panel(mariadb.create_database(NAME, charset="latin1"))
    mariadb.load(NAME, "SET sql_mode = '';\n" + old_databases.schema("3.3", "mysql"))
    mariadb.load(NAME, FILL)
    mariadb.sql("ANALYZE TABLE domain, mailbox, alias", database=NAME)

    steps = {name: step(panel, f"--{name}", "--json") for name in ("inspect", "apply", "verify")}
    found = json.loads(steps["inspect"].printed)
    assert found["tables"]["mailbox"]["rows"] == MAILBOXES
    lost = [finding["count"] for finding in found["findings"] if finding["name"] == "aliases_pointing_nowhere"]
    assert lost == [len(range(1001, MAILBOXES + 1, 2002))]
    assert json.loads(steps["verify"].printed)["differences"] == []
    steps["undo"] = step(panel, "--undo", "--yes")

    lines = [
        f"{MAILBOXES:,} mailboxes in {DOMAINS:,} domains and {MAILBOXES * 3 // 2:,} alias rows, InnoDB, latin1;",
        f"MariaDB with `{' '.join(databases.MARIADB)}`.",
        "",
    ]
    lines += ["| step | seconds | of which the command's own work | its memory |", "|---|---|---|---|"]
    lines += [f"| --{name} | {one.seconds:.0f} | {one.own:.0f} | {one.memory} MB |" for name, one in steps.items()]
    write_section("Taking over a large PostfixAdmin database", "\n".join(lines))
    assert steps["inspect"].seconds < INSPECT_SECONDS
    assert max(one.memory for one in steps.values()) < MEGABYTES
