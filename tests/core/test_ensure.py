"""The migrations on a database that already has tables: they add what is missing and touch nothing else."""

import pytest

from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel

# Tables as PostfixAdmin 2.3 left them, with a column and a table of the owner's, and a zero date.
OLD = """
CREATE TABLE domain (domain varchar(255) NOT NULL, description varchar(255) CHARACTER SET utf8mb3 NOT NULL,
  aliases int(10) NOT NULL DEFAULT 0, mailboxes int(10) NOT NULL DEFAULT 0, maxquota bigint(20) NOT NULL DEFAULT 0,
  quota bigint(20) NOT NULL DEFAULT 0, transport varchar(255) NOT NULL, backupmx tinyint(1) NOT NULL DEFAULT 0,
  created datetime NOT NULL DEFAULT '0000-00-00 00:00:00', modified datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  active tinyint(1) NOT NULL DEFAULT 1, x_colour varchar(9) NOT NULL DEFAULT 'red', PRIMARY KEY (domain)
) ENGINE=MyISAM DEFAULT CHARSET=latin1;
CREATE TABLE mailbox (username varchar(255) NOT NULL, password varchar(255) NOT NULL,
  name varchar(255) CHARACTER SET utf8mb3 NOT NULL, maildir varchar(255) NOT NULL, quota bigint(20) NOT NULL DEFAULT 0,
  local_part varchar(255) NOT NULL, domain varchar(255) NOT NULL,
  created datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  modified datetime NOT NULL DEFAULT '0000-00-00 00:00:00', active tinyint(1) NOT NULL DEFAULT 1,
  PRIMARY KEY (username), KEY old_name_for_it (domain)) ENGINE=MyISAM DEFAULT CHARSET=latin1;
CREATE TABLE x_own (id int PRIMARY KEY);
INSERT INTO domain (domain, description, transport) VALUES ('old.example', 'Café', 'virtual');
INSERT INTO mailbox VALUES ('anna@old.example', '$1$x$y', 'Anna', 'old.example/anna/', 5120000, 'anna', 'old.example',
  '0000-00-00 00:00:00', '2009-05-01 12:00:00', 1);
"""


@pytest.fixture
def old_database(mariadb: MariaDB) -> str:
    url = mariadb.create_database("old_tables", charset="latin1")
    mariadb.sql("SET sql_mode = ''; " + OLD, database="old_tables")
    return url


@pytest.mark.mysql
def test_old_tables_get_what_they_lack(mariadb: MariaDB, old_database: str) -> None:
    panel = Panel(old_database)
    panel.migrate()

    def column(table: str, name: str) -> str:
        rows = mariadb.sql(
            "SELECT CONCAT_WS(' ', column_type, is_nullable, COALESCE(collation_name, '-'))"
            " FROM information_schema.columns"
            f" WHERE table_schema = 'old_tables' AND table_name = '{table}' AND column_name = '{name}'"
        )
        return str(rows).strip()

    assert "tinyint(1) NO" in column("mailbox", "smtp_active")
    assert "int(11) YES" in column("domain", "password_expiry")
    assert "latin1_swedish_ci" in column("mailbox", "username"), "never retyped"
    assert "utf8mb3" in column("domain", "description")
    assert "varchar(9) NO" in column("domain", "x_colour"), "the owner's column stays"
    assert "latin1_swedish_ci" in column("mailadmin_alias_target", "target"), "joins need one collation"
    assert "latin1_swedish_ci" in column("alias", "address"), "a new table follows the old ones"
    indexes = mariadb.sql(
        "SELECT GROUP_CONCAT(DISTINCT index_name) FROM information_schema.statistics"
        " WHERE table_schema = 'old_tables' AND table_name = 'mailbox' AND column_name = 'domain'"
    )
    assert "old_name_for_it" in str(indexes)
    assert "mailbox_domain" not in str(indexes), "the index is there, whatever its name"
    parts = mariadb.sql(
        "SELECT GROUP_CONCAT(sub_part ORDER BY seq_in_index) FROM information_schema.statistics"
        " WHERE table_schema = 'old_tables' AND table_name = 'mailbox' AND index_name = 'mailadmin_mailbox_name'"
    )
    assert "64,64,64" in str(parts), "whole columns are longer than an index of MyISAM can be"
    shown = panel.manage_json("mailbox", "show", "anna@old.example")
    assert shown["quota"] == 5120000
    listed = panel.manage_json("domain", "list")
    assert [row["domain"] for row in listed] == ["old.example"]
