"""manage.py start, in pieces and once as a whole."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from pytest_django import Settings

from mailadmin.accounts.management.commands import start
from mailadmin.accounts.models import Account, Admin
from mailadmin.core.passwords import verify_password
from tests.cli.conftest import refusal
from tests.servers.panel import ROOT, SETTINGS
from tests.servers.processes import free_port


@pytest.mark.django_db
def test_the_first_superadmin_is_made_once() -> None:
    password = start.create_first_admin("admin@localhost.localdomain")
    admin = Admin.objects.get()
    assert (admin.username, admin.superadmin, admin.active) == ("admin@localhost.localdomain", True, True)
    assert verify_password(password, admin.password, username=admin.username)
    assert Account.objects.get(login="admin:admin@localhost.localdomain").must_change_password
    assert start.create_first_admin("other@example.org") == ""
    assert Admin.objects.get() == admin


def test_var_is_for_a_group_and_its_key_for_nobody_else(tmp_path: Path) -> None:
    directory = tmp_path / "var"
    start.prepare_var(directory)
    assert directory.stat().st_mode & 0o7777 == 0o2770
    key = directory / "secret_key"
    key.write_text("k" * 50)
    key.chmod(0o644)
    directory.chmod(0o755)
    start.prepare_var(directory)
    assert key.stat().st_mode & 0o777 == 0o600
    # What the owner chose for the directory stays.
    assert directory.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("bind", ["8000", "127.0.0.1:", "127.0.0.1:x", ":8000", "127.0.0.1:0", "127.0.0.1:99999"])
def test_a_wrong_address_is_one_line(bind: str) -> None:
    assert refusal("start", "--bind", bind) == "bind: Enter an address and a port such as 127.0.0.1:8000."


def test_a_port_in_use_is_told_before_anything_is_made() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert refusal("start", "--bind", f"127.0.0.1:{port}").startswith(f"Cannot listen on 127.0.0.1 port {port}:")


def test_static_files_are_collected_when_needed(tmp_path: Path, settings: Settings) -> None:
    from django.core.management import call_command

    assert not start.static_is_stale()
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a{}")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    assert staticfiles_storage is not None
    assert start.static_is_stale()
    call_command("collectstatic", interactive=False, verbosity=0)
    assert not start.static_is_stale()
    os.utime(source / "a.css", (time.time() + 60, time.time() + 60))
    assert start.static_is_stale()


def test_gunicorn_comes_from_the_same_environment() -> None:
    command = start.gunicorn_command("127.0.0.1:8123")
    assert command[:5] == [sys.executable, "-m", "gunicorn", "mailadmin.wsgi:application", "--bind=127.0.0.1:8123"]
    assert {"--workers=2", "--threads=4", "--worker-class=gthread"} <= set(command)


def test_from_nothing_to_a_page_and_again(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"]} | SETTINGS | {"DATABASE_URL": f"sqlite:///{tmp_path}/panel.sqlite3"}
    first = _served(env)
    assert first[1] == "First superadmin: admin@localhost.localdomain"
    assert first[2].startswith("First password, shown only now")
    assert (tmp_path / "panel.sqlite3").stat().st_mode & 0o777 == 0o660
    again = _served(env)
    assert not any("password" in line.lower() or "superadmin" in line for line in again)


def _served(env: dict[str, str]) -> list[str]:
    """Start the panel, wait for its health, stop it, and return what it printed."""
    bind = f"127.0.0.1:{free_port()}"
    command = [sys.executable, str(ROOT / "manage.py"), "start", "--bind", bind]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            _wait_healthy(f"http://{bind}/healthz")
        finally:
            process.send_signal(signal.SIGINT)
            out, _err = process.communicate(timeout=30)
    assert out.startswith(f"Mailadmin serves http://{bind}/")
    return out.splitlines()


def _wait_healthy(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                assert answer.status == 200
                return
        except (OSError, urllib.error.URLError):
            assert time.monotonic() < deadline
            time.sleep(0.2)
