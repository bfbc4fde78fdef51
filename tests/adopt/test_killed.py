"""`adopt --apply` killed again and again: the end is that of a run that nobody disturbed."""

import re

import pytest

from tests.adopt import old_databases
from tests.adopt.killing import killed, settled
from tests.adopt.states import dump
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel

# Lines of progress, and seconds after them: in the first tables, among the old ones, in their indexes.
MOMENTS = [(2, 0.15), (1, 0.1), (10, 0.05)]


def migrations_run(printed: str) -> int:
    """Return how many migrations a run had before it."""
    totals = re.findall(r"^ *\d+ / (\d+)  ", printed, re.MULTILINE)
    return int(totals[0]) if totals else 0


@pytest.mark.mysql
def test_killed_three_times_it_ends_the_same(mariadb: MariaDB) -> None:
    """MariaDB alone, which takes nothing back of a change of tables; tests/prove kills more often, and elsewhere."""
    undisturbed = Panel(old_databases.make(mariadb, "undisturbed", "3.3"))
    whole = migrations_run(undisturbed.manage("adopt", "--apply"))

    panel = Panel(old_databases.make(mariadb, "killed", "3.3"))
    before = dump(mariadb, "killed")
    for moment in MOMENTS:
        assert killed(panel, *moment), "it was over already"
    assert 0 < migrations_run(panel.manage("adopt", "--apply")) < whole
    assert settled(dump(mariadb, "killed")) == settled(dump(mariadb, "undisturbed"))

    assert killed(panel, 12, 0.05, "--undo", "--yes")
    status, _printed, error = panel.manage_status("adopt", "--apply")
    assert status == 1 and "An undo was begun" in error
    panel.manage("adopt", "--undo", "--yes")
    assert dump(mariadb, "killed") == before
