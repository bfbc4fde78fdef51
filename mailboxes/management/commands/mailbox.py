"""`manage.py mailbox`: mailboxes, their passwords and their vacation replies."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from domains.guard import existing_domain_key
from mailadmin.accounts.passwords import domain_policy
from mailadmin.core.batches import in_batches, in_key_order
from mailadmin.core.commands.asking import read_password
from mailadmin.core.commands.noun import BATCH, NounCommand
from mailadmin.core.commands.parser import Options, VerbParser, changes, given
from mailadmin.core.commands.values import parse_bytes, quota_text
from mailadmin.core.errors import Invalid, NotFound
from mailadmin.core.passwords import PasswordPolicy, scheme_of, weakness_of
from mailadmin.core.search import contains
from mailboxes.deletion import preview_mailbox_deletion
from mailboxes.guard import existing_address_key
from mailboxes.models import Mailbox, Vacation
from mailboxes.overview import weakly_stored, what_goes, what_stays
from mailboxes.password_requests import ask_for_new_passwords
from mailboxes.passwords import set_mailbox_password
from mailboxes.services import create_mailbox, delete_mailbox, set_mailbox_active, update_mailbox
from mailboxes.setup_links import create_setup_link
from mailboxes.vacation import inside_body_of, present_values, set_vacation
from mailboxes.vacation_overview import DAILY, EVERY_MESSAGE, ONCE, WEEKLY

_PARAMETERS = ("name", "quota", "active", "smtp_active", "email_other")
_VACATION = ("active", "subject", "body", "inside_body", "activefrom", "activeuntil", "interval_time")
_INTERVALS = {"once": ONCE, "daily": DAILY, "weekly": WEEKLY, "every": EVERY_MESSAGE}


class Command(NounCommand):
    help = "Create, list, show, update and delete mailboxes; set their passwords and vacation replies."
    key = "ADDRESS"
    columns = ("username", "name", "quota", "active", "smtp_active")

    def add_verbs(self) -> None:
        create = self.verb("create", self.do_create, "Create a mailbox.")
        _add_options(create)
        create.add_password()
        self.add_reading_verbs("mailboxes")
        _add_options(self.verb("update", self.do_update, "Change a mailbox; what is left out stays."))
        password = self.verb("password", self.do_password, "Give a mailbox a new password, which ends its sessions.")
        password.add_json()
        password.add_password()
        _add_weak(self.verb("weak", self.do_weak, "List those whose password is stored in a weak form.", named=False))
        self.verb("setup-link", self.do_setup_link, "Make a link by which the owner chooses a password.").add_json()
        _add_vacation(self.verb("vacation", self.do_vacation, "Set the vacation reply; without options, show it."))
        delete = self.verb("delete", self.do_delete, "Delete a mailbox; its mail stays on disk.")
        delete.add_switch("--clean-references", "also take its address out of aliases (default)")
        delete.add_deletion()

    def find(self, name: str) -> Mailbox:
        row = Mailbox.objects.visible_to(self.actor).filter(username=existing_address_key(name)).first()
        if row is None:
            raise NotFound(name)
        return row

    def rows(self, options: Options, search: str) -> models.QuerySet[Any]:
        rows = Mailbox.objects.visible_to(self.actor)
        if options["domain"]:
            rows = rows.filter(domain=existing_domain_key(options["domain"]))
        return rows.filter(contains(search, keys=["username"], texts=["name"])) if search else rows

    def shown(self, row: Mailbox | Vacation) -> dict[str, str]:
        return {"quota": quota_text(row.quota)} if isinstance(row, Mailbox) else {}

    def told(self, row: Mailbox | Vacation) -> dict[str, Any]:
        more = {"inside_body": inside_body_of(row)} if isinstance(row, Vacation) else {}
        return super().told(row) | more

    def do_create(self, options: Options) -> None:
        local_part, domain = _split(options["key"])
        password = read_password(options, _policy(domain))
        row = create_mailbox(
            self.actor, local_part=local_part, domain=domain, password=password, **given(options, *_PARAMETERS)
        )
        self.write_change(row, options, _("Created mailbox %s.") % row.username, password=password)

    def do_update(self, options: Options) -> None:
        wanted = changes(options, *_PARAMETERS)
        change = set_mailbox_active if wanted.keys() == {"active"} else update_mailbox
        row = change(self.actor, username=options["key"], **wanted)
        self.write_change(row, options, _("Mailbox %s is up to date.") % row.username)

    def do_password(self, options: Options) -> None:
        username = self.find(options["key"]).username
        password = read_password(options, _policy(username.rpartition("@")[2]))
        row = set_mailbox_password(self.actor, username=username, password=password)
        self.write_change(row, options, _("Mailbox %s has a new password.") % row.username, password=password)

    def do_setup_link(self, options: Options) -> None:
        username = self.find(options["key"]).username
        token, link = create_setup_link(self.actor, username=username)
        self.write_link(username, reverse("set_up", args=[token]), link.expires, options)

    def do_weak(self, options: Options) -> None:
        """List mailboxes whose password is stored in a weak form, and ask their owners for a new one if wanted."""
        rows = weakly_stored(self.rows({"domain": options["domain"]}, "")).only("username", "domain", "password")
        found = self._asking(in_key_order(rows, BATCH)) if options["ask"] else in_key_order(rows, BATCH)
        told = ({"username": row.username, "domain": row.domain} | _weakness(row) for row in found)
        if options["json"]:
            self.write_array(told)
        else:
            self.write_table(told, ("username", "scheme", "weakness"))

    def _asking(self, rows: Iterator[Mailbox]) -> Iterator[Mailbox]:
        for batch in in_batches(rows):
            for domain in sorted({row.domain for row in batch}):
                names = [row.username for row in batch if row.domain == domain]
                ask_for_new_passwords(self.actor, domain=domain, usernames=names)
            yield from batch

    def do_delete(self, options: Options) -> None:
        row = self.find(options["key"])
        wanted = given(options, "clean_references")

        def run() -> None:
            delete_mailbox(self.actor, username=row.username, **wanted)

        preview = preview_mailbox_deletion(self.actor, row)
        pointing = [_("Alias %s, which points to it.") % alias.address for alias in preview.pointing]
        stays = what_stays(dataclasses.replace(preview, pointing=[]))
        self.delete(options, row, run, goes=what_goes(preview), stays=pointing + stays)

    def do_vacation(self, options: Options) -> None:
        mailbox = self.find(options["key"])
        row = Vacation.objects.filter(email=mailbox.username).first()
        wanted = given(options, *_VACATION)
        if wanted:
            row = set_vacation(self.actor, username=mailbox.username, **(_present(row) | wanted))
            self.write_change(row, options, _("The vacation reply of %s is up to date.") % row.email)
        elif row:
            self.write_row(row, options)
        elif options["json"]:
            self.write_json(None)
        else:
            self.stdout.write(_("No vacation reply is set."))


def _add_options(parser: VerbParser) -> None:
    parser.add_json()
    parser.add_text("--name", "the person's name")
    size = "a size such as 500 MB (a bare number is MB), unlimited or none"
    parser.add_value("--quota", parse_bytes, size, metavar="SIZE")
    parser.add_switch("--smtp-active", "whether it may send")
    parser.add_text("--recovery-address", "where a link goes if the person forgets the password", dest="email_other")
    parser.add_active()


def _add_weak(parser: VerbParser) -> None:
    parser.add_json()
    parser.add_argument("--domain", default="", help="only those of this domain")
    parser.add_argument("--ask", action="store_true", help="ask their owners for a new one at the next sign-in here")


def _weakness(row: Mailbox) -> dict[str, str]:
    return {"scheme": scheme_of(row.password), "weakness": weakness_of(row.password)}


def _add_vacation(parser: VerbParser) -> None:
    parser.add_json()
    parser.add_active()
    parser.add_text("--subject", "subject of the reply")
    parser.add_text("--body", "text of the reply")
    parser.add_text("--inside-body", "another text for senders inside the domain; empty for none")
    moment = "YYYY-MM-DD or 'YYYY-MM-DD HH:MM'"
    parser.add_value("--from", parse_from, f"when it begins: {moment}", metavar="WHEN", dest="activefrom")
    parser.add_value(
        "--until",
        parse_until,
        f"when it ends: {moment} (a day counts whole), or never",
        metavar="WHEN",
        dest="activeuntil",
    )
    parser.add_value(
        "--interval",
        parse_seconds,
        f"when the same sender is answered again: {', '.join(_INTERVALS)} (message), or seconds",
        metavar="WHEN",
        dest="interval_time",
    )


def parse_from(text: str, parameter: str) -> dt.datetime:
    """Return a moment in the panel's time zone; a day is its beginning."""
    return _moment(text, parameter, dt.time.min)


