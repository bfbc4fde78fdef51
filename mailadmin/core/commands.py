"""The base of the command line: `manage.py NOUN VERB NAME [options]`.

A command translates what was typed, calls one operation as Actor.cli(), and prints the row: no rule is kept here.
"""

import argparse
import datetime as dt
import getpass
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper, handle_default_options
from django.db import OperationalError, connections, models
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from mailadmin.core.actor import Actor
from mailadmin.core.batches import in_key_order
from mailadmin.core.errors import WHOLE, Invalid, MailadminError
from mailadmin.core.limits import format_size, parse_size
from mailadmin.core.passwords import PasswordPolicy, generate_password
from mailadmin.core.search import search_text

Options = dict[str, Any]
Run = Callable[[Options], None]
Parse = Callable[[str, str], Any]

# Whatever LANGUAGE_CODE is: scripts and people who help read one language.
LANGUAGE = "en"
SECRETS = frozenset({"password", "token", "token_validity", "totp_secret"})
BATCH = 1000
_MEASURED = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LIMIT_WORDS = {"unlimited": 0, "0": 0, "none": -1, "-1": -1}


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


def parse_number(text: str, parameter: str) -> int:
    """Return a whole number above zero."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) == 0:
        raise Invalid.of(parameter, _("Enter a whole number above zero."))
    return int(text)


def parse_limit(text: str, parameter: str) -> int:
    """Return a limit as the tables hold it: unlimited is 0, none is -1."""
    if (word := text.strip().lower()) in _LIMIT_WORDS:
        return _LIMIT_WORDS[word]
    if not re.fullmatch(r"[0-9]{1,18}", word):
        raise Invalid.of(parameter, _("Enter a whole number, unlimited or none."))
    return int(word)


def parse_bytes(text: str, parameter: str) -> int:
    """Return a quota in bytes: unlimited is 0, none is -1; a bare number is MB."""
    if (word := text.strip().lower()) in _LIMIT_WORDS:
        return _LIMIT_WORDS[word]
    size = parse_size(text, parameter)
    if not size:
        # Zero means unlimited in the tables, which is not what "0 MB" says.
        raise Invalid.of(parameter, _("Enter a size such as 500 MB, unlimited or none."))
    return size


def quota_text(size: int) -> str:
    """Return bytes as a person reads them, exact, and as `--quota` takes them."""
    return format_size(size) if size > 0 else _("unlimited") if size == 0 else _("none")


def given(options: Mapping[str, Any], *names: str) -> Options:
    """Return those of the operation's parameters that were given."""
    return {name: options[name] for name in names if name in options}


def changes(options: Mapping[str, Any], *names: str) -> Options:
    """Return the changes of an update; raises CommandError when there is none."""
    found = given(options, *names)
    if not found:
        raise CommandError(_("Say what to change; --help lists the options."))
    return found


def read_password(options: Mapping[str, Any], policy: PasswordPolicy | None = None) -> str:
    """Return the new password: from standard input, made here, or typed twice. It is never an argument.

    policy: how long one that is made here has to be.
    """
    if options["generate_password"]:
        return generate_password((policy or PasswordPolicy.of_installation()).generated_length)
    if options["password_stdin"]:
        return _password_line()
    if not sys.stdin.isatty():
        raise CommandError(
            _("There is no terminal to ask for the password: use --password-stdin or --generate-password.")
        )
    password = getpass.getpass(_("Password: "))
    if getpass.getpass(_("The same again: ")) != password:
        raise CommandError(_("password: The two differ."))
    return password


def _password_line() -> str:
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        raise CommandError(_("password: Standard input must be UTF-8.")) from None
    if not line:
        raise CommandError(_("password: Standard input was empty."))
    return line.removesuffix("\n").removesuffix("\r")


def confirm(options: Mapping[str, Any], name: str) -> None:
    """Ask for the name of what is deleted, unless `--yes`; raises CommandError for any other answer."""
    if options["yes"]:
        return
    if not sys.stdin.isatty():
        raise CommandError(_("There is no terminal to ask for confirmation: add --yes to delete %s.") % name)
    try:
        answer = input(_("Type %s to delete it: ") % name)
    except EOFError:
        answer = ""
    if answer.strip().lower() != name:
        raise CommandError(_("The name differs; nothing was deleted."))


