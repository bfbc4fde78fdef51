"""`manage.py import_two_table`: the users and aliases of a server that keeps both in two tables."""

import getpass
import json
import sys
import uuid
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from django.core.management.base import CommandError, CommandParser

from mailadmin.core.commands.one_line import OneLineCommand
from mailadmin.core.commands.printing import plain
from mailadmin.core.commands.progress import Progress
from mailadmin.core.errors import Invalid
from mailadmin.two_table.plan import UNITS, Plan, make_plan
from mailadmin.two_table.report import Report
from mailadmin.two_table.services import hash_passwords, import_plan, rehearse
from mailadmin.two_table.source import parse_url, read_source

_LIBRARIES = ("MySQLdb", "cryptography")
_COUNTED = {
    "domain": "domains",
    "mailbox": "mailboxes",
    "forwarding of": "their forwardings",
    "alias": "aliases",
    "admin": "admins",
}


class Command(OneLineCommand):
    help = (
        "Import the tables `user` and `alias` of a server with AES passwords. The first run only says what would be"
        " done; --apply does what it said, all or nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            dest="source",
            required=True,
            metavar="URL",
            help="the source database: mysql://user@host/database; it is only read",
        )
        parser.add_argument("--key-stdin", action="store_true", help="read the AES key from standard input, one line")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the source database's password from standard input, the line after the key",
        )
        parser.add_argument(
            "--quota-unit", choices=UNITS, default="", help="what the numbers in the column quota count"
        )
        parser.add_argument(
            "--challenge", action="store_true", help="keep what CRAM-MD5 and others need, of all mechanisms enabled"
        )
        parser.add_argument("--apply", default="", metavar="DIGEST", help="import what the report of this digest says")
        parser.add_argument("--json", action="store_true", help="print one JSON document, for programs")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not all(map(find_spec, _LIBRARIES)):
            raise CommandError(f"This needs {' and '.join(_LIBRARIES)}: install requirements-production.txt.")
        parse_url(options["source"])
        key = _secret("key", "AES key: ", options["key_stdin"])
        password = _secret("password", "", True) if options["password_stdin"] else None
        source = read_source(options["source"], password)
        plan = make_plan(source, key=key, unit=options["quota_unit"], challenge=options["challenge"])
        actor = replace(self.actor, batch_id=uuid.uuid4().hex)
        progress = Progress(self.stderr, len(plan.people))
        report = rehearse(actor, plan, step=progress.step)
        progress.end()
        if options["apply"]:
            report = self._apply(actor, plan, report, options["apply"])
        self._write(report, options, actor.batch_id)

    def _apply(self, actor: Any, plan: Plan, report: Report, digest: str) -> Report:
        if report.digest != digest:
            raise Invalid.of("apply", f"The report is another one now, of digest {report.digest}. Look at it again.")
        progress = Progress(self.stderr, 2 * len(plan.people))
        stored = hash_passwords(plan, report, step=progress.step)
        report = import_plan(actor, plan, stored, digest=digest, step=lambda done: progress.step(len(stored) + done))
        progress.end()
        return report

    def _write(self, report: Report, options: dict[str, Any], batch_id: str) -> None:
        applied = bool(options["apply"])
        if options["json"]:
            sections = {name: [line._asdict() for line in lines] for name, lines in _sections(report)}
            told = {"digest": report.digest, "applied": applied, "batch_id": batch_id if applied else ""}
            self.stdout.write(json.dumps(told | sections, ensure_ascii=False))
            return
        for name, lines in _sections(report):
            if lines:
                heading = name.capitalize() if applied or name == "noted" else f"To be {name}"
                self.stdout.write(f"{heading}:")
                self.stdout.write("\n".join(f"  {plain(str(line))}" for line in lines))
        counts = ", ".join(f"{words}: {report.count(kind)}" for kind, words in _COUNTED.items())
        self.stdout.write(f"{'Created' if applied else 'To be created'}: {counts}; refused: {len(report.refused)}.")
        if applied:
            self.stdout.write(f"Imported as batch {batch_id}.")
        else:
            self.stdout.write(f"Nothing was written. The same with --apply {report.digest} does it.")


def _sections(report: Report) -> list[tuple[str, list[Any]]]:
    return [("created", report.created), ("refused", report.refused), ("noted", report.noted)]


def _secret(name: str, prompt: str, from_stdin: bool) -> str:
    """Return a line of standard input, or what is typed unseen; it is never an argument."""
    if not from_stdin:
        if not sys.stdin.isatty():
            raise CommandError(f"There is no terminal to ask for the {name}: use --{name}-stdin.")
        secret = getpass.getpass(prompt)
    else:
        try:
            secret = sys.stdin.readline()
        except UnicodeDecodeError:
            raise CommandError(f"{name}: Standard input must be UTF-8.") from None
        secret = secret.removesuffix("\n").removesuffix("\r")
    if not secret:
        raise CommandError(f"{name}: Standard input was empty.")
    return secret
