"""Which database the run uses, and the real servers as fixtures, each started at its first use and once per run.

MAILADMIN_TEST_DB names the database of the run: mysql (default), postgres or sqlite. The environment is set here,
before Django's settings are read; pyproject.toml therefore names no settings module.
"""

import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.ca import CertificateAuthority
from tests.servers.mailstack import MailStack
from tests.servers.mariadb import MariaDB
from tests.servers.panel import SETTINGS, Panel
from tests.servers.postgres import Postgres
from tests.servers.processes import private_dir
from tests.servers.sink import Sink
from tests.servers.sqlite import SQLite

ENGINES: dict[str, Callable[[], MariaDB | Postgres | SQLite]] = {
    "mysql": MariaDB,
    "postgres": Postgres,
    "sqlite": SQLite,
}
ENGINE = os.environ.get("MAILADMIN_TEST_DB", "mysql")

if ENGINE not in ENGINES:
    raise pytest.UsageError(f"MAILADMIN_TEST_DB is {ENGINE!r}; it can be {', '.join(ENGINES)}.")
if "django.conf" in sys.modules and sys.modules["django.conf"].settings.configured:
    raise pytest.UsageError("Unset DJANGO_SETTINGS_MODULE: the tests choose their own settings.")

# The server gets its port now, so that DATABASE_URL is right, and starts when a test wants it.
_server = ENGINES[ENGINE]()

for name in [name for name in os.environ if name.startswith("MAILADMIN_") and name != "MAILADMIN_TEST_DB"]:
    del os.environ[name]
os.environ.update(
    SETTINGS,
    # Templates are rendered without collecting static files first.
    PLAIN_STATIC="1",
    DJANGO_SETTINGS_MODULE="mailadmin.settings",
    DATABASE_URL=_server.url("main"),
    # Playwright runs an event loop in the thread of the tests, which Django takes for asynchronous code.
    DJANGO_ALLOW_ASYNC_UNSAFE="1",
)


def started(server: MariaDB | Postgres | SQLite) -> MariaDB | Postgres | SQLite:
    return server if isinstance(server, SQLite) else server.start()


def pytest_configure() -> None:
    """Load the settings, so that pytest-django finds them configured and sets Django up."""
    from django.conf import settings

    settings.DATABASES  # noqa: B018
    # Thousands of tests keep much alive, and looking through all of it again and again took a sixth of their time.
    gc.set_threshold(200_000, 20, 100)
    # It looks through all static files for each new client; panels that tests start have it.
    settings.MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")


def pytest_report_header() -> str:
    return f"database: {ENGINE}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests about MariaDB alone out of the runs on other databases: deselected, not skipped."""
    if ENGINE != "mysql":
        others = [item for item in items if item.get_closest_marker("mysql")]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Give every test the ordinary umask: `start` narrows it, and the servers' directories need it."""
    os.umask(0o022)


def pytest_unconfigure() -> None:
    if not isinstance(_server, SQLite):
        _server.close()


@pytest.fixture(scope="session")
def database_server() -> MariaDB | Postgres | SQLite:
    """The server of this run, for tests that make databases of their own beside Django's."""
    return started(_server)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: MariaDB | Postgres | SQLite) -> None:
    """Start the server before pytest-django makes its database; SQLite's shall be a file, as in production."""
    from django.conf import settings

    if isinstance(database_server, SQLite):
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(database_server.path("test_main"))


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """MariaDB, whatever the run's database is."""
    if isinstance(_server, MariaDB):
        yield _server.start()
    else:
        with MariaDB() as server:
            yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """PostgreSQL, whatever the run's database is."""
    if isinstance(_server, Postgres):
        yield _server.start()
    else:
        with Postgres() as server:
            yield server


@pytest.fixture(scope="session")
def ca() -> CertificateAuthority:
    return CertificateAuthority()


@pytest.fixture(scope="session")
def running_sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


@pytest.fixture
def sink(running_sink: Sink) -> Sink:
    """The outside world, empty at the beginning of the test."""
    running_sink.clear()
    running_sink.refuse.clear()
    return running_sink


@pytest.fixture
def short_dir() -> Iterator[Path]:
    """An empty directory with a path short enough for unix sockets, open to the servers' users."""
    path = private_dir()
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def panel(database_server: MariaDB | Postgres | SQLite) -> Iterator[Panel]:
    """The panel under gunicorn on a database of its own, shared by all tests: take names that nobody else uses."""
    with Panel(database_server.create_database("panel"), threads=8) as server:
        yield server


@pytest.fixture(scope="session")
def mailstack(
    database_server: MariaDB | Postgres | SQLite, running_sink: Sink, ca: CertificateAuthority
) -> Iterator[MailStack]:
    """Postfix and Dovecot on the configuration that the panel writes; all tests share them: take new domains."""
    if os.geteuid() != 0:
        pytest.fail("Postfix and Dovecot with several users need root")
    shared = SQLite("postfix") if isinstance(database_server, SQLite) else database_server
    with MailStack(shared, running_sink, ca) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from tests.servers.browser import Browser

    with Browser() as server:
        yield server


@pytest.fixture
def window(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open browser windows: `window(base_url=panel.url, dark=True)`; see Browser.window. The test fails at its end if a
    page logged an error, broke the content security policy or reached outside this machine."""
    opened: list[Any] = []

    def open_window(**options: Any) -> Any:
        opened.append(browser.window(**options))
        return opened[-1]

    yield open_window
    for one in opened:
        one.close()
    for one in opened:
        one.check()
