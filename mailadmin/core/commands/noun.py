"""A command with verbs for one kind of thing, and how it prints rows."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from mailadmin.core.batches import in_key_order
from mailadmin.core.commands.asking import confirm
from mailadmin.core.commands.one_line import OneLineCommand
from mailadmin.core.commands.parser import Options, VerbParser
from mailadmin.core.commands.printing import columns_of, json_of, plain, text_of
from mailadmin.core.search import search_text

Run = Callable[[Options], None]

BATCH = 1000
_MEASURED = 200


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
        self.stdout.write(json_of(value))

    def _texts(self, row: Any) -> dict[str, str]:
        shown = self.shown(row)
        return {name: plain(shown.get(name, text_of(value))) for name, value in self.told(row).items()}

    def write_array(self, documents: Iterator[Options]) -> None:
        """Print documents for programs as they are read."""
        before = "[\n"
        for document in documents:
            self.stdout.write(before + json_of(document), ending="")
            before = ",\n"
        self.stdout.write("[]" if before == "[\n" else "\n]")

    def write_table(self, rows: Iterator[dict[str, str]], columns: Sequence[str]) -> None:
        """Print a table as it is read; the first rows decide how wide the columns are."""
        first = list(islice(rows, _MEASURED))
        widths = {name: max([len(name), *(len(row[name]) for row in first)]) for name in columns}
        heading = {name: name.upper() for name in columns}
        for row in chain([heading], first, rows) if first else ():
            self.stdout.write("  ".join(f"{row[name]:{widths[name]}}" for name in columns).rstrip())
