"""Which scheme new passwords take beside an old panel, and after it."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from mailadmin.accounts.passwords import is_rehashing, scheme_in_use
from mailadmin.adopt.leaving import leave_old_panel
from mailadmin.adopt.scheme import adopted_scheme, dominant, is_old_panel_in_use
from mailadmin.audit.models import AuditEvent
from mailadmin.core import adoption, passwords
from mailadmin.core.errors import NotAllowed
from mailadmin.core.passwords.stored import KNOWN_SCHEMES
from tests.operations.cases import BOB

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("counts", "scheme"),
    [
        ({}, ""),
        ({"EMPTY": 9, "DISABLED": 9, "UNKNOWN": 9}, ""),
        ({"UNKNOWN": 9, "SHA512-CRYPT:bare": 1}, "SHA512-CRYPT:bare"),
        # md5crypt, the default of PostfixAdmin 3, reads nothing else.
        ({"MD5-CRYPT:bare": 3, "SHA512-CRYPT:bare": 2}, "MD5-CRYPT:bare"),
        ({"PLAIN-MD5:bare": 3}, "PLAIN-MD5:bare"),
        ({"SHA512-CRYPT.B64": 3}, "SHA512-CRYPT.B64"),
        ({"BLF-CRYPT": 3, "PLAIN": 2}, "BLF-CRYPT"),
        # What makes DES asks crypt(3), and both are written alike.
        ({"DES-CRYPT:bare": 3}, "SHA512-CRYPT:bare"),
        ({"DES-CRYPT:bare": 3, "SHA512-CRYPT:bare": 3, "BLF-CRYPT:bare": 5}, "SHA512-CRYPT:bare"),
        ({"SHA": 3}, "SHA512-CRYPT"),
        ({"MD5RAW": 3}, "SHA512-CRYPT"),
    ],
)
def test_the_scheme_of_most_rows(counts: dict[str, int], scheme: str) -> None:
    assert dominant(counts) == scheme


def test_whatever_most_rows_have_can_be_written() -> None:
    for name in KNOWN_SCHEMES:
        for form in (name, f"{name}.B64", f"{name}:bare"):
            assert passwords.parse_write_scheme(dominant({form: 1}))


def adopt(scheme: str = "") -> None:
    """Say that the database was PostfixAdmin's."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {adoption.TABLE}")
        for kind, name in (("origin", adoption.ADOPTED), *([("scheme", scheme)] if scheme else [])):
            cursor.execute(f"INSERT INTO {adoption.TABLE} (kind, table_name, name) VALUES (%s, '', %s)", [kind, name])


def say_gone(*arguments: str) -> str:
    out = StringIO()
    call_command("adopt", "--old-panel-gone", *arguments, stdout=out)
    return out.getvalue()


def test_until_somebody_says_that_it_is_gone(settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_SCHEME, settings.MAILADMIN_PASSWORD_REHASH = "", None
    adopt("MD5-CRYPT:bare")
    assert (scheme_in_use(), is_rehashing(), is_old_panel_in_use()) == ("MD5-CRYPT:bare", False, True)
    assert "written as ARGON2ID" in say_gone()
    assert (scheme_in_use(), is_rehashing(), adopted_scheme()) == ("ARGON2ID", True, "")
    assert json.loads(say_gone("--json")) == {"new_passwords": "ARGON2ID", "rehash": True}


def test_an_adopted_database_without_a_scheme_is_not_rehashed_either(settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_SCHEME, settings.MAILADMIN_PASSWORD_REHASH = "", None
    adopt()
    assert (scheme_in_use(), is_rehashing()) == ("ARGON2ID", False)


def test_settings_come_first(settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_SCHEME, settings.MAILADMIN_PASSWORD_REHASH = "BLF-CRYPT:bare", False
    adopt("MD5-CRYPT:bare")
    assert scheme_in_use() == "BLF-CRYPT:bare"
    assert json.loads(say_gone("--json")) == {"new_passwords": "BLF-CRYPT:bare", "rehash": False}


def test_a_panel_that_never_was_cannot_be_gone() -> None:
    with pytest.raises(CommandError, match="No panel was here before"):
        say_gone()


def test_it_is_told_in_the_history_once(settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_SCHEME = ""
    adopt("MD5-CRYPT:bare")
    say_gone()
    say_gone()
    (event,) = AuditEvent.objects.filter(action="leave_old_panel")
    assert event.before == {"scheme": "MD5-CRYPT:bare"} and event.after != event.before
    with pytest.raises(NotAllowed):
        leave_old_panel(BOB)
