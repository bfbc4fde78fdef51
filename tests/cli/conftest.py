"""Commands run in the test's own transaction, and for the few things only a process shows, on a SQLite file."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.servers.panel import ROOT, SETTINGS

PASSWORD = "correct horse 7 battery"
Run = Callable[..., str]


class Terminal(io.StringIO):
    """Standard input that looks like a terminal."""

    def isatty(self) -> bool:
        return True


def run(*arguments: str) -> str:
    """Run a command and return what it printed."""
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def run_json(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


def refusal(*arguments: str) -> str:
    """Run a command that must fail; returns its one line."""
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    line = str(caught.value)
    assert "\n" not in line
    assert caught.value.returncode == 1
    return line


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a text on standard input, which is then no terminal."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


@pytest.fixture
def password(typed: Callable[[str], None]) -> None:
    """Have a password on standard input."""
    typed(f"{PASSWORD}\n")


@pytest.fixture
def example(db: None) -> str:
    """A domain made through the command."""
    run("domain", "create", "example.com")
    return "example.com"


class Shell:
    """manage.py as a process of its own, on a database of its own."""

    def __init__(self, directory: Path) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.env = kept | SETTINGS | {"DATABASE_URL": f"sqlite:///{directory}/cli.sqlite3"}

    def __call__(self, *arguments: str | bytes, stdin: str = "") -> tuple[int, str, str]:
        """Return exit status, standard output and standard error."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A process runner on a migrated database, shared by the tests of the run: take names nobody else uses."""
    runner = Shell(tmp_path_factory.mktemp("cli"))
    status, _out, err = runner("migrate", "--verbosity=0", "--skip-checks")
    assert status == 0, err
    return runner
