"""The whole panel with its mail server: on the run's database, and on SQLite as a small server keeps it."""

from collections.abc import Iterator

import pytest

from tests.conftest import ENGINE
from tests.e2e.people import BOSS, BOSS_PASSWORD
from tests.servers.ca import CertificateAuthority
from tests.servers.mailstack import MailStack
from tests.servers.sink import Sink
from tests.servers.sqlite import SQLite


@pytest.fixture(scope="session")
def sqlite_mailstack(running_sink: Sink, ca: CertificateAuthority) -> Iterator[MailStack]:
    """Postfix with `sqlite:` maps and Dovecot with its sqlite driver, on the panel's own file."""
    with MailStack(SQLite("postfix"), running_sink, ca) as server:
        yield server


@pytest.fixture(scope="session", params=sorted({ENGINE, "sqlite"}))
def stack(request: pytest.FixtureRequest) -> MailStack:
    """A mail server whose panel is served, with one superadmin; all tests share it: take new domains."""
    name = "mailstack" if request.param == ENGINE else "sqlite_mailstack"
    server: MailStack = request.getfixturevalue(name)
    server.panel.start()
    server.panel.manage("admin_user", "create", BOSS, "--superadmin", "--password-stdin", stdin=BOSS_PASSWORD)
    return server


@pytest.fixture
def served(mailstack: MailStack) -> MailStack:
    """The run's mail server with its panel served, on the run's database alone."""
    mailstack.panel.start()
    return mailstack
