"""What only a process shows: exit status, standard error, and nothing read from where it should not be."""

import json
import os
import pty
import subprocess
import sys

import pytest

from tests.cli.conftest import PASSWORD, Shell
from tests.servers.panel import ROOT


def test_success_and_a_mistake(shell: Shell) -> None:
    status, out, err = shell("domain", "create", "one.example", "--json")
    assert (status, err) == (0, "")
    assert json.loads(out)["domain"] == "one.example"
    assert shell("domain", "create", "one.example") == (1, "", "domain: This domain already exists.\n")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["domain"], "the following arguments are required: VERB\n"),
        (["domain", "create"], "the following arguments are required: DOMAIN\n"),
        (["domain", "create", "a.example", "--quota"], "argument --quota: expected one argument\n"),
        (["prune"], "the following arguments are required: --days\n"),
        (["createsuperuser", "--username", "x", "--noinput"], "Use manage.py admin_user create NAME --superadmin.\n"),
        (
            ["changepassword", "x"],
            "Use manage.py admin_user password NAME, or manage.py mailbox password ADDRESS.\n",
        ),
        (["domain", "create", b"a\xff.example"], "The arguments must be UTF-8.\n"),
    ],
)
def test_each_mistake_is_one_line_and_status_1(shell: Shell, arguments: list[str | bytes], line: str) -> None:
    assert shell(*arguments) == (1, "", line)


@pytest.mark.parametrize(("name", "value"), [("MAILADMIN_SWEEP_MINUTES", "-1"), ("SECURE_COOKIES", "ture")])
def test_a_wrong_setting_is_one_line(shell: Shell, name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(shell.env, name, value)
    status, out, err = shell("domain", "list")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"mailadmin: {name} must be ")


def test_help_is_no_mistake(shell: Shell) -> None:
    for arguments in (["domain", "--help"], ["mailbox", "create", "--help"], ["createsuperuser", "--help"]):
        status, out, _err = shell(*arguments)
        assert status == 0
        assert "usage:" in out


def test_password_from_standard_input(shell: Shell) -> None:
    shell("domain", "create", "two.example")
    status, out, err = shell("mailbox", "create", "anna@two.example", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert (status, out, err) == (0, "Created mailbox anna@two.example.\n", "")
    assert shell("mailbox", "password", "anna@two.example", stdin="x")[0] == 1


def test_a_reader_that_has_enough_is_no_error(shell: Shell) -> None:
    command = f"{sys.executable} {ROOT}/manage.py domain list --json | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], env=shell.env, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_a_database_without_tables_is_one_line(shell: Shell, tmp_path: object) -> None:
    env = shell.env | {"DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3"}
    command = [sys.executable, str(ROOT / "manage.py"), "domain", "list"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The database does not answer as it should: no such table: domain\n"


def test_a_person_at_a_terminal(shell: Shell) -> None:
    """Passwords are asked for twice and not echoed; deleting asks for the name."""
    shell("domain", "create", "three.example")
    assert _terminal(shell, ["mailbox", "create", "anna@three.example"], [PASSWORD, PASSWORD]) == (
        0,
        "Password: \nThe same again: \nCreated mailbox anna@three.example.\n",
    )
    status, shown = _terminal(shell, ["mailbox", "delete", "anna@three.example"], ["anna@three.example"])
    assert status == 0
    assert shown.endswith("to delete it: anna@three.example\nDeleted anna@three.example.\n")


def _terminal(shell: Shell, arguments: list[str], answers: list[str]) -> tuple[int, str]:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, str(ROOT / "manage.py"), *arguments], shell.env)
    shown = b""
    waiting = list(answers)
    while True:
        try:
            part = os.read(terminal, 1024)
        except OSError:
            break
        shown += part
        # A question; a heading ends with its colon.
        if waiting and shown.endswith(b": "):
            os.write(terminal, waiting.pop(0).encode() + b"\n")
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode().replace("\r\n", "\n")
