"""How the databases run each lookup among thousands of rows, with the plans they choose by themselves."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import override_settings
from django.utils import timezone

from aliases.models import Alias, OwnAlias
from domains.models import AliasDomain
from mailadmin.mailserver import lookups
from mailadmin.mailserver.lookups import PASSWORD_QUERY, Lookup, Runner
from mailadmin.mailserver.lookups.asking import PASSWORD_DIGEST
from mailboxes.app_passwords import app_password_digest
from mailboxes.models import AppPassword, AppPasswordsOnly, Credential, Vacation
from tests.mailserver.population import MADE, empty, engine
from tests.people import make_domains, make_mailboxes
from tests.servers.mariadb import MariaDB

pytestmark = pytest.mark.django_db

DOMAINS, MAILBOXES = 1_000, 3_000
KEYED = [lookup for lookup in lookups.ALL if lookup.name != "iterate_query"]
TABLES = ["domain", "alias_domain", "mailbox", "alias", "vacation"]
OWN_TABLES = ["mailadmin_own_alias", "mailadmin_credential", "mailadmin_app_password", "mailadmin_app_passwords_only"]
BY_KEY = {"const", "eq_ref", "ref", "system"}
"""What MariaDB calls reading rows by a key, and a table of one row or none."""


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """1,000 domains with an alias domain each, 3,000 mailboxes with an alias row, as many further aliases."""
    with django_db_blocker.unblock():
        empty()
        names = [f"d{number}.example" for number in range(DOMAINS)]
        make_domains(*names, *(f"ad{name}" for name in names))
        AliasDomain.objects.bulk_create(AliasDomain(alias_domain=f"ad{name}", target_domain=name) for name in names)
        users = [f"u{number}@d{number % DOMAINS}.example" for number in range(MAILBOXES)]
        make_mailboxes(*users, password="x", name="")
        Alias.objects.bulk_create(_alias(name, user) for user in users for name in (user, f"a{user}"))
        OwnAlias.objects.bulk_create(_own(user) for user in users)
        Vacation.objects.bulk_create(Vacation(email=user, domain=user.partition("@")[2]) for user in users)
        Credential.objects.bulk_create(_credential(user) for user in users)
        AppPassword.objects.bulk_create(_app_password(user) for user in users)
        AppPasswordsOnly.objects.bulk_create(AppPasswordsOnly(username=user) for user in users[::2])
        analyze()
        yield
        for model in (Credential, AppPassword, AppPasswordsOnly):
            model.objects.all().delete()
        Vacation.objects.all().delete()
        empty()
        analyze()


def analyze() -> None:
    """Let the database count its rows, as it does by itself after a while."""
    with connection.cursor() as cursor:
        for table in (*TABLES, *OWN_TABLES):
            cursor.execute(f"ANALYZE {'TABLE ' if connection.vendor == 'mysql' else ''}{table}")


def _alias(address: str, goto: str) -> Alias:
    return Alias(address=address, goto=goto, domain=address.partition("@")[2], created=MADE)


def _own(user: str) -> OwnAlias:
    return OwnAlias(address=f"a{user}", alias_created=MADE, owner=user, owner_created=MADE, ends=MADE)


def _credential(user: str) -> Credential:
    return Credential(username=user, mechanism="SCRAM-SHA-256", secret="x", made_for="x")


def _app_password(user: str) -> AppPassword:
    everywhere = dict.fromkeys(("imap", "pop3", "smtp", "sieve"), True)
    return AppPassword(username=user, digest=app_password_digest(user), created=timezone.now(), **everywhere)


KEYS = [
    "u7@d7.example",
    "au7@d7.example",
    "u7@add7.example",
    "nobody@d7.example",
    "nobody@nowhere.example",
    "@d7.example",
]


def questions(lookup: Lookup, engine: str) -> Iterator[tuple[str, list[str]]]:
    """Return the query bound to keys of every kind: of a mailbox, an alias, nobody, at each kind of domain."""
    for key in KEYS:
        local_part, _at, domain = key.rpartition("@")
        values = {"s": key, "u": local_part, "d": domain}
        if lookup.runner is Runner.DOVECOT:
            values = {"s": "smtp", "u": key, "d": domain, "c": "TLS", "m": "SCRAM-SHA-256"}
            values[PASSWORD_DIGEST] = app_password_digest(key)
        yield lookups.bind(lookups.text(lookup, engine), values)


def strange_to(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the steps of MariaDB's plan that do not read by a key; a table known to answer nothing has no type."""
    return [step for step in steps if step["type"] is not None and step["type"] not in BY_KEY]


