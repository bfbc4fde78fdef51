"""Each lookup: asked by the panel, by real `postmap` on the generated files, and of a model that knows no SQL."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from mailadmin.mailserver import lookups
from mailadmin.mailserver.lookups import Lookup, Runner
from tests.mailserver import model
from tests.mailserver.conftest import statements
from tests.mailserver.population import engine
from tests.servers.mariadb import MariaDB
from tests.servers.postfix import postmap

pytestmark = pytest.mark.django_db

POSTFIX_LOOKUPS = [lookup for lookup in lookups.ALL if lookup.runner is Runner.POSTFIX]
ODD_KEYS = [
    "usér@p1.example",
    "😀@p1.example",
    "alice@bücher.example",
    "alice@😀.example",
    "ali'ce@p1.example",
    "' OR ''='@p1.example",
    'ali"ce@p1.example',
    "ali\\ce@p1.example",
    "alice\\",
    "\\'@p1.example",
    "%@p1.example",
    "_____@p1.example",
    "%s%u%d@p1.example",
    "alice@p1.example@p2.example",
    "@@p1.example",
    "alice@",
    "@",
    "alice",
    "ALICE@P1.EXAMPLE",
    "a" * 300 + "@p1.example",
    "${alice}@p1.example",
    "*@p1.example",
    "alice;drop table alias@p1.example",
]


def ask_postmap(generated: Path, lookup: Lookup, keys: list[str]) -> dict[str, str]:
    return postmap(generated / "postfix", f"{engine()}:{generated}/postfix/sql/{lookup.name}.cf", keys)


def test_every_lookup_has_a_model() -> None:
    assert {lookup.name for lookup in POSTFIX_LOOKUPS} == set(model.ANSWERS)


def test_the_population_is_big_enough(world: model.Population) -> None:
    assert len(world.mailboxes | world.aliases) >= 200
    assert any(not mailbox.active for mailbox in world.mailboxes.values())
    assert any(world.is_off(address) and world.forwards(f"@{address.partition('@')[2]}") for address in world.mailboxes)


@pytest.mark.parametrize("lookup", POSTFIX_LOOKUPS, ids=lambda lookup: lookup.name)
def test_three_answers_agree(lookup: Lookup, world: model.Population, generated: Path) -> None:
    keys = list(dict.fromkeys(model.random_keys(world, 400, seed=7)))
    assert len([key for key in keys if "@" in key]) >= 200
    by_postfix = ask_postmap(generated, lookup, keys)
    for key in keys:
        expected = model.ANSWERS[lookup.name](world, key)
        assert lookups.run(lookup, key) == expected, key
        assert by_postfix.get(key, "") == ",".join(expected), key


@pytest.mark.parametrize("lookup", POSTFIX_LOOKUPS, ids=lambda lookup: lookup.name)
def test_every_lookup_answers_something(lookup: Lookup, world: model.Population) -> None:
    keys = [*world.domains, *world.mailboxes, *world.aliases]
    keys += [f"{name}@{domain}" for name in model.LOCAL_PARTS for domain in world.alias_domains]
    keys += [f"@{domain}" for domain in world.domains]
    assert any(lookups.run(lookup, key) for key in keys)


@pytest.mark.parametrize("lookup", POSTFIX_LOOKUPS, ids=lambda lookup: lookup.name)
def test_odd_keys_are_no_match_and_no_error(lookup: Lookup, world: model.Population, generated: Path) -> None:
    by_postfix = ask_postmap(generated, lookup, ODD_KEYS)
    for key in ODD_KEYS:
        expected = model.ANSWERS[lookup.name](world, key.lower()) if key.isupper() else []
        assert lookups.run(lookup, key) == expected, key
        assert by_postfix.get(key, "") == ",".join(expected), key


@pytest.mark.parametrize("key", ["", "nul\0@p1.example", "\ud800@p1.example"])
def test_what_no_database_can_be_asked_is_no_match(key: str, world: model.Population) -> None:
    assert all(lookups.run(lookup, key) == [] for lookup in POSTFIX_LOOKUPS)
    assert lookups.run_dovecot(lookups.PASSWORD_QUERY, key) == []


def test_odd_user_names_are_no_match(world: model.Population) -> None:
    for query in (lookups.PASSWORD_QUERY, lookups.USER_QUERY):
        assert [key for key in ODD_KEYS if not key.isupper() and lookups.run_dovecot(query, key)] == []


def test_who_may_sign_in(world: model.Population) -> None:
    for address, mailbox in world.mailboxes.items():
        is_on = mailbox.active and world.is_on(address.partition("@")[2])
        signs_in = world.signs_in(address)
        assert bool(lookups.run_dovecot(lookups.PASSWORD_QUERY, address)) == signs_in
        assert bool(lookups.run_dovecot(lookups.PASSWORD_QUERY, address, service="smtp")) == (
            signs_in and mailbox.smtp_active
        )
        # Mail goes on arriving, whatever the password.
        assert bool(lookups.run_dovecot(lookups.USER_QUERY, address)) == is_on
        assert lookups.run_dovecot(lookups.PASSWORD_QUERY, address, tls=False) == []


def test_iterate_lists_whom_the_user_query_knows(world: model.Population) -> None:
    listed = {row["user"] for row in lookups.run_dovecot(lookups.ITERATE_QUERY)}
    assert listed == {address for address in world.mailboxes if lookups.run_dovecot(lookups.USER_QUERY, address)}


def test_the_quota_rule_is_never_negative(world: model.Population) -> None:
    address = next(address for address, row in world.mailboxes.items() if row.quota == -1 and row.active)
    [row] = lookups.run_dovecot(lookups.USER_QUERY, address) or [{"quota_rule": "*:bytes=0"}]
    assert row["quota_rule"] == "*:bytes=0"


KEYED = [lookup for lookup in lookups.ALL if lookup.name != "iterate_query"]


def questions(lookup: Lookup, world: model.Population, sql: str) -> list[tuple[str, list[str]]]:
    """Return the query bound to keys of every kind: of a mailbox, an alias, nobody, in each kind of domain."""
    targets = {row.target for row in world.alias_domains.values()}
    plain = next(domain for domain in world.domains if domain not in targets)
    open_alias_domain = next(name for name in world.alias_domains if world.target_of(name))
    addresses = [
        next(iter(world.mailboxes)),
        next(iter(world.aliases)),
        f"nobody@{plain}",
        f"nobody@{open_alias_domain}",
    ]
    addresses += [f"{name}@{open_alias_domain}" for name in model.LOCAL_PARTS[:3]] + ["nobody@nowhere.example"]
    found = []
    for address in addresses:
        local_part, _at, domain = address.rpartition("@")
        user = local_part if lookup.runner is Runner.POSTFIX else address
        found.append(lookups.bind(sql, {"s": address, "u": user, "d": domain, "c": "TLS"}))
    return found


@pytest.mark.parametrize("lookup", KEYED, ids=lambda lookup: lookup.name)
def test_every_lookup_uses_an_index(lookup: Lookup, world: model.Population) -> None:
    for sql, parameters in questions(lookup, world, lookups.text(lookup, engine())):
        assert [line for line in explain(sql, parameters) if "SCAN" in line.upper()] == [], parameters


def explain(sql: str, parameters: list[str]) -> list[str]:
    """Return the plan line by line, in words that show a scan of a whole table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # On tables this small a scan is quickest; made expensive, it is left only where no index serves.
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"{'EXPLAIN QUERY PLAN' if connection.vendor == 'sqlite' else 'EXPLAIN'} {sql}", parameters)
        return [_plan_line(row) for row in cursor.fetchall()]


