"""`manage.py domain`: mail domains and their limits."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from domains.deletion import preview_domain_deletion, what_goes, what_stays
from domains.guard import existing_domain_key
from domains.models import Domain
from domains.services import create_domain, delete_domain, set_domain_active, update_domain
from mailadmin.core.commands.noun import NounCommand
from mailadmin.core.commands.parser import Options, VerbParser, changes, given
from mailadmin.core.commands.progress import Progress
from mailadmin.core.commands.values import parse_bytes, parse_limit, quota_text
from mailadmin.core.errors import NotFound
from mailadmin.core.search import contains

_PARAMETERS = ("description", "mailboxes", "aliases", "maxquota", "quota", "transport", "backupmx", "active")


def parse_units(text: str, parameter: str) -> int:
    """Return a size in units of MAILADMIN_QUOTA_MULTIPLIER bytes, rounded up as the form does."""
    size = parse_bytes(text, parameter)
    return -(-size // settings.MAILADMIN_QUOTA_MULTIPLIER) if size > 0 else size


class Command(NounCommand):
    help = "Create, list, show, update and delete mail domains."
    key = "DOMAIN"
    columns = ("domain", "mailboxes", "aliases", "maxquota", "quota", "transport", "active", "description")

    def add_verbs(self) -> None:
        _add_options(self.verb("create", self.do_create, "Create a domain."))
        self.add_reading_verbs("domains", domain=False)
        _add_options(self.verb("update", self.do_update, "Change a domain; what is left out stays."))
        delete = self.verb("delete", self.do_delete, "Delete a domain with everything in it.")
        delete.add_switch("--clean-references", "also take its addresses out of other domains' aliases (default)")
        delete.add_deletion()

    def find(self, name: str) -> Domain:
        row = Domain.objects.visible_to(self.actor).filter(domain=existing_domain_key(name)).first()
        if row is None:
            raise NotFound(name)
        return row

    def rows(self, options: Options, search: str) -> models.QuerySet[Any]:
        rows = Domain.objects.visible_to(self.actor)
        return rows.filter(contains(search, keys=["domain"], texts=["description"])) if search else rows

    def shown(self, row: Domain) -> dict[str, str]:
        return {
            "mailboxes": str(row.mailbox_limit),
            "aliases": str(row.alias_limit),
            "maxquota": quota_text(row.maxquota_limit.value),
            "quota": quota_text(row.quota_limit.value),
        }

    def do_create(self, options: Options) -> None:
        row = create_domain(self.actor, domain=options["key"], **given(options, *_PARAMETERS))
        self.write_change(row, options, _("Created domain %s.") % row.domain)

    def do_update(self, options: Options) -> None:
        wanted = changes(options, *_PARAMETERS)
        change = set_domain_active if wanted.keys() == {"active"} else update_domain
        row = change(self.actor, domain=options["key"], **wanted)
        self.write_change(row, options, _("Domain %s is up to date.") % row.domain)

    def do_delete(self, options: Options) -> None:
        row = self.find(options["key"])
        wanted = given(options, "clean_references")

        preview = preview_domain_deletion(row)
        progress = Progress(self.stderr, preview.mailboxes.count + preview.aliases.count)

        def run() -> None:
            delete_domain(self.actor, domain=row.domain, step=progress.step, **wanted)
            progress.end()

        self.delete(options, row, run, goes=what_goes(preview), stays=what_stays(preview))


def _add_options(parser: VerbParser) -> None:
    parser.add_json()
    parser.add_text("--description", "free text")
    parser.add_value("--mailboxes", parse_limit, "how many mailboxes: a number, unlimited or none", metavar="LIMIT")
    parser.add_value("--aliases", parse_limit, "how many aliases: a number, unlimited or none", metavar="LIMIT")
    size = "such as 500 MB (a bare number is MB), unlimited or none"
    parser.add_value("--maxquota", parse_units, f"largest quota of one mailbox: {size}", metavar="SIZE")
    parser.add_value("--quota", parse_units, f"what the quotas of all mailboxes may sum up to: {size}", metavar="SIZE")
    parser.add_text("--transport", "Postfix transport, such as virtual or smtp:[mail.example.com]")
    parser.add_switch("--backupmx", "this server only is a backup MX of the domain")
    parser.add_active()
