"""A form in the browser and the command line are two ways to say the same: same rows, same event."""

import datetime as dt
import io
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from mailadmin.core.errors import MailadminError
from mailadmin.core.passwords import verify_password
from tests.operations.cases import populate
from tests.operations.pages import press, send
from tests.people import admin_client

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "another horse!"
# Who, how and when it was; numbers that a sequence gives out. The rest is what was done.
CIRCUMSTANCES = {
    "mailadmin_audit_event": {"id", "time", "actor_kind", "actor", "via", "ip", "request_id", "batch_id", "log_id"},
    "log": {"id", "timestamp", "username"},
    "mailadmin_account": {"id", "last_login"},
    "domain_admins": {"id"},
    "mailadmin_alias_target": {"id"},
    "mailadmin_deleted_maildir": {"id"},
}
# When a row was written.
WRITTEN = {"created", "modified", "timestamp", "time", "row_created"}
# The person at the browser has a session.
BESIDE = {"django_session", "mailadmin_throttle"}
# Django's own, SQLite's own, and what was added to another panel's tables; nothing that people do is in them.
FOREIGN = {"django_migrations", "sqlite_stat1", "mailadmin_vacation_revision", "mailadmin_adoption"}

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Case:
    """One thing said in two ways: what is changed in a page's form, and a command."""

    path: str
    command: list[str]
    changed: dict[str, Any]
    action: str
    password: bool


def case(path: str, command: str, /, *, action: str = "", **changed: Any) -> Case:
    """path: the page. action: where its form goes, if not there. changed: what is entered, by field."""
    words = shlex.split(command)
    return Case(path, words, changed, action, "--password-stdin" in words)