def _plan_line(row: tuple[Any, ...]) -> str:
    if connection.vendor == "mysql":
        return mariadb_plan_line(row)
    return re.sub("(Index|Index Only|Bitmap Heap|Bitmap Index) Scan", "", str(row[-1]))


def mariadb_plan_line(row: tuple[Any, ...]) -> str:
    """Return table and access of a line of MariaDB's plan; its columns are id, select_type, table, type, ..."""
    return f"{row[2]} {'scan' if row[3] in ('ALL', 'index') else row[3]}"


OLD_TABLES = """
CREATE TABLE domain (domain varchar(255) PRIMARY KEY, active tinyint(1), backupmx tinyint(1), transport varchar(255),
 password_expiry int);
CREATE TABLE alias_domain (alias_domain varchar(255) PRIMARY KEY, target_domain varchar(255), active tinyint(1),
 KEY active (active), KEY target_domain (target_domain));
CREATE TABLE mailbox (username varchar(255) PRIMARY KEY, password varchar(255), maildir varchar(255), quota bigint,
 domain varchar(255), active tinyint(1), smtp_active tinyint(1), created datetime,
 password_expiry datetime NOT NULL DEFAULT '2000-01-01 00:00:00', KEY domain (domain));
CREATE TABLE mailadmin_app_password (id bigint PRIMARY KEY, username varchar(255), digest varchar(64) UNIQUE,
 made_for datetime, imap tinyint(1), pop3 tinyint(1), smtp tinyint(1), sieve tinyint(1), ends datetime(6));
CREATE TABLE mailadmin_app_passwords_only (username varchar(255) PRIMARY KEY, made_for datetime);
CREATE TABLE alias (address varchar(255) PRIMARY KEY, goto text, domain varchar(255), active tinyint(1),
 created datetime, KEY domain (domain));
CREATE TABLE mailadmin_own_alias (address varchar(255) PRIMARY KEY, alias_created datetime, ends datetime(6));
CREATE TABLE vacation (email varchar(255) PRIMARY KEY, active tinyint(1), activefrom timestamp, activeuntil timestamp)
"""