def parse_until(text: str, parameter: str) -> dt.datetime | None:
    """Return a moment in the panel's time zone, None for "never"; a day is its end."""
    return None if text.strip().lower() == "never" else _moment(text, parameter, dt.time(23, 59, 59))


def parse_seconds(text: str, parameter: str) -> int:
    """Return whole seconds; some have a name."""
    if (named := _INTERVALS.get(text.strip().lower())) is not None:
        return named
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Invalid.of(parameter, _("Enter a whole number."))
    return int(text)


def _moment(text: str, parameter: str, time: dt.time) -> dt.datetime:
    try:
        day = parse_date(text.strip())
        moment = dt.datetime.combine(day, time) if day else parse_datetime(text.strip())
    except ValueError:
        moment = None
    if moment is None:
        raise Invalid.of(parameter, _("Enter a day such as 2027-01-31, or a time such as 2027-01-31 18:00."))
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def _policy(domain: str) -> PasswordPolicy:
    name = domain.strip().lower()
    return domain_policy(name) if name.isascii() else PasswordPolicy.of_installation()


def _split(address: str) -> tuple[str, str]:
    local_part, at, domain = address.rpartition("@")
    if not at:
        raise Invalid.of("address", _("Enter an e-mail address such as anna@example.com."))
    return local_part, domain


def _present(row: Vacation | None) -> dict[str, Any]:
    """Return what the reply is now, so that what is left out stays."""
    return present_values(row) if row else {"active": True, "subject": "", "body": ""}
