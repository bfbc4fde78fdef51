"""The program that Postfix starts for vacation replies, as files beside Postfix's own: its code and its settings."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.template.loader import render_to_string

from domains.models import Domain
from mailadmin.environment import BASE_DIR
from mailadmin.mailserver import conf
from mailadmin.mailserver.files import File

DIRECTORY = "postfix/vacation"
_CODE = (
    "mailadmin/__init__.py",
    *(f"mailadmin/core/{name}.py" for name in ("__init__", "automatic_mail", "extension")),
)
_DOMAIN = re.compile(r"[a-z0-9.-]+")
_STARTED = """# Started by Postfix for each message to somebody on vacation.
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[0])))

from mailadmin.responder.run import main

# Nothing is left to tidy up, and that would take as long as the rest.
os._exit(main(sys.argv[1:]))
"""


@dataclass(frozen=True)
class PostfixSettings:
    """What main.cf and master.cf say of vacation replies.

    program, config: the paths of the program and its settings, "" without one. dead_domains: domains of entries that
    lead nowhere.
    """

    program: str = ""
    config: str = ""
    dead_domains: tuple[str, ...] = ()


def is_used() -> bool:
    """Return whether Postfix starts the program."""
    return bool(settings.MAILADMIN_VACATION == "transport")


def postfix_settings(server: conf.MailServer, output: Path, dead_domains: Iterable[str]) -> PostfixSettings:
    """Return what Postfix is told; raises ImproperlyConfigured for a path that cannot stand in master.cf.

    output: the directory that the files are written below; dead_domains: those of entries that alias rows hold.
    """
    if not is_used():
        own = [server.vacation_domain] if server.vacation_domain else []
        return PostfixSettings(dead_domains=tuple(sorted({*own, *filter(_DOMAIN.fullmatch, dead_domains)})))
    directory = output.resolve() / DIRECTORY
    for path in (str(directory), server.vacation_python):
        if " " in path:
            raise ImproperlyConfigured(f"Postfix cannot start a program in a path with blanks: {path}.")
    return PostfixSettings(program=f"{directory}/respond", config=f"{directory}/vacation.conf")


def require_free_domain() -> None:
    """Raise ImproperlyConfigured where the domain of the entries is one that Postfix keeps mailboxes for."""
    name = settings.MAILADMIN_VACATION_DOMAIN
    if not is_used() or Domain._meta.db_table not in connection.introspection.table_names():
        return
    if Domain.objects.filter(domain=name).exists():
        raise ImproperlyConfigured(f"MAILADMIN_VACATION_DOMAIN cannot be {name}: a domain with mail of its own.")


def compile_code(server: conf.MailServer, output: Path) -> bool:
    """Let the program's own Python compile its modules, so that no start has to; returns whether it could.

    Each start still compares them with their source, so that nothing old runs.
    """
    directory = output / DIRECTORY / "mailadmin"
    command = [server.vacation_python, "-I", "-S", "-m", "compileall", "-q", "--invalidation-mode", "checked-hash"]
    try:
        return subprocess.run([*command, str(directory)], umask=0o022, check=False).returncode == 0
    except OSError:
        return False


def files(server: conf.MailServer, database: conf.Database) -> list[File]:
    """Return the program's files: its own modules, what starts it, and its settings with the database password."""
    modules = sorted(path.relative_to(BASE_DIR).as_posix() for path in (BASE_DIR / "mailadmin/responder").glob("*.py"))
    code = [File(f"{DIRECTORY}/{name}", (BASE_DIR / name).read_text()) for name in (*_CODE, *modules)]
    text = render_to_string("mailserver/vacation.conf", {"server": server, "database": database})
    return [
        *code,
        File(f"{DIRECTORY}/respond", _STARTED),
        File(f"{DIRECTORY}/vacation.conf", text, server.vacation_group),
    ]
