"""A population in the run's database, and the generated configuration for it.

Django is not set up yet when this is read, so what needs models is imported inside.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mailserver.model import Population, generate
from tests.servers.mariadb import MariaDB
from tests.servers.postfix import cool_down
from tests.servers.postgres import Postgres
from tests.servers.processes import private_dir
from tests.servers.sqlite import SQLite

MAIL_SETTINGS = {
    "MAILADMIN_MAIL_HOSTNAME": "mx.test.example",
    "MAILADMIN_POSTFIX_DB_USER": "lookup_postfix",
    "MAILADMIN_POSTFIX_DB_PASSWORD": "postfix-reads",
    "MAILADMIN_DOVECOT_DB_USER": "lookup_dovecot",
    "MAILADMIN_DOVECOT_DB_PASSWORD": "dovecot-reads",
    "MAILADMIN_DOVECOT_CONFIG": "/etc/dovecot",
}


@pytest.fixture
def mail_settings() -> Iterator[None]:
    from django.test.utils import override_settings

    with override_settings(**MAIL_SETTINGS):
        yield


@pytest.fixture(scope="session")
def mail_users(django_db_setup: None, django_db_blocker: Any, database_server: MariaDB | Postgres | SQLite) -> None:
    """The database users of Postfix and Dovecot, with exactly the rights that we print."""
    from django.test.utils import override_settings

    from mailadmin.mailserver import conf, grants

    if isinstance(database_server, SQLite):
        return
    with django_db_blocker.unblock(), override_settings(**MAIL_SETTINGS):
        server = conf.load()
        database = conf.database(server)
        # Other directories borrow this fixture, and each borrower makes the users anew.
        panel = "CREATE USER IF NOT EXISTS lookup_panel@'%';"
        if isinstance(database_server, Postgres):
            known = database_server.sql("SELECT 1 FROM pg_roles WHERE rolname = 'lookup_panel'", database=database.name)
            panel = "" if known else "CREATE USER lookup_panel;"
        script = [panel, *grants.statements(server, database, "lookup_panel")]
        database_server.load(database.name, "\n".join(script))


@pytest.fixture(scope="session")
def generated(mail_users: None, django_db_blocker: Any) -> Path:
    """A directory with the configuration for the run's database."""
    from django.test.utils import override_settings

    from mailadmin.mailserver import config

    output = private_dir()
    with django_db_blocker.unblock(), override_settings(**MAIL_SETTINGS):
        config.write(output, config.render(output), force=False)
    cool_down(output)
    return output


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Population]:
    """A generated population, committed so that other programs see it, for the tests of one module."""
    from tests.mailserver.population import empty, fill

    population = generate(seed=2)
    with django_db_blocker.unblock():
        empty()
        fill(population)
        yield population
        empty()


def statements(script: str) -> list[str]:
    """Return the statements of a script whose texts hold no semicolon."""
    return [statement.strip() for statement in script.split(";") if statement.strip()]
