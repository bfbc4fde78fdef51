"""The panel itself, run by gunicorn as in production."""

import json
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from .processes import HOST, Process, Server, ServerError, complete, free_port, run

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

# Plain HTTP on the loopback, a fast scheme and no floor under the answer time of signing in.
SETTINGS = {
    "SECRET_KEY": "only-for-tests-" + "x" * 40,
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "DEBUG": "0",
    "SECURE_COOKIES": "0",
    "MAILADMIN_PASSWORD_SCHEME": "SSHA512",
    "MAILADMIN_SIGNIN_FLOOR": "0",
    "MAILADMIN_MAIL_HOSTNAME": "mx.test.example",
}


class Panel(Server):
    """The application on a port of its own, with its own database and collected static files, as in production.

    database_url: an existing, empty or migrated database.
    settings: environment settings that differ from SETTINGS.
    workers, threads: gunicorn's.
    wsgi: another WSGI application, as module:name.
    """

    collected = False

    def __init__(
        self,
        database_url: str,
        *,
        settings: Mapping[str, str] | None = None,
        workers: int = 1,
        threads: int = 4,
        wsgi: str = "mailadmin.wsgi:application",
    ) -> None:
        super().__init__()
        self.database_url = database_url
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.workers = workers
        self.threads = threads
        self.wsgi = wsgi
        self.env = self._environment(settings or {})
        self.process: Process | None = None
        self.migrated = False
        self._last_answer = ""

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of the panel and its commands; settings of whoever runs the tests do not leak in."""
        kept = {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONDONTWRITEBYTECODE", "COVERAGE_PROCESS_START"}
        env = {name: value for name, value in os.environ.items() if name in kept}
        return env | {"PYTHONPATH": str(ROOT)} | SETTINGS | {"DATABASE_URL": self.database_url} | dict(settings)

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """Run a management command with the panel's settings and return what it printed; ServerError when it fails."""
        return run([sys.executable, ROOT / "manage.py", *arguments], env=self.env, stdin=stdin)

    def manage_status(self, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
        """Run a management command and return its exit status, standard output and standard error."""
        done = complete([sys.executable, ROOT / "manage.py", *arguments], env=self.env, stdin=stdin)
        return done.returncode, done.stdout, done.stderr

    def manage_json(self, *arguments: str, stdin: str = "") -> Any:
        """Run a management command with --json and return what it printed, parsed."""
        return json.loads(self.manage(*arguments, "--json", stdin=stdin))

    def migrate(self) -> None:
        """Migrate the database, once."""
        if not self.migrated:
            self.manage("migrate", "--verbosity=0")
            self.migrated = True

    def start(self) -> Self:
        """Migrate the database, start gunicorn and wait until /healthz answers."""
        if self.process is not None:
            return self
        self.migrate()
        if not Panel.collected:
            self.manage("collectstatic", "--no-input", "--verbosity=0")
            Panel.collected = True
        command: list[str | Path] = [BIN / "gunicorn", self.wsgi, "--chdir", ROOT, f"--bind={HOST}:{self.port}"]
        command += [f"--workers={self.workers}", f"--threads={self.threads}", "--worker-class=gthread"]
        command += ["--worker-tmp-dir=/dev/shm", "--graceful-timeout=5", "--no-control-socket"]
        self.process = Process(command, self.dir / "log", env=self.env)
        try:
            self.process.wait_ready(self._healthy, timeout=60)
        except ServerError as error:
            raise ServerError(f"{error}\nThe last answer of /healthz: {self._last_answer}") from None
        return self

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError as error:
            self._last_answer = str(error)
            if isinstance(error, urllib.error.HTTPError) and error.code == 404:
                raise ServerError(f"{self.url}/healthz does not exist") from None
            return False

    def log(self) -> str:
        return (self.dir / "log").read_text(errors="replace") if (self.dir / "log").exists() else ""

    def stop(self) -> None:
        if self.process is not None:
            # gunicorn waits for open keep-alive connections on SIGTERM; a browser has some.
            self.process.stop(signal.SIGINT)
            self.process = None