HERE = "/domains/example.com"
ANNA = "/mailboxes/anna@example.com"
BOB = "/admins/bob@example.com"
TWICE = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
CASES = {
    "create_domain": case(
        "/domains/new/",
        """domain create bücher.EXAMPLE --description 'The "book" shop' --mailboxes 50 --aliases none
        --maxquota '1.5 GB' --quota unlimited --transport virtual""",
        domain="Bücher.example",
        description='The "book" shop',
        mailboxes="50",
        aliases="none",
        maxquota="1.5 GB",
    ),
    "create_domain_as_proposed": case("/domains/new/", "domain create new.example", domain="new.example"),
    "create_backup_domain_switched_off": case(
        "/domains/new/",
        "domain create new.example --inactive --backupmx --transport smtp:[mx.new.example]",
        domain="new.example",
        active=False,
        backupmx=True,
        transport="smtp:[mx.new.example]",
    ),
    "update_domain": case(
        f"{HERE}/settings/",
        "domain update example.com --description 'Changed – ✓' --quota 2GB --mailboxes 7",
        description="Changed – ✓",
        quota="2 GB",
        mailboxes="7",
    ),
    "switch_domain_off": case("/domains/", "domain update example.com --inactive", action=f"{HERE}/toggle/"),
    "delete_domain": case(f"{HERE}/delete/", "domain delete example.com --yes", confirm="example.com"),
    "delete_domain_and_leave_references": case(
        f"{HERE}/delete/",
        "domain delete example.com --yes --no-clean-references",
        confirm="EXAMPLE.com",
        clean_references=False,
    ),
    "create_alias_domain": case(
        f"{HERE}/alias-domains/new/",
        "alias_domain create third.example --target example.com --description 'Old name'",
        alias_domain="third.example",
        description="Old name",
    ),
    "update_alias_domain": case(
        f"{HERE}/alias-domains/alias.example/",
        "alias_domain update alias.example --target Other.Example",
        target_domain="other.example",
    ),
    "switch_alias_domain_off": case(
        f"{HERE}/alias-domains/",
        "alias_domain update alias.example --inactive",
        action=f"{HERE}/alias-domains/alias.example/toggle/",
    ),
    "delete_alias_domain": case(
        f"{HERE}/alias-domains/alias.example/delete/", "alias_domain delete alias.example --yes"
    ),
    "create_mailbox": case(
        f"{HERE}/mailboxes/new/",
        "mailbox create carla.k@example.com --name 'Carla “K”' --quota 500 --no-smtp-active --password-stdin",
        local_part="Carla.K",
        name="Carla “K”",
        quota="500 MB",
        smtp_active=False,
        **TWICE,
    ),
    "create_mailbox_as_proposed": case(
        f"{HERE}/mailboxes/new/", "mailbox create carla@example.com --password-stdin", local_part="carla", **TWICE
    ),
    "update_mailbox": case(
        f"{ANNA}/edit/",
        "mailbox update Anna@example.com --name 'Anna Å.' --quota unlimited --no-smtp-active",
        name="Anna Å.",
        quota="unlimited",
        smtp_active=False,
    ),
    "set_recovery_address": case(
        f"{ANNA}/edit/",
        "mailbox update anna@example.com --recovery-address Anna@Elsewhere.example",
        email_other="anna@elsewhere.example",
    ),
    "set_mailbox_password": case(f"{ANNA}/password/", "mailbox password anna@example.com --password-stdin", **TWICE),
    "switch_mailbox_off": case(
        f"{HERE}/mailboxes/", "mailbox update anna@example.com --inactive", action=f"{ANNA}/toggle/"
    ),
    "set_vacation": case(
        f"{ANNA}/vacation/",
        """mailbox vacation anna@example.com --active --subject Away --body 'Dear sender,\n.\nBack ${soon} 😀'
        --from '2026-01-02 08:30' --until '2037-03-04 18:00'""",
        active=True,
        subject="Away",
        body="Dear sender,\r\n.\r\nBack ${soon} 😀",
        activefrom="2026-01-02T08:30",
        activeuntil="2037-03-04T18:00",
    ),
    "set_first_vacation": case(
        "/mailboxes/berta@example.com/vacation/",
        "mailbox vacation berta@example.com --active --subject Away --body 'Back soon'",
        active=True,
        subject="Away",
        body="Back soon",
    ),
    "end_vacation": case(f"{ANNA}/vacation/", "mailbox vacation anna@example.com --inactive", active=False),
    "delete_mailbox": case(f"{ANNA}/delete/", "mailbox delete anna@example.com --yes", confirm="anna@example.com"),
    "delete_mailbox_and_leave_references": case(
        f"{ANNA}/delete/",
        "mailbox delete anna@example.com --yes --no-clean-references",
        confirm="anna@example.com",
        clean_references=False,
    ),
    "create_alias": case(
        f"{HERE}/aliases/new/",
        """alias create sales@example.com --target anna@example.com --target Ext@Remote.example
        --description 'All <sales>'""",
        address="Sales",
        targets="anna@example.com\r\n\r\n  Ext@Remote.example\r\n",
        description="All <sales>",
    ),
    "create_catch_all": case(
        f"{HERE}/aliases/new/",
        "alias create @example.com --target berta@example.com --inactive",
        catch_all=True,
        targets="berta@example.com",
        active=False,
    ),
    "update_alias": case(
        "/aliases/info@example.com/edit/",
        "alias update info@example.com --target berta@example.com --description 'Only Berta'",
        targets="berta@example.com",
        description="Only Berta",
    ),
    "switch_alias_off": case(
        f"{HERE}/aliases/", "alias update info@example.com --inactive", action="/aliases/info@example.com/toggle/"
    ),
    "delete_alias": case(
        "/aliases/info@example.com/delete/",
        "alias delete info@example.com --yes --clean-references",
        confirm="info@example.com",
    ),
    "delete_alias_and_leave_references": case(
        "/aliases/info@example.com/delete/",
        "alias delete info@example.com --yes",
        confirm="info@example.com",
        clean_references=False,
    ),
    "create_admin": case(
        "/admins/new/",
        """admin_user create new@ops.example --domain example.com --domain other.example
        --must-change --password-stdin""",
        username="New@ops.example",
        password=NEW_PASSWORD,
        domains="example.com\r\nother.example",
    ),
    "create_superadmin": case(
        "/admins/new/",
        "admin_user create new@ops.example --superadmin --password-stdin",
        username="new@ops.example",
        password=NEW_PASSWORD,
        superadmin=True,
        must_change=False,
    ),
    "update_admin": case(
        f"{BOB}/edit/",
        "admin_user update bob@example.com --domain other.example --domain third.example",
        domains="other.example\r\nthird.example",
    ),
    "make_superadmin": case(f"{BOB}/edit/", "admin_user update bob@example.com --superadmin", superadmin=True),
    "switch_admin_off": case(f"{BOB}/", "admin_user update bob@example.com --inactive", action=f"{BOB}/toggle/"),
    "set_admin_password": case(
        f"{BOB}/password/", "admin_user password bob@example.com --password-stdin", password=NEW_PASSWORD
    ),
    "grant_domain": case(
        "/domains/other.example/admins/",
        "admin_user grant bob@example.com --domain other.example",
        action="/domains/other.example/admins/",
        username="bob@example.com",
    ),
    "revoke_domain": case(
        f"{HERE}/admins/",
        "admin_user revoke bob@example.com --domain example.com",
        action=f"{HERE}/admins/revoke/",
    ),
    "delete_admin": case(f"{BOB}/delete/", "admin_user delete bob@example.com --yes", confirmation="bob@example.com"),
}

