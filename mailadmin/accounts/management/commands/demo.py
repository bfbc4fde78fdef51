"""`manage.py demo`: a believable small hosting company, to look at and to try things on."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from domains.models import Domain
from mailadmin.accounts.management.commands.start import prepare_database, prepare_var
from mailadmin.accounts.models import Admin
from mailadmin.core.commands import OneLineCommand, read_password
from mailadmin.demo import OWNER, fill

SIZES = ("small",)


class Command(OneLineCommand):
    help = "Fill an empty panel with a small hosting company; everybody there gets the same password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", choices=SIZES, default="small", help="how much (default: %(default)s)")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    def handle(self, *_args: Any, **options: Any) -> None:
        prepare_var(settings.VAR_DIR)
        prepare_database()
        call_command("migrate", interactive=False, verbosity=0)
        if Domain.objects.real().exists() or Admin.objects.exists():
            raise CommandError(_("The panel is in use already; the demo goes into an empty one only."))
        options["generate_password"] = not options["password_stdin"]
        password = read_password(options)
        with transaction.atomic():
            made = fill(password)
        for thing, number in made.items():
            self.stdout.write(f"{thing}: {number}")
        self.stdout.write(_("Sign in as %s, or as anybody else there; the password of all is: %s") % (OWNER, password))
