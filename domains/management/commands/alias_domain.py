"""`manage.py alias_domain`: domains whose addresses are those of another domain."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from domains.alias_domains import create_alias_domain, delete_alias_domain, set_alias_domain_active, update_alias_domain
from domains.guard import existing_domain_key
from domains.models import AliasDomain
from mailadmin.core.commands.noun import NounCommand
from mailadmin.core.commands.parser import Options, VerbParser, changes, given
from mailadmin.core.errors import NotFound
from mailadmin.core.search import contains

_PARAMETERS = ("target_domain", "description", "active")


class Command(NounCommand):
    help = "Create, list, show, update and delete alias domains."
    key = "DOMAIN"
    columns = ("alias_domain", "target_domain", "active", "description")

    def add_verbs(self) -> None:
        create = self.verb("create", self.do_create, "Make every address of the target exist at this domain too.")
        _add_options(create, required=True)
        self.add_reading_verbs("alias domains")
        update = self.verb("update", self.do_update, "Change an alias domain; what is left out stays.")
        _add_options(update, required=False)
        self.verb("delete", self.do_delete, "Delete an alias domain; the domain of that name stays.").add_deletion()

    def find(self, name: str) -> AliasDomain:
        row = AliasDomain.objects.visible_to(self.actor).filter(alias_domain=existing_domain_key(name)).first()
        if row is None:
            raise NotFound(name)
        return row

    def rows(self, options: Options, search: str) -> models.QuerySet[Any]:
        rows = AliasDomain.objects.visible_to(self.actor)
        if options["domain"]:
            name = existing_domain_key(options["domain"])
            rows = rows.filter(Q(alias_domain=name) | Q(target_domain=name))
        keys = ["alias_domain", "target_domain"]
        return rows.filter(contains(search, keys=keys, texts=["description"])) if search else rows

    def do_create(self, options: Options) -> None:
        row = create_alias_domain(self.actor, alias_domain=options["key"], **given(options, *_PARAMETERS))
        self.write_change(row, options, _("Created alias domain %s.") % row.alias_domain)

    def do_update(self, options: Options) -> None:
        wanted = changes(options, *_PARAMETERS)
        change = set_alias_domain_active if wanted.keys() == {"active"} else update_alias_domain
        row = change(self.actor, alias_domain=options["key"], **wanted)
        self.write_change(row, options, _("Alias domain %s is up to date.") % row.alias_domain)

    def do_delete(self, options: Options) -> None:
        row = self.find(options["key"])
        names = {"alias": row.alias_domain, "domain": row.target_domain}

        def run() -> None:
            delete_alias_domain(self.actor, alias_domain=row.alias_domain)

        goes = [_("The addresses of %(domain)s no longer exist at %(alias)s; mail to them there is refused.") % names]
        stays = [_("The domain %(alias)s with its own mailboxes and aliases.") % names]
        self.delete(options, row, run, goes=goes, stays=stays)


def _add_options(parser: VerbParser, *, required: bool) -> None:
    parser.add_json()
    parser.add_text("--target", "the domain it stands for", dest="target_domain", metavar="DOMAIN", required=required)
    parser.add_text("--description", "free text")
    parser.add_active()
