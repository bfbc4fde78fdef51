"""Columns that MariaDB refuses to compare: a server that grew over many versions has some."""

import pytest

from tests.adopt import old_databases
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel

pytestmark = pytest.mark.mysql

NAME = "adopt_collations"


def test_columns_that_cannot_be_compared_are_told_with_what_mends_them(mariadb: MariaDB) -> None:
    panel = Panel(old_databases.make(mariadb, NAME, "3.3"))
    collation = "CHARACTER SET latin1 COLLATE latin1_bin NOT NULL"
    mariadb.sql(f"ALTER TABLE alias MODIFY address varchar(255) {collation}", database=NAME)
    mariadb.sql(f"ALTER TABLE alias_domain MODIFY target_domain varchar(255) {collation} DEFAULT ''", database=NAME)
    before = mariadb.dump(NAME, "--no-data", "--skip-dump-date")
    for step in ("--inspect", "--apply"):
        status, _out, told = panel.manage_status("adopt", step)
        assert status == 1
        assert len(told.splitlines()) == 1
        assert "ALTER TABLE alias MODIFY address varchar(255) COLLATE" in told
    assert mariadb.dump(NAME, "--no-data", "--skip-dump-date") == before
    statements = told.strip().partition(" first: ")[2]
    mariadb.load(NAME, statements)
    assert panel.manage_status("adopt", "--apply")[0] == 0
    assert "DEFAULT ''" in statements
