"""An adopted latin1 database: pages and lookups still use their indexes, and other letters are no match."""

import json
import sys

import pytest

from tests.adopt import old_databases
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel
from tests.servers.processes import run

NAME = "adopted_latin1"
COUNT = 6_000


@pytest.fixture
def adopted(mariadb: MariaDB) -> Panel:
    """A database of version 3.3 with thousands of mailboxes in two domains."""
    url = old_databases.make(mariadb, NAME, "3.3")
    connection = mariadb.connect(NAME)
    names = [(f"m{n}", "old.example" if n % 30 == 0 else f"d{n % 30}.example") for n in range(10, COUNT)]
    with connection.cursor() as cursor:
        domains = [(domain,) for domain in sorted({domain for _name, domain in names} - {"old.example"})]
        cursor.executemany("INSERT INTO domain (domain, description, transport) VALUES (%s, '', '')", domains)
        cursor.executemany(
            "INSERT INTO mailbox (username, password, name, maildir, local_part, domain)"
            " VALUES (%s, '', '', '', %s, %s)",
            [(f"{name}@{domain}", name, domain) for name, domain in names],
        )
        aliases = [
            (f"{letter}{name[1:]}@{domain}", f"{name}@{domain}", domain) for name, domain in names for letter in "ma"
        ]
        aliases.append(("a1@old.example", "m1@old.example", "old.example"))
        cursor.executemany("INSERT INTO alias (address, goto, domain) VALUES (%s, %s, %s)", aliases)
    connection.close()
    panel = Panel(url, settings={"PLAIN_STATIC": "1", "DJANGO_SETTINGS_MODULE": "mailadmin.settings"})
    panel.manage("adopt", "--apply")
    mariadb.sql("ANALYZE TABLE domain, mailbox, alias, mailadmin_alias_target, mailadmin_domain", database=NAME)
    return panel


@pytest.mark.mysql
def test_pages_and_lookups_on_latin1(adopted: Panel) -> None:
    wrong = json.loads(run([sys.executable, "-m", "tests.adopt.latin1_pages"], env=adopted.env))
    assert wrong == []
