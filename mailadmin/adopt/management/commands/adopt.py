"""`manage.py adopt`: take over a PostfixAdmin database."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection

from mailadmin.accounts.passwords import is_rehashing, scheme_in_use
from mailadmin.adopt import report
from mailadmin.adopt.applying import alias_rows, apply, require_applicable
from mailadmin.adopt.editor import Say
from mailadmin.adopt.inspecting import inspect
from mailadmin.adopt.leaving import leave_old_panel
from mailadmin.adopt.undoing import require_undoable, told, undo
from mailadmin.adopt.verify import verify_adoption
from mailadmin.core.actor import Actor
from mailadmin.core.commands.one_line import OneLineCommand
from mailadmin.core.commands.progress import Progress


class Command(OneLineCommand):
    help = (
        "Take over a PostfixAdmin database. Without an option it only looks and reports. "
        "--apply adds what is missing and changes nothing that is there, --verify proves it, --undo goes back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        step = parser.add_mutually_exclusive_group()
        step.add_argument("--inspect", action="store_true", help="look and report; nothing is written (the default)")
        step.add_argument("--apply", action="store_true", help="add what is missing; can be run again after a stop")
        step.add_argument("--verify", action="store_true", help="compare what Postfix and Dovecot are answered")
        step.add_argument(
            "--old-panel-gone",
            action="store_true",
            help="say that PostfixAdmin is no longer used: passwords take the panel's own scheme from now on",
        )
        step.add_argument("--undo", action="store_true", help="take away what --apply added")
        parser.add_argument("--yes", action="store_true", help="do not ask before --undo")
        parser.add_argument("--json", action="store_true", help="print one JSON document, for programs")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["undo"]:
            self._undo(options)
        elif options["verify"]:
            self._verify(options)
        elif options["apply"]:
            self._apply(options)
        elif options["old_panel_gone"]:
            self._leave(options)
        else:
            self._inspect(options)

    def _inspect(self, options: dict[str, Any]) -> None:
        found = inspect(connection)
        if options["json"]:
            self._print_json(report.as_json(found))
        else:
            self.stdout.write("\n".join(report.as_text(found)))
        if found.version.problem:
            raise CommandError(found.version.problem)

    def _apply(self, options: dict[str, Any]) -> None:
        say = self._say(options)
        say("Looking at the database.")
        found = inspect(connection)
        require_applicable(found)
        progress = Progress(self.stderr, alias_rows())
        done = apply(found, say, progress.step)
        progress.end()
        if options["json"]:
            self._print_json(asdict(done))
            return
        say(f"Adopted: {done.domains:,} domains, {done.aliases:,} alias rows. Nothing that was there was changed.")
        if done.scheme:
            say(f"New passwords are written as {done.scheme} until the old panel is gone.")
        say("Next: manage.py adopt --verify compares what Postfix and Dovecot were answered before and are now.")

    def _verify(self, options: dict[str, Any]) -> None:
        result = verify_adoption(self._say(options), progress=True)
        if options["json"]:
            self._print_json(result.as_json())
        if result.different:
            raise CommandError(f"{result.different:,} of {result.total:,} answers differ for no reason that is known.")

    def _leave(self, options: dict[str, Any]) -> None:
        leave_old_panel(Actor.cli())
        scheme, rehashing = scheme_in_use(), is_rehashing()
        if options["json"]:
            self._print_json({"new_passwords": scheme, "rehash": rehashing})
            return
        self.stdout.write(f"New passwords are written as {scheme} from now on.")
        if rehashing:
            self.stdout.write("Older ones are stored so too when their owners sign in to the panel.")

    def _undo(self, options: dict[str, Any]) -> None:
        say = self._say(options)
        lines = require_undoable()
        say("This goes, with all that is in it:")
        for line in told(lines):
            say(f"  {line}")
        if not options["yes"] and not self._agreed():
            raise CommandError("Nothing was taken away.")
        undo(say)
        if options["json"]:
            self._print_json({"undone": True})
        say("The database is as it was, with the rows of today.")

    def _agreed(self) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("There is no terminal to ask for confirmation: add --yes.")
        return input("Type undo to go on: ").strip().lower() == "undo"

    def _say(self, options: dict[str, Any]) -> Say:
        """Return where lines for people go: beside the document when there is one."""
        stream = self.stderr if options["json"] else self.stdout

        def say(line: str) -> None:
            stream.write(line)
            stream.flush()

        return say

    def _print_json(self, document: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))
