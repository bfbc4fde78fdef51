"""The migrated schema beside PostfixAdmin's, and the migrations on databases that already have tables."""

import pytest
from django.core.management import call_command
from django.db import connection

from mailadmin.core.fields import KEY_COLLATION
from tests.core.postfixadmin_tables import COLUMNS, FOREIGN_KEYS, INDEXES

pytestmark = pytest.mark.django_db

# What differs from PostfixAdmin's own tables on purpose: column -> (theirs, ours, why).
ACCEPTED = {
    ("domain", "aliases"): ("int(10)", "int(11)", "display width, which means nothing"),
    ("domain", "mailboxes"): ("int(10)", "int(11)", "display width, which means nothing"),
    ("fetchmail", "id"): ("int(11) unsigned", "int(11)", "an ordinary serial; two thousand million jobs are enough"),
    ("fetchmail", "poll_time"): ("int(11) unsigned", "int(10) unsigned", "display width, which means nothing"),
    ("quota2", "username"): ("varchar(100)", "varchar(255)", "as its 3.3 branch has it: addresses are up to 254 long"),
    ("vacation", "cache"): ("-", "''", "a dead column; with a default no program need know it"),
}
# Ours beside PostfixAdmin's indexes. Its second index on vacation.email repeats the primary key.
MISSING_INDEXES = {"vacation (email)"}
KEY_COLUMNS = {"username", "domain", "address", "alias_domain", "target_domain", "email", "on_vacation", "author"}


def _expected() -> dict[tuple[str, str], list[str]]:
    columns, table = {}, ""
    for line in COLUMNS.strip().splitlines():
        if not line.startswith(" "):
            table = line
            continue
        name, *rest = [part.strip() for part in line.split(" | ")]
        columns[table, name] = [*rest, *[""] * (4 - len(rest))]
    return columns


def _live(tables: set[str]) -> dict[tuple[str, str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, column_type, is_nullable, COALESCE(column_default, '-'), extra"
            " FROM information_schema.columns WHERE table_schema = DATABASE()"
        )
        return {(row[0], row[1]): list(row[2:]) for row in cursor.fetchall() if row[0] in tables}


@pytest.mark.mysql
def test_every_column_is_postfixadmins() -> None:
    expected = _expected()
    live = _live({table for table, _column in expected})
    assert len({table for table, _column in expected}) == 18
    assert live.keys() == expected.keys()
    differences = {
        key: (theirs, live[key]) for key, theirs in expected.items() if [part.strip() for part in live[key]] != theirs
    }
    assert differences.keys() == ACCEPTED.keys()
    for key, (theirs, ours, _why) in ACCEPTED.items():
        assert theirs in differences[key][0], key
        assert ours in differences[key][1], key


@pytest.mark.mysql
def test_every_index_and_foreign_key_is_there() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, GROUP_CONCAT(column_name ORDER BY seq_in_index), non_unique"
            " FROM information_schema.statistics WHERE table_schema = DATABASE()"
            " GROUP BY table_name, index_name, non_unique"
        )
        live = {f"{table} ({columns}){'' if shared else ' unique'}" for table, columns, shared in cursor.fetchall()}
        cursor.execute(
            "SELECT table_name, referenced_table_name, delete_rule FROM information_schema.referential_constraints"
            " WHERE constraint_schema = DATABASE()"
        )
        foreign_keys = {row for row in cursor.fetchall() if not row[0].startswith(("auth_", "django_"))}
    assert set(INDEXES.strip().splitlines()) - live == MISSING_INDEXES
    assert foreign_keys == FOREIGN_KEYS


@pytest.mark.parametrize(("table", "key"), [("mailbox", "username"), ("alias", "address")])
def test_one_index_has_a_domain_in_the_order_of_its_addresses(table: str, key: str) -> None:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table)
    present = [known["columns"] for known in constraints.values() if known["index"]]
    # On MariaDB that of the domain alone goes on with the primary key, and a second one would be in vain.
    domain_alone = connection.vendor == "mysql" and ["domain"] in present
    assert (["domain", key] in present) != domain_alone


@pytest.mark.mysql
def test_keys_are_compared_byte_by_byte() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, collation_name FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND data_type = 'varchar'"
        )
        rows = cursor.fetchall()
    keys = [
        row for row in rows if row[1] in KEY_COLUMNS and row[0] != "log" and not row[0].startswith(("auth_", "django_"))
    ]
    assert len(keys) > 20
    assert {collation for _table, _column, collation in keys} == {KEY_COLLATION}


def test_every_table_is_there_and_other_programs_can_insert() -> None:
    """Raw INSERTs with the columns PostfixAdmin gives, on each engine."""
    yes = "TRUE" if connection.vendor == "postgresql" else "1"
    with connection.cursor() as cursor:
        assert {table for table, _column in _expected()} <= set(connection.introspection.table_names(cursor))
        cursor.execute("INSERT INTO domain (domain, description, transport) VALUES ('raw.example', '', 'virtual')")
        cursor.execute(
            "INSERT INTO mailbox (username, password, name, maildir, local_part, domain)"
            " VALUES ('anna@raw.example', '', 'Anna', 'raw.example/anna/', 'anna', 'raw.example')"
        )
        cursor.execute(
            "INSERT INTO vacation (email, subject, body, domain) VALUES ('anna@raw.example', 's', 'b', 'raw.example')"
        )
        cursor.execute(
            "INSERT INTO vacation_notification (on_vacation, notified) VALUES ('anna@raw.example', 'bob@else.example')"
        )
        cursor.execute(f"SELECT COUNT(*) FROM mailbox WHERE active = {yes} AND smtp_active = {yes} AND quota = 0")
        assert cursor.fetchone()[0] == 1
        cursor.execute("DELETE FROM vacation WHERE email = 'anna@raw.example'")
        cursor.execute("SELECT COUNT(*) FROM vacation_notification")
        assert cursor.fetchone()[0] == 0, "the notification goes with its vacation"
        cursor.execute("SELECT value FROM config WHERE name = 'version'")
        assert cursor.fetchone()[0] == "1856"


def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
