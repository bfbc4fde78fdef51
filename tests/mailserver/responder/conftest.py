"""The people of the vacation cases in the run's database, and the program's settings for it.

Django is not set up yet when this is read, so what needs models is imported inside.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.mailserver.conftest import MAIL_SETTINGS
from tests.mailserver.replies import AUTOREPLY, config_for
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.sink import Sink
from tests.servers.sqlite import SQLite

SETTINGS = MAIL_SETTINGS | {
    "MAILADMIN_VACATION": "transport",
    "MAILADMIN_VACATION_DOMAIN": AUTOREPLY,
    "MAILADMIN_VACATION_DB_USER": "lookup_vacation",
    "MAILADMIN_VACATION_DB_PASSWORD": "vacation-reads",
}


@pytest.fixture(scope="package")
def db(
    django_db_setup: None, django_db_blocker: Any, database_server: MariaDB | Postgres | SQLite
) -> Iterator[dict[str, str]]:
    """The people, committed; the database user of the program, with the rights that we print.

    It takes the name of pytest-django's, which wraps each test in a transaction: whoever asks for `db` has a database.
    """
    from django.test import override_settings

    from mailadmin.mailserver import conf, grants
    from tests.mailserver.responder.letters import empty, populate

    with django_db_blocker.unblock(), override_settings(**SETTINGS):
        populate()
        user = {}
        if not isinstance(database_server, SQLite):
            server = conf.load()
            wanted = conf.database(server)
            lines = grants.statements(server, wanted, "nobody_else")
            mine = [line for line in lines if "lookup_vacation" in line]
            database_server.load(wanted.name, "\n".join(mine))
            user = {"user": "lookup_vacation", "password": "vacation-reads"}
        yield user
        empty()


@pytest.fixture
def config(db: dict[str, str], sink: Sink) -> dict[str, str]:
    """What the program is told; somebody is away, with nobody answered yet."""
    from django.db import connection

    from tests.mailserver.responder.letters import begin

    begin()
    return config_for(connection, sink, **db)