REFUSED = {
    "domain that exists": case("/domains/new/", "domain create EXAMPLE.com", domain="Example.COM"),
    "domain that is a path": case("/domains/new/", "domain create ../../etc", domain="../../etc"),
    "alias domain of itself": case(
        f"{HERE}/alias-domains/new/",
        "alias_domain create example.com --target example.com",
        alias_domain="example.com",
    ),
    "mailbox that exists": case(
        f"{HERE}/mailboxes/new/", "mailbox create anna@example.com --password-stdin", local_part="ANNA", **TWICE
    ),
    "mailbox where an alias is": case(
        f"{HERE}/mailboxes/new/", "mailbox create info@example.com --password-stdin", local_part="info", **TWICE
    ),
    "mailbox that leaves its directory": case(
        f"{HERE}/mailboxes/new/", "mailbox create ../x@example.com --password-stdin", local_part="../x", **TWICE
    ),
    "vacation that ends first": case(
        f"{ANNA}/vacation/",
        "mailbox vacation anna@example.com --active --from '2036-01-02 08:30' --until '2036-01-01 08:30'",
        active=True,
        activefrom="2036-01-02T08:30",
        activeuntil="2036-01-01T08:30",
    ),
    "alias that exists": case(
        f"{HERE}/aliases/new/",
        "alias create info@example.com --target berta@example.com",
        address="info",
        targets="berta@example.com",
    ),
    "alias to itself": case(
        "/aliases/info@example.com/edit/",
        "alias update info@example.com --target INFO@example.com",
        targets="INFO@example.com",
    ),
    "alias to no address": case(
        f"{HERE}/aliases/new/", "alias create x@example.com --target 'a b'", address="x", targets="a b"
    ),
    "admin that exists": case(
        "/admins/new/",
        "admin_user create bob@example.com --password-stdin",
        username="bob@example.com",
        password=NEW_PASSWORD,
    ),
}


class Undo(Exception):
    """Takes back what a block wrote."""


def age() -> None:
    """Date all rows an hour back, so that what is written from now on shows."""
    then = timezone.now().replace(microsecond=0) - dt.timedelta(hours=1)
    for model in apps.get_models():
        dates = {field.name for field in model._meta.concrete_fields} & WRITTEN
        if dates:
            model._default_manager.update(**dict.fromkeys(dates, then))


def after(run: Callable[[], object], now: dt.datetime) -> Rows:
    """Return what the tables hold after the action, and take it back."""
    rows: Rows = {}
    try:
        with transaction.atomic():
            run()
            rows = everything(now)
            raise Undo
    except Undo:
        return rows


def everything(now: dt.datetime) -> Rows:
    """Return every row of every table as the panel reads it, without the circumstances."""
    return {
        model._meta.db_table: sorted((_told(model, row, now) for row in model._default_manager.values()), key=repr)
        for model in apps.get_models()
        if model._meta.db_table not in BESIDE
    }


def _told(model: type[Model], row: dict[str, Any], now: dt.datetime) -> dict[str, Any]:
    hidden = CIRCUMSTANCES.get(model._meta.db_table, set())
    return {name: _plain(name, value, now) for name, value in row.items() if name not in hidden}


def _plain(name: str, value: Any, now: dt.datetime) -> Any:
    """Return a value without what differs by chance: the moment it was written, the salt of a hash."""
    if isinstance(value, dict):
        return {key: _plain(key, part, now) for key, part in value.items()}
    if name in ("password_expiry", "activefrom") and isinstance(value, str):
        return _plain(name, dt.datetime.fromisoformat(value), now)
    if isinstance(value, dt.datetime):
        for words, base in (("now", now), ("in a year", now + dt.timedelta(days=365))):
            if base <= value <= base + dt.timedelta(minutes=2):
                return words
    if name == "password" and isinstance(value, str) and verify_password(NEW_PASSWORD, value):
        return value.partition("}")[0] + "} of the new password"
    return value


def in_the_browser(client: Client, case: Case) -> None:
    press(client, case.path, action=case.action, **case.changed)


def on_the_command_line(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{NEW_PASSWORD}\n" if case.password else ""))
    call_command(*case.command, stdout=io.StringIO())


def test_every_table_is_looked_at() -> None:
    looked_at = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert set(connection.introspection.table_names()) - FOREIGN == looked_at


@pytest.mark.parametrize("name", CASES)
def test_same_rows_and_same_event(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    populate()
    age()
    client = admin_client("zoe@ops.example", superadmin=True)
    now = timezone.now().replace(microsecond=0)
    before = everything(now)
    browser = after(lambda: in_the_browser(client, CASES[name]), now)
    terminal = after(lambda: on_the_command_line(CASES[name], monkeypatch), now)
    assert browser == terminal
    assert browser != before
    assert len(browser["mailadmin_audit_event"]) == len(before["mailadmin_audit_event"]) + 1


@pytest.mark.parametrize("name", REFUSED)
def test_the_same_refusal_in_the_same_words(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    populate()
    client = admin_client("zoe@ops.example", superadmin=True)
    now = timezone.now().replace(microsecond=0)
    before, case = everything(now), REFUSED[name]
    status, page = send(client, case.path, action=case.action, **case.changed)
    assert status == 200
    with pytest.raises(CommandError) as refusal:
        on_the_command_line(case, monkeypatch)
    reason = refusal.value.__cause__
    assert isinstance(reason, MailadminError)
    for texts in reason.messages.values():
        for text in texts:
            assert text in page
    assert everything(now) == before
