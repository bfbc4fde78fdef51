"""The options of a verb, and which of them were given."""

import argparse
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from mailadmin.core.commands.values import parse_number
from mailadmin.core.errors import MailadminError

Options = dict[str, Any]
Parse = Callable[[str, str], Any]


class VerbParser(CommandParser):
    """The parser of one verb. No abbreviations: `--password SECRET` shall not pass for `--password-stdin`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.HelpFormatter, **kwargs)

    def add_json(self) -> None:
        self.add_argument("--json", action="store_true", help="print one JSON document, for programs")

    def add_text(self, name: str, help: str, *, dest: str = "", metavar: str = "TEXT", required: bool = False) -> None:
        """Add an option that is absent from the options unless given."""
        dest = dest or _dest(name)
        self.add_argument(name, dest=dest, metavar=metavar, default=argparse.SUPPRESS, required=required, help=help)

    def add_texts(self, name: str, help: str, *, dest: str, required: bool = False) -> None:
        """Add an option that can be given several times."""
        metavar = _dest(name).upper()
        self.add_argument(
            name, dest=dest, action="append", metavar=metavar, default=argparse.SUPPRESS, required=required, help=help
        )

    def add_value(self, name: str, parse: Parse, help: str, *, metavar: str, dest: str = "") -> None:
        """Add an option whose text is parsed by `parse(text, parameter)`."""
        dest = dest or _dest(name)
        self.add_argument(
            name, dest=dest, type=_typed(parse, dest), metavar=metavar, default=argparse.SUPPRESS, help=help
        )

    def add_switch(self, name: str, help: str) -> None:
        """Add `--name` and `--no-name`."""
        self.add_argument(name, action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS, help=help)

    def add_active(self) -> None:
        group = self.add_mutually_exclusive_group()
        group.add_argument(
            "--active", dest="active", action="store_true", default=argparse.SUPPRESS, help="switch it on"
        )
        group.add_argument(
            "--inactive", dest="active", action="store_false", default=argparse.SUPPRESS, help="switch it off"
        )

    def add_password(self) -> None:
        group = self.add_mutually_exclusive_group()
        group.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input, one line"
        )
        group.add_argument("--generate-password", action="store_true", help="make a password and print it once")

    def add_deletion(self) -> None:
        self.add_json()
        self.add_argument("--yes", action="store_true", help="do not ask")

    def add_list(self, *, domain: bool = True) -> None:
        self.add_json()
        if domain:
            self.add_argument("--domain", default="", help="only those of this domain")
        self.add_argument("--search", default="", metavar="TEXT", help="only those that contain this text")
        self.add_argument("--limit", type=_typed(parse_number, "limit"), metavar="N", help="at most so many")


def _dest(name: str) -> str:
    return name.strip("-").replace("-", "_")


def _typed(parse: Parse, parameter: str) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        try:
            return parse(text, parameter)
        except MailadminError as error:
            raise argparse.ArgumentTypeError(error.message) from error

    return convert


def given(options: Mapping[str, Any], *names: str) -> Options:
    """Return those of the operation's parameters that were given."""
    return {name: options[name] for name in names if name in options}


def changes(options: Mapping[str, Any], *names: str) -> Options:
    """Return the changes of an update; raises CommandError when there is none."""
    found = given(options, *names)
    if not found:
        raise CommandError(_("Say what to change; --help lists the options."))
    return found