@pytest.fixture(scope="module")
def latin1_tables(mariadb: MariaDB, world: model.Population) -> str:
    """The same population on tables as PostfixAdmin made them: latin1, in a database of its own on MariaDB."""
    name = "old_lookups"
    mariadb.create_database(name, "latin1", "latin1_general_ci")
    for statement in statements(OLD_TABLES):
        mariadb.sql(statement, database=name)
    connection = mariadb.connect(name)
    with connection.cursor() as cursor:
        rows: list[tuple[Any, ...]] = [
            (key, row.active, row.backupmx, row.transport) for key, row in world.domains.items()
        ]
        cursor.executemany("INSERT INTO domain VALUES (%s, %s, %s, %s, 90)", rows)
        rows = [(key, row.target, row.active) for key, row in world.alias_domains.items()]
        cursor.executemany("INSERT INTO alias_domain VALUES (%s, %s, %s)", rows)
        rows = [
            (key, "", row.maildir, row.quota, key.rpartition("@")[2], row.active, row.smtp_active, "2020-01-01")
            for key, row in world.mailboxes.items()
        ]
        cursor.executemany("INSERT INTO mailbox VALUES (%s, %s, %s, %s, %s, %s, %s, %s, NOW())", rows)
        rows = [(key, row.goto, key.rpartition("@")[2], row.active) for key, row in world.aliases.items()]
        cursor.executemany("INSERT INTO alias VALUES (%s, %s, %s, %s, '2026-03-01 14:00:00')", rows)
        cursor.execute("INSERT INTO mailadmin_own_alias SELECT address, created, created FROM alias")
    connection.close()
    return name


@pytest.mark.parametrize("lookup", KEYED, ids=lambda lookup: lookup.name)
def test_every_lookup_uses_an_index_on_old_tables(
    lookup: Lookup, world: model.Population, mariadb: MariaDB, latin1_tables: str
) -> None:
    for sql, parameters in questions(lookup, world, lookups.text(lookup, "mysql")):
        plan = mariadb.sql(f"EXPLAIN {sql}", tuple(parameters), latin1_tables)
        assert [line for line in map(mariadb_plan_line, plan) if "scan" in line] == [], parameters
