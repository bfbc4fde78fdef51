"""`manage.py mailconfig`: the configuration of Postfix and Dovecot, and the rights of their database users."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mailadmin.mailserver import conf, config, grants, older_readers, vacation_program
from mailboxes.vacation_entry import entry_domains


class Command(BaseCommand):
    help = (
        "Write the configuration of Postfix and Dovecot for the database in use; of Courier and saslauthd too, where"
        " MAILADMIN_READER_DB_PASSWORD is set."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--output", type=Path, metavar="DIR", help="write postfix/, dovecot/ and others below this directory"
        )
        parser.add_argument("--force", action="store_true", help="overwrite files that exist")
        parser.add_argument("--grants", action="store_true", help="print the database users and their rights as SQL")

    def handle(self, *_args: Any, output: Path | None, force: bool, **options: Any) -> None:
        if output is None and not options["grants"]:
            raise CommandError(_("Say where to write with --output DIR, or ask for the rights with --grants."))
        try:
            if output is not None:
                self.write(output, force=force)
            if options["grants"]:
                self.print_grants()
        except (ImproperlyConfigured, OSError) as error:
            raise CommandError(str(error)) from error

    def write(self, output: Path, *, force: bool) -> None:
        vacation_program.require_free_domain()
        files = config.render(output, dead_domains=() if vacation_program.is_used() else entry_domains())
        config.write(output, files, force=force)
        if vacation_program.is_used() and not vacation_program.compile_code(conf.load(), output):
            self.stderr.write(
                _("%(path)s is no Python that can run the vacation program: set MAILADMIN_VACATION_PYTHON.")
                % {"path": conf.load().vacation_python}
            )
        text = ngettext(
            "%(count)d file written below %(directory)s.", "%(count)d files written below %(directory)s.", len(files)
        )
        self.stdout.write(text % {"count": len(files), "directory": output})
        for path in config.certificate(conf.load()):
            if not Path(path).is_file():
                self.stderr.write(_("Not there yet: %(path)s. Without it, TLS does not work.") % {"path": path})

        server = conf.load()
        if config.has_older_readers(server, conf.database(server)):
            self.warn_of_scheme()

    def warn_of_scheme(self) -> None:
        if told := older_readers.unreadable(str(settings.MAILADMIN_PASSWORD_SCHEME)):
            self.stderr.write(told)

    def print_grants(self) -> None:
        server = conf.load()
        panel_user = str(connections[DEFAULT_DB_ALIAS].settings_dict["USER"])
        lines = grants.statements(server, conf.database(server), panel_user)
        self.stdout.write("\n".join(lines) or _("-- SQLite has no users: the group of the database file decides."))
