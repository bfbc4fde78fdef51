"""A command whose mistakes are one line and an exit status."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, handle_default_options
from django.db import OperationalError, connections
from django.utils import translation
from django.utils.translation import gettext as _

from mailadmin.core.actor import Actor
from mailadmin.core.errors import WHOLE, MailadminError

# Whatever LANGUAGE_CODE is: scripts and people who help read one language.
LANGUAGE = "en"


class OneLineCommand(BaseCommand):
    """A command that answers a person's mistake with one line on standard error and exit status 1.

    Called from code, the same mistake is a CommandError. `--traceback` shows where it came from.
    """

    # The checks look at code, not at input; they run in the tests and before serving.
    requires_system_checks = ()
    actor: Actor

    def run_from_argv(self, argv: list[str]) -> None:
        translation.activate(LANGUAGE)
        parser = self.create_parser(argv[0], argv[1])
        traceback = "--traceback" in argv
        try:
            _refuse_undecodable(argv)
            # Not told that it stands on a command line, the parser raises CommandError instead of printing its usage.
            options = vars(parser.parse_args(argv[2:]))
            handle_default_options(argparse.Namespace(**options))
            self.execute(*options.pop("args", ()), **options)
            sys.stdout.flush()
        except CommandError as error:
            if traceback:
                raise
            self._exit(str(error).removeprefix("Error: "), error.returncode)
        except OperationalError as error:
            if traceback:
                raise
            self._exit(_("The database does not answer as it should: %s") % error, 1)
        except BrokenPipeError:
            # Somebody downstream, such as head, has read enough.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except KeyboardInterrupt:
            self._exit(_("Stopped."), 130)
        finally:
            connections.close_all()

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.actor = Actor.cli()
        try:
            with translation.override(LANGUAGE):
                return super().execute(*args, **options)
        except MailadminError as error:
            raise CommandError(error_line(error, noun=type(self).__module__.rpartition(".")[2])) from error

    def _exit(self, message: str, status: int) -> NoReturn:
        self.stderr.write(" ".join(message.split()))
        sys.exit(status)


def error_line(error: MailadminError, *, noun: str) -> str:
    """Return an operation's error as one line: messages after their parameters, or after the noun."""
    parts = [
        f"{noun if parameter == WHOLE else parameter}: {text}"
        for parameter, texts in error.messages.items()
        for text in texts
    ]
    return " ".join(parts)


def _refuse_undecodable(argv: Sequence[str]) -> None:
    try:
        "".join(argv).encode()
    except UnicodeEncodeError:
        raise CommandError(_("The arguments must be UTF-8.")) from None
