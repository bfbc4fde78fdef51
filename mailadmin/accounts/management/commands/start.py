"""`manage.py start`, behind `make run`: everything from an empty directory to a running panel."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.db import connection, connections
from django.utils.translation import gettext as _

from mailadmin.accounts.models import Admin
from mailadmin.accounts.services import create_admin
from mailadmin.core.actor import Actor
from mailadmin.core.commands.one_line import OneLineCommand
from mailadmin.core.errors import Invalid
from mailadmin.core.passwords import PasswordPolicy, generate_password

FIRST_ADMIN = "admin@localhost.localdomain"


class Command(OneLineCommand):
    help = "Migrate, collect static files, make the first superadmin if there is no admin, and serve, with a worker."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", metavar="HOST:PORT", help="default: %(default)s")
        parser.add_argument(
            "--admin", default=FIRST_ADMIN, metavar="NAME", help="name of the first superadmin (default: %(default)s)"
        )

    def handle(self, *_args: Any, bind: str, admin: str, **_options: Any) -> NoReturn:
        check_port(*split_bind(bind))
        try:
            prepare_var(settings.VAR_DIR)
            prepare_database()
        except OSError as error:
            raise CommandError(str(error)) from None
        call_command("migrate", interactive=False, verbosity=0)
        if static_is_stale():
            call_command("collectstatic", interactive=False, verbosity=0)
        password = create_first_admin(admin)
        self.stdout.write(_("Mailadmin serves http://%s/ and stops with Ctrl+C.") % bind)
        if password:
            self.stdout.write(_("First superadmin: %s") % admin)
            self.stdout.write(_("First password, shown only now, to be changed at the first sign-in: %s") % password)
        sys.stdout.flush()
        connections.close_all()
        os.chdir(settings.BASE_DIR)
        # It ends with this process, which becomes gunicorn.
        subprocess.Popen(worker_command())
        os.execv(sys.executable, gunicorn_command(bind))


def split_bind(bind: str) -> tuple[str, int]:
    """Return host and port of `host:port`; raises Invalid."""
    host, _colon, port = bind.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise Invalid.of("bind", _("Enter an address and a port such as 127.0.0.1:8000."))
    return host.strip("[]"), int(port)


def check_port(host: str, port: int) -> None:
    """Raise CommandError when something else listens there, before anything is made."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        # Python's own text says host and port once more; names that cannot be found have negative numbers.
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        message = _("Cannot listen on %(host)s port %(port)d: %(error)s. Choose another with PORT.")
        raise CommandError(message % {"host": host, "port": port, "error": why}) from None


def prepare_var(directory: Path) -> None:
    """Make the directory of the database, and keep the key in it to its owner."""
    if not directory.is_dir():
        directory.mkdir(parents=True)
        # New files take the directory's group, which is how a mail server is let in.
        directory.chmod(0o2770)
    key = directory / "secret_key"
    if key.is_file() and key.stat().st_mode & 0o077:
        key.chmod(0o600)


def prepare_database() -> None:
    """On SQLite, make the file such that a mail server of its group can use it; what SQLite adds takes its mode."""
    if connection.vendor == "sqlite":
        os.umask(0o007)
        Path(connection.settings_dict["NAME"]).touch(mode=0o660)


def static_is_stale() -> bool:
    """Return whether a static file is missing from the collected ones, or newer than they are."""
    collected: object = staticfiles_storage
    if not isinstance(collected, ManifestStaticFilesStorage):
        return False
    manifest = Path(collected.path(collected.manifest_name))
    if not manifest.is_file():
        return True
    made = manifest.stat().st_mtime
    known = collected.hashed_files
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            if name not in known or os.path.getmtime(storage.path(name)) > made:
                return True
    return False


def create_first_admin(name: str) -> str:
    """Make the first superadmin where there is no admin at all; returns the password, "" when there is one."""
    if Admin.objects.exists():
        return ""
    password = generate_password(PasswordPolicy.of_installation().generated_length)
    create_admin(Actor.cli(), username=name, password=password, superadmin=True, must_change=True)
    return password


def worker_command() -> list[str]:
    """Return the command line of the worker that does the long jobs beside gunicorn."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker", "--with-parent"]


def gunicorn_command(bind: str) -> list[str]:
    """Return the command line that serves the panel, from the same environment; see gunicorn's settings."""
    command = [sys.executable, "-m", "gunicorn", "mailadmin.wsgi:application", f"--bind={bind}"]
    command += ["--workers=2", "--threads=4", "--worker-class=gthread", "--no-control-socket"]
    # Workers show that they live by touching a file; on a disk that can stall them.
    return command + (["--worker-tmp-dir=/dev/shm"] if Path("/dev/shm").is_dir() else [])
