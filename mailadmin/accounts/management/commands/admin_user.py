"""`manage.py admin_user`: superadmins and domain admins, their passwords and their domains."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from domains.grants import grant_domain, revoke_domain
from domains.guard import existing_domain_key
from domains.models import DomainAdmin
from mailadmin.accounts.models import Admin
from mailadmin.accounts.services import (
    create_admin,
    delete_admin,
    granted_names,
    is_superadmin,
    set_admin_active,
    set_admin_password,
    update_admin,
)
from mailadmin.core.commands.asking import read_password
from mailadmin.core.commands.noun import NounCommand
from mailadmin.core.commands.parser import Options, VerbParser, changes, given
from mailadmin.core.commands.printing import columns_of
from mailadmin.core.errors import NotFound
from mailadmin.core.operation import operation
from mailadmin.core.search import contains
from mailboxes.setup_links import create_admin_setup_link

_PARAMETERS = ("superadmin", "domains", "active")


class Command(NounCommand):
    help = "Create, list, show, update and delete admins; set their passwords and domains."
    columns = ("username", "superadmin", "active", "domains")

    def add_verbs(self) -> None:
        create = self.verb("create", self.do_create, "Create a superadmin or domain admin.")
        _add_options(create)
        create.add_argument("--must-change", action="store_true", help="ask for a new password at the first sign-in")
        create.add_password()
        self.add_reading_verbs("admins")
        _add_options(
            self.verb("update", self.do_update, "Change an admin; what is left out stays, --domain replaces all.")
        )
        password = self.verb("password", self.do_password, "Give an admin a new password, which ends the sessions.")
        password.add_json()
        password.add_password()
        self.verb("setup-link", self.do_setup_link, "Make a link by which an admin chooses a password.").add_json()
        _add_domains(self.verb("grant", self.do_grant, "Make an admin responsible for domains."))
        _add_domains(self.verb("revoke", self.do_revoke, "Take domains away from an admin."))
        self.verb("delete", self.do_delete, "Delete an admin; history stays.").add_deletion()

    def find(self, name: str) -> Admin:
        row = Admin.objects.visible_to(self.actor).filter(username=name.strip().lower()).first()
        if row is None:
            raise NotFound(name)
        return row

    def rows(self, options: Options, search: str) -> models.QuerySet[Any]:
        rows = Admin.objects.visible_to(self.actor)
        if options["domain"]:
            name = existing_domain_key(options["domain"])
            rows = rows.filter(
                Exists(DomainAdmin.objects.filter(username=OuterRef("username"), domain=name, active=True))
            )
        return rows.filter(contains(search, keys=["username"])) if search else rows

    def told(self, row: Admin) -> dict[str, Any]:
        # Old databases mark a superadmin by a grant alone.
        marked = is_superadmin(row.username)
        return columns_of(row) | {"superadmin": marked, "domains": granted_names(row.username)}

    def do_create(self, options: Options) -> None:
        password = read_password(options)
        row = create_admin(
            self.actor,
            username=options["key"],
            password=password,
            must_change=options["must_change"],
            **given(options, *_PARAMETERS),
        )
        self.write_change(row, options, _("Created admin %s.") % row.username, password=password)

    def do_update(self, options: Options) -> None:
        wanted = changes(options, *_PARAMETERS)
        change = set_admin_active if wanted.keys() == {"active"} else update_admin
        row = change(self.actor, username=options["key"], **wanted)
        self.write_change(row, options, _("Admin %s is up to date.") % row.username)

    def do_password(self, options: Options) -> None:
        username = self.find(options["key"]).username
        password = read_password(options)
        row = set_admin_password(self.actor, username=username, password=password)
        self.write_change(row, options, _("Admin %s has a new password.") % row.username, password=password)

    def do_setup_link(self, options: Options) -> None:
        username = self.find(options["key"]).username
        token, link = create_admin_setup_link(self.actor, username=username)
        self.write_link(username, reverse("set_up", args=[token]), link.expires, options)

    @operation
    def do_grant(self, options: Options) -> None:
        for domain in options["domains"]:
            grant_domain(self.actor, username=options["key"], domain=domain)
        self._tell_domains(options)

    @operation
    def do_revoke(self, options: Options) -> None:
        for domain in options["domains"]:
            revoke_domain(self.actor, username=options["key"], domain=domain)
        self._tell_domains(options)

    def _tell_domains(self, options: Options) -> None:
        row = self.find(options["key"])
        names = ", ".join(granted_names(row.username)) or _("none")
        self.write_change(row, options, _("Domains of %(name)s: %(names)s.") % {"name": row.username, "names": names})

    def do_delete(self, options: Options) -> None:
        row = self.find(options["key"])

        def run() -> None:
            delete_admin(self.actor, username=row.username)

        goes = [_("The admin %s with password and settings. Open sessions end.") % row.username]
        if names := granted_names(row.username):
            goes.append(_("The grants of %s.") % ", ".join(names))
        stays = [_("The domains, their mailboxes and aliases."), _("The history of what this admin did.")]
        self.delete(options, row, run, goes=goes, stays=stays)


def _add_options(parser: VerbParser) -> None:
    parser.add_json()
    parser.add_switch("--superadmin", "whether every domain and every admin is theirs")
    parser.add_texts("--domain", "a domain of theirs; repeatable", dest="domains")
    parser.add_active()


def _add_domains(parser: VerbParser) -> None:
    parser.add_json()
    parser.add_texts("--domain", "the domain; repeatable", dest="domains", required=True)