class NounCommand(OneLineCommand):
    """A command with verbs. `columns` are those of a list for people, `key` is the help's word for the name."""

    columns: ClassVar[tuple[str, ...]]
    key: ClassVar[str] = "NAME"
    _verbs: Any

    def add_arguments(self, parser: CommandParser) -> None:
        self._verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=VerbParser)
        self.add_verbs()

    def add_verbs(self) -> None:
        """Add the verbs with their options."""
        raise NotImplementedError

    def verb(self, name: str, run: Run, help: str, *, named: bool = True) -> VerbParser:
        """Add a verb that `run` does; `named` when its first argument is the object's name."""
        parser: VerbParser = self._verbs.add_parser(name, help=help, description=help)
        parser.set_defaults(run=run)
        if named:
            parser.add_argument("key", metavar=self.key)
        return parser

    def add_reading_verbs(self, things: str, *, domain: bool = True) -> None:
        """Add list and show."""
        self.verb("list", self.do_list, f"List {things}.", named=False).add_list(domain=domain)
        self.verb("show", self.do_show, "Show one with all its columns.").add_json()

    def handle(self, *_args: Any, **options: Any) -> None:
        run: Run = options["run"]
        run(options)

    def find(self, name: str) -> models.Model:
        """Return the row of the name; raises NotFound."""
        raise NotImplementedError

    def rows(self, options: Options, search: str) -> models.QuerySet[Any]:
        """Return the rows of the list; `search` is "" for all."""
        raise NotImplementedError

    def told(self, row: Any) -> dict[str, Any]:
        """Return what programs are told of the row: its columns as they are, without secrets."""
        return columns_of(row)

    def shown(self, row: Any) -> dict[str, str]:
        """Return the columns that people read in another form."""
        return {}

    def do_list(self, options: Options) -> None:
        rows = self.rows(options, search_text(options["search"]))
        found: Iterator[Any] = islice(in_key_order(rows, BATCH), options["limit"])
        if options["json"]:
            self.write_array(self.told(row) for row in found)
        else:
            self.write_table((self._texts(row) for row in found), self.columns)

    def do_show(self, options: Options) -> None:
        self.write_row(self.find(options["key"]), options)

    def write_row(self, row: models.Model, options: Options) -> None:
        """Print all of one row."""
        if options["json"]:
            self.write_json(self.told(row))
            return
        texts = self._texts(row)
        width = max(len(name) for name in texts)
        for name, text in texts.items():
            self.stdout.write(f"{name:{width}}  {text}".rstrip())

    def write_change(self, row: models.Model, options: Options, line: str, *, password: str = "") -> None:
        """Print what a change left: the row as JSON, or one line; and a password that was made here."""
        made = password if options.get("generate_password") else ""
        if options["json"]:
            self.write_json(self.told(row) | ({"generated_password": made} if made else {}))
            return
        self.stdout.write(line)
        if made:
            self.stdout.write(_("Password, shown only now: %s") % made)

    def write_link(self, username: str, path: str, expires: dt.datetime, options: Options) -> None:
        """Print a link by which somebody chooses a password; where MAILADMIN_URL is not set, its path alone."""
        url = settings.MAILADMIN_URL + path
        if options["json"]:
            self.write_json({"username": username, "link": url, "expires": expires})
            return
        until = timezone.localtime(expires).strftime("%Y-%m-%d %H:%M")
        self.stdout.write(_("Set-up link of %(name)s, works once, until %(time)s:") % {"name": username, "time": until})
        self.stdout.write(url)

    def delete(
        self, options: Options, row: models.Model, run: Callable[[], None], *, goes: list[str], stays: list[str]
    ) -> None:
        """Say what goes with the row and what stays, ask, and delete it."""
        name = str(row.pk)
        if not options["json"]:
            for heading, lines in ((_("Deleted:"), goes), (_("Stays:"), stays)):
                self.stdout.write("\n".join([heading, *(f"  {plain(line)}" for line in lines)]))
        confirm(options, name)
        run()
        if options["json"]:
            self.write_json({"deleted": name})
        else:
            self.stdout.write(_("Deleted %s.") % name)

    def write_json(self, value: Any) -> None:
        self.stdout.write(_json(value))

    def _texts(self, row: Any) -> dict[str, str]:
        shown = self.shown(row)
        return {name: plain(shown.get(name, _text(value))) for name, value in self.told(row).items()}

    def write_array(self, documents: Iterator[Options]) -> None:
        """Print documents for programs as they are read."""
        before = "[\n"
        for document in documents:
            self.stdout.write(before + _json(document), ending="")
            before = ",\n"
        self.stdout.write("[]" if before == "[\n" else "\n]")

    def write_table(self, rows: Iterator[dict[str, str]], columns: Sequence[str]) -> None:
        """Print a table as it is read; the first rows decide how wide the columns are."""
        first = list(islice(rows, _MEASURED))
        widths = {name: max([len(name), *(len(row[name]) for row in first)]) for name in columns}
        heading = {name: name.upper() for name in columns}
        for row in chain([heading], first, rows) if first else ():
            self.stdout.write("  ".join(f"{row[name]:{widths[name]}}" for name in columns).rstrip())


class Progress:
    """Says on standard error how far something long is: a line that is written over on a terminal, else now and then.

    What is over within a second says nothing.
    """

    FIRST, LIVE, PLAIN = 1.0, 0.2, 10.0
    """Seconds before the first line, and between two on a terminal and elsewhere."""

    def __init__(self, stream: OutputWrapper, total: int) -> None:
        self._stream, self._total = stream, total
        self._live = stream.isatty()
        self._next = time.monotonic() + self.FIRST
        self._written = False

    def step(self, done: int) -> None:
        """Say that so many of all are done, if it is time to."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + (self.LIVE if self._live else self.PLAIN)
        self._written = True
        line = f"{done:,} / {max(done, self._total):,}"
        self._stream.write(f"\r{line}" if self._live else line, ending="" if self._live else "\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._live and self._written:
            self._stream.write("")


def columns_of(row: models.Model) -> dict[str, Any]:
    """Return a row's columns by their names, without secrets."""
    fields = (field for field in row._meta.local_concrete_fields if field.column not in SECRETS)
    return {str(field.column): getattr(row, field.attname) for field in fields}


def plain(text: str) -> str:
    """Return a text that cannot steer the terminal, whatever another program wrote into the table."""
    return _CONTROL.sub("�", text)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, default=_json_value, ensure_ascii=False, indent=None)


def _json_value(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
