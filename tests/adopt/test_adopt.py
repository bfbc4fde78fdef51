"""Databases of each version of PostfixAdmin, taken over and given back: looked at, added to, proved, undone."""

from typing import Any

from mailadmin.adopt.passwords import dovecot_refuses
from mailadmin.adopt.versions import NEEDED
from tests.adopt import old_databases
from tests.adopt.old_databases import DOMAINS, VERSIONS, Server
from tests.adopt.states import dump
from tests.conftest import ENGINE
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel
from tests.servers.postgres import Postgres

# The oldest that is known there; tests/prove does all of them.
SHOWN = old_databases.KNOWN_ON[ENGINE][0]
COUNTS = {
    "mailbox_domain_missing": 1,
    "alias_domain_missing": 1,
    "grants_without_admin": 1,
    "mailboxes_without_alias": 1,
    "aliases_pointing_nowhere": 1,
    "limits_exceeded": 1,
}


def there_and_back(server: Server, version: str) -> None:
    """Look at a database of the version, take it over, prove it, and go back; assert all of it."""
    name = f"from_{version.replace('.', '')}"
    panel = Panel(old_databases.make(server, name, version))
    before = dump(server, name)

    found = panel.manage_json("adopt")
    assert dump(server, name) == before, "looking writes nothing"
    check_report(found, version)

    applied = panel.manage_json("adopt", "--apply")
    assert (applied["scheme"], applied["domains"]) == ("MD5-CRYPT:bare", len(DOMAINS) - 1)
    again = panel.manage_json("adopt")["plan"]
    assert not any(again.values()), "nothing is left to add"
    verified = panel.manage_json("adopt", "--verify")
    assert verified["differences"] == []

    panel.manage("adopt", "--undo", "--yes")
    assert dump(server, name) == before, "everything as it was"


def check_report(found: dict[str, Any], version: str) -> None:
    assert found["version"]["row"] == (int(VERSIONS[version] or 0) or None)
    assert found["version"]["name"].startswith({"2.3": "2.2 or 2.3", "3.3": "3.x", "4.0": "4.x"}.get(version, version))
    counts = {finding["name"]: finding["count"] for finding in found["findings"]}
    expected = COUNTS if ENGINE != "postgres" else {k: n for k, n in COUNTS.items() if not k.endswith("_missing")}
    assert {name: counts.get(name) for name in expected} == expected
    examples = {finding["name"]: finding["examples"] for finding in found["findings"]}
    assert examples["aliases_pointing_nowhere"] == ["sales@shop.example to gone@old.example"]
    assert examples["mailboxes_without_alias"] == ["m9@old.example"]
    assert examples["limits_exceeded"] == ["full.example (mailboxes)"]
    if ENGINE == "mysql" and version < "3":
        assert "13 in mailbox.created" in examples["zero_dates"]
        assert "mailbox" in examples["not_innodb"]
        assert "narrow_charset" in counts
        assert ("narrow_numbers" in counts) == (version == "2.1")
    schemes = {row["scheme"]: row for row in found["passwords"]["mailbox"]}
    lost = 0 if ENGINE == "postgres" else 1
    assert {name: row["rows"] for name, row in schemes.items()} == {
        "MD5-CRYPT:bare": 6,
        "SSHA": 2 + lost,
        "DES-CRYPT:bare": 2,
        "EMPTY": 2,
    }
    assert [name for name, row in schemes.items() if row["dovecot_refuses"]] == ["EMPTY"]
    assert found["superadmins"]["only_grant"] == ["root@old.example"]
    assert found["unknown_columns"] == ["domain.x_colour"]
    assert [name for name, table in found["tables"].items() if not table["known"]] == ["x_own"]
    assert found["missing_rights"] == []
    assert "mailadmin_domain" in found["plan"]["tables"]
    assert "description" in found["plan"]["columns"]["alias"]


def test_there_and_back(database_server: Server) -> None:
    there_and_back(database_server, SHOWN)


def refused(server: Server, name: str, *statements: str, options: tuple[str, ...] = ()) -> str:
    """Return the one line with which a database of these statements is refused; nothing may be written."""
    panel = Panel(server.create_database(name))
    for statement in statements:
        server.sql(statement, database=name)
    before = dump(server, name)
    status, _printed, error = panel.manage_status("adopt", *options)
    assert status == 1
    assert len(error.strip().splitlines()) == 1, error
    assert dump(server, name) == before
    return error


def test_what_cannot_be_adopted_is_said_in_one_line(database_server: Server) -> None:
    empty = refused(database_server, "adopt_empty", options=("--apply",))
    assert "There is nothing to adopt" in empty
    tables = [f"CREATE TABLE pfa_{name} (id int)" for name in NEEDED]
    assert "Rename them without pfa_" in refused(database_server, "adopt_prefixed", *tables, options=("--apply",))
    part = refused(database_server, "adopt_part", "CREATE TABLE mailbox (username varchar(9))", options=("--apply",))
    assert "but not admin, alias" in part


def test_a_fresh_install_is_not_undone(panel: Panel) -> None:
    panel.migrate()
    for step in ("--undo", "--apply"):
        status, _printed, error = panel.manage_status("adopt", step, "--yes")
        assert status == 1
        assert "our own" in error
    assert panel.manage_json("domain", "list", "--limit", "1") is not None, "it still stands"


def test_missing_rights_are_told_before_anything_is_written(database_server: Server) -> None:
    if not isinstance(database_server, MariaDB | Postgres):
        return
    old_databases.make(database_server, "adopt_rights", "3.3")
    database_server.create_user("adopter", "secret")
    if isinstance(database_server, MariaDB):
        held = "SELECT, INSERT, DELETE, UPDATE, CREATE, ALTER"
        database_server.sql(f"GRANT {held} ON `adopt\\_rights`.* TO adopter")
        wanted = "INDEX"
    else:
        database_server.sql("GRANT ALL ON SCHEMA public TO adopter", database="adopt_rights")
        database_server.sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO adopter", database="adopt_rights")
        wanted = "does not own mailbox"
    before = dump(database_server, "adopt_rights")
    panel = Panel(database_server.url("adopt_rights", "adopter", "secret"))
    missing = panel.manage_json("adopt")["missing_rights"]
    assert any(wanted in line for line in missing)
    status, _printed, error = panel.manage_status("adopt", "--apply")
    assert status == 1
    assert wanted in error and "Nothing was written" in error
    assert dump(database_server, "adopt_rights") == before


def test_what_dovecot_refuses() -> None:
    accepted = ["MD5-CRYPT:bare", "DES-CRYPT:bare", "SHA512-CRYPT", "ARGON2ID", "SHA512-CRYPT.B64", "PLAIN-MD5"]
    refused_ones = ["EMPTY", "DISABLED", "UNKNOWN", "PLAIN-MD5:bare", "ARGON2ID:bare", "YESCRYPT"]
    assert [name for name in [*accepted, *refused_ones] if dovecot_refuses(name)] == refused_ones