def scans(sql: str, parameters: list[str]) -> list[Any]:
    """Return the steps of the plan that do anything but find rows by a key."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}", parameters)
        rows = cursor.fetchall()
        if connection.vendor == "mysql":
            names = [column[0] for column in cursor.description]
            return strange_to([dict(zip(names, row, strict=True)) for row in rows])
    word = "SCAN " if connection.vendor == "sqlite" else "Seq Scan"
    return [row for row in rows if word in str(row[-1])]


@pytest.mark.parametrize("lookup", KEYED, ids=lambda lookup: lookup.name)
def test_every_lookup_reads_by_keys_alone(lookup: Lookup, crowd: None) -> None:
    for sql, parameters in questions(lookup, engine()):
        assert scans(sql, parameters) == [], parameters


def test_so_does_the_second_credential(crowd: None) -> None:
    with override_settings(MAILADMIN_CHALLENGE_MECHANISMS=("SCRAM-SHA-256",)):
        for sql, parameters in questions(PASSWORD_QUERY, engine()):
            assert "mailadmin_credential" in sql
            assert scans(sql, parameters) == [], parameters


@pytest.fixture(scope="module")
def latin1_crowd(mariadb: MariaDB, crowd: None, django_db_blocker: Any) -> str:
    """The same rows on MariaDB with latin1 keys, as PostfixAdmin made them; ours take after them."""
    name, live = "old_plans", connection.settings_dict["NAME"]
    mariadb.create_database(name, "latin1", "latin1_swedish_ci")
    for table in (*TABLES, *OWN_TABLES):
        mariadb.sql(f"CREATE TABLE `{table}` LIKE `{live}`.`{table}`", database=name)
        if table not in OWN_TABLES:
            mariadb.sql(f"ALTER TABLE `{table}` CONVERT TO CHARACTER SET latin1", database=name)
        else:
            key = "address" if table == "mailadmin_own_alias" else "username"
            keys = f"MODIFY {key} varchar(255) CHARACTER SET latin1 NOT NULL"
            mariadb.sql(f"ALTER TABLE `{table}` {keys}", database=name)
        mariadb.sql(f"INSERT INTO `{table}` SELECT * FROM `{live}`.`{table}`", database=name)
        mariadb.sql(f"ANALYZE TABLE `{table}`", database=name)
    return name


@pytest.mark.mysql
@pytest.mark.parametrize("lookup", KEYED, ids=lambda lookup: lookup.name)
def test_every_lookup_reads_by_keys_alone_on_latin1_tables(lookup: Lookup, mariadb: MariaDB, latin1_crowd: str) -> None:
    assert mariadb.sql("SELECT 1 FROM mailbox WHERE username = 'u7@d7.example'", database=latin1_crowd)
    with override_settings(MAILADMIN_CHALLENGE_MECHANISMS=("SCRAM-SHA-256",)):
        for sql, parameters in questions(lookup, "mysql"):
            plan = mariadb.sql(f"EXPLAIN {sql}", tuple(parameters), latin1_crowd)
            assert strange_to([{"table": row[2], "type": row[3]} for row in plan]) == [], parameters


@pytest.mark.mysql
def test_a_latin1_mailbox_is_answered_its_credential(mariadb: MariaDB, latin1_crowd: str) -> None:
    with override_settings(MAILADMIN_CHALLENGE_MECHANISMS=("SCRAM-SHA-256",)):
        sql, parameters = next(questions(PASSWORD_QUERY, "mysql"))
        mariadb.sql("UPDATE mailadmin_credential SET secret = 'own'", database=latin1_crowd)
        assert mariadb.sql(sql, tuple(parameters), latin1_crowd)[0][1] == "own"
        mariadb.sql("UPDATE mailbox SET password = 'X'", database=latin1_crowd)
        assert mariadb.sql(sql, tuple(parameters), latin1_crowd)[0][1] == "X"
