"""`manage.py demo`: a believable hosting company: a small one to look at, larger ones to measure with."""

import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from domains.models import Domain
from mailadmin.accounts.management.commands.start import prepare_database, prepare_var
from mailadmin.accounts.models import Admin
from mailadmin.core.commands.asking import read_password
from mailadmin.core.commands.one_line import OneLineCommand
from mailadmin.demo.firms import SIZES
from mailadmin.demo.large import fill as fill_large
from mailadmin.demo.names import OWNER
from mailadmin.demo.small import fill
from mailadmin.sweep.services import sweep_all


class Command(OneLineCommand):
    help = "Fill an empty panel with a made-up hosting company; everybody there gets the same password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--size", choices=["small", *SIZES], default="small", help="how much (default: %(default)s)"
        )
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    def handle(self, *_args: Any, **options: Any) -> None:
        prepare_var(settings.VAR_DIR)
        prepare_database()
        call_command("migrate", interactive=False, verbosity=0)
        if Domain.objects.real().exists() or Admin.objects.exists():
            raise CommandError(_("The panel is in use already; the demo goes into an empty one only."))
        options["generate_password"] = not options["password_stdin"]
        password = read_password(options)
        made = _fill(options["size"], password)
        sweep_all()
        for thing, number in made.items():
            self.stdout.write(f"{thing}: {number}")
        self.stdout.write(_("Sign in as %s, or as anybody else there; the password of all is: %s") % (OWNER, password))


def _fill(size: str, password: str) -> dict[str, int]:
    if size != "small":
        # In batches: one transaction of millions of rows would fill the server's undo log.
        return fill_large(password, SIZES[size], sys.stderr)
    with transaction.atomic():
        return fill(password)
