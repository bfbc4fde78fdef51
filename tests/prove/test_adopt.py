"""Every version of PostfixAdmin taken over and given back, and adoptions killed at twenty moments."""

import random

import pytest

from tests.adopt import old_databases
from tests.adopt.killing import killed, settled
from tests.adopt.old_databases import KNOWN_ON, Server
from tests.adopt.states import dump
from tests.adopt.test_adopt import there_and_back
from tests.conftest import ENGINE
from tests.servers.panel import Panel

KILLS = 20
LINES = 38
"""Lines of progress that --apply prints, about."""


@pytest.mark.parametrize("version", KNOWN_ON[ENGINE])
def test_there_and_back(version: str, database_server: Server) -> None:
    there_and_back(database_server, version)


def test_a_version_row_that_was_missing_goes_again(database_server: Server) -> None:
    panel = Panel(old_databases.make(database_server, "versionless", "3.3"))
    database_server.sql("DELETE FROM config", database="versionless")
    before = dump(database_server, "versionless")
    panel.manage("adopt", "--apply")
    assert database_server.sql("SELECT name FROM config", database="versionless") == [("version",)]
    panel.manage("adopt", "--undo", "--yes")
    assert dump(database_server, "versionless") == before


def test_killed_at_twenty_moments_it_ends_the_same(database_server: Server) -> None:
    """Each time a new database, killed once or, every third time, twice; then run to its end, and undone so too."""
    random.seed(20)
    ends: dict[str, list[str]] = {}
    late = 0
    for number in range(KILLS):
        version = KNOWN_ON[ENGINE][number % len(KNOWN_ON[ENGINE])]
        if version not in ends:
            whole = Panel(old_databases.make(database_server, "whole", version))
            whole.manage("adopt", "--apply")
            ends[version] = settled(dump(database_server, "whole"))
        panel = Panel(old_databases.make(database_server, "killed", version))
        before = dump(database_server, "killed")
        line, delay = 1 + number * LINES // KILLS, random.uniform(0, 0.2)
        late += not killed(panel, line, delay)
        if number % 3 == 0:
            killed(panel, 1, delay)
        panel.manage("adopt", "--apply")
        assert settled(dump(database_server, "killed")) == ends[version], (version, line, delay)
        killed(panel, 2 + number * 2, delay, "--undo", "--yes")
        if "mailadmin_adoption" in dump(database_server, "killed"):
            panel.manage("adopt", "--undo", "--yes")
        assert dump(database_server, "killed") == before, (version, line, delay)
    assert late <= 2, "most were killed before their end"
