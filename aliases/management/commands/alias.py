"""`manage.py alias`: where mail to an address goes."""

from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from aliases.limit import without_mailboxes
from aliases.models import Alias
from aliases.overview import alias_goes, alias_stays
from aliases.services import create_alias, delete_alias, set_alias_active, update_alias
from domains.guard import existing_domain_key
from mailadmin.core.commands.noun import NounCommand
from mailadmin.core.commands.parser import Options, VerbParser, changes, given
from mailadmin.core.errors import NotFound
from mailadmin.core.search import contains
from mailboxes.deletion import pointing_in_scope
from mailboxes.guard import existing_address_key

_PARAMETERS = ("targets", "description", "active")


class Command(NounCommand):
    help = "Create, list, show, update and delete aliases."
    key = "ADDRESS"
    columns = ("address", "goto", "active", "description")

    def add_verbs(self) -> None:
        create = self.verb("create", self.do_create, "Create an alias; @example.com is the catch-all of example.com.")
        _add_options(create, required=True)
        self.add_reading_verbs("aliases, without the rows that mailboxes have for themselves")
        update = self.verb(
            "update", self.do_update, "Change an alias; what is left out stays, --target replaces all targets."
        )
        _add_options(update, required=False)
        delete = self.verb("delete", self.do_delete, "Delete an alias.")
        delete.add_switch("--clean-references", "also take its address out of other aliases (default: no)")
        delete.add_deletion()

    def find(self, name: str) -> Alias:
        row = Alias.objects.visible_to(self.actor).filter(address=existing_address_key(name)).first()
        if row is None:
            raise NotFound(name)
        return row

    def rows(self, options: Options, search: str) -> models.QuerySet[Any]:
        rows = without_mailboxes(Alias.objects.visible_to(self.actor))
        if options["domain"]:
            rows = rows.filter(domain=existing_domain_key(options["domain"]))
        return rows.filter(contains(search, keys=["address"], texts=["goto", "description"])) if search else rows

    def shown(self, row: Alias) -> dict[str, str]:
        return {"goto": ", ".join(row.targets)}

    def do_create(self, options: Options) -> None:
        row = create_alias(self.actor, address=options["key"], **given(options, *_PARAMETERS))
        self.write_change(row, options, _("Created alias %s.") % row.address)

    def do_update(self, options: Options) -> None:
        wanted = changes(options, *_PARAMETERS)
        change = set_alias_active if wanted.keys() == {"active"} else update_alias
        row = change(self.actor, address=options["key"], **wanted)
        self.write_change(row, options, _("Alias %s is up to date.") % row.address)

    def do_delete(self, options: Options) -> None:
        row = self.find(options["key"])
        wanted = given(options, "clean_references")

        def run() -> None:
            delete_alias(self.actor, address=row.address, **wanted)

        pointing = pointing_in_scope(self.actor, row.address)
        stays = [_("Alias %s, which points to it.") % alias.address for alias in pointing]
        self.delete(options, row, run, goes=alias_goes(row), stays=stays + alias_stays([]))


def _add_options(parser: VerbParser, *, required: bool) -> None:
    parser.add_json()
    parser.add_texts("--target", "an address that the mail goes to; repeatable", dest="targets", required=required)
    parser.add_text("--description", "free text")
    parser.add_active()
