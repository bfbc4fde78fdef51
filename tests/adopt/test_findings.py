"""What one look at the rows finds, on the tables of the run's own database."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from aliases.models import Alias
from domains.models import AliasDomain, Domain, DomainAdmin
from mailadmin.accounts.models import Admin
from mailadmin.adopt import limits, names, old_passwords, orphans, pointing, vacations
from mailadmin.adopt.finding import Database, Finding
from mailadmin.adopt.passwords import count_schemes
from mailadmin.adopt.people import find_superadmins
from mailadmin.adopt.reading import only_reading, read_schema
from mailboxes.models import Vacation
from tests.people import make_domains, make_mailboxes

pytestmark = pytest.mark.django_db


def looked(look: Callable[[Database], list[Finding]]) -> dict[str, tuple[int, tuple[str, ...]]]:
    return {one.name: (one.count, one.examples) for one in look(Database(connection, read_schema(connection)))}


def alias(address: str, goto: str) -> Alias:
    return Alias.objects.create(
        address=address, goto=goto, domain=address.rpartition("@")[2], created=None, modified=None
    )


def test_names_that_differ_by_case() -> None:
    make_mailboxes("anna@x.example", "Anna@x.example", "BOB@x.example")
    assert looked(names.duplicates_by_case) == {"mailbox_duplicates": (1, ("anna@x.example",))}
    found = looked(names.capitals)["mailbox_capitals"]
    assert (found[0], set(found[1])) == (2, {"Anna@x.example", "BOB@x.example"})


def test_passwords_that_nothing_ended_so_far() -> None:
    make_domains("aged.example", password_expiry=90)
    make_domains("x.example", password_expiry=0)
    now = timezone.now()
    for name, end in (("old@aged", now - dt.timedelta(1)), ("young@aged", now + dt.timedelta(1)), ("none@aged", None)):
        make_mailboxes(f"{name}.example", password_expiry=end)
    make_mailboxes("old@x.example", password_expiry=now - dt.timedelta(400))
    assert looked(old_passwords.old_passwords) == {"old_passwords": (1, ("old@aged.example",))}


def test_superadmins_by_either_mark() -> None:
    for name, marked in (("both@x", True), ("column@x", True), ("grant@x", False), ("none@x", False)):
        Admin.objects.create(username=name, password="", superadmin=marked, created=None, modified=None)
    for name in ("both@x", "grant@x", "gone@x"):
        DomainAdmin.objects.create(username=name, domain="ALL", created=None)
    found = find_superadmins(Database(connection, read_schema(connection)))
    assert (found.both, found.only_column, found.only_grant) == (["both@x"], ["column@x"], ["grant@x"])
    assert looked(orphans.grants_of_missing_admins) == {"grants_without_admin": (1, ("gone@x",))}
    assert looked(orphans.rows_of_missing_domains) == {}, "ALL is no domain"


@pytest.mark.parametrize(
    ("goto", "lost"),
    [
        ("anna@x.example", False),
        ("Anna@X.example", False),
        ("anna+news@x.example", False),
        ("far@else.example", False),
        ("root", False),
        ("anyone@caught.example", False),
        ("anna@mirror.example", False),
        ("list@x.example", False),
        ("relayed@backup.example", False),
        ("nobody@x.example", True),
        ("anna@x.example, nobody@x.example", True),
        ("nobody@mirror.example", True),
        ("nobody+news@x.example", True),
        ("", False),
    ],
)
def test_targets_that_nobody_has(goto: str, lost: bool) -> None:
    make_domains("x.example", "mirror.example", "caught.example")
    make_domains("backup.example", backupmx=True)
    make_mailboxes("anna@x.example")
    AliasDomain.objects.create(alias_domain="mirror.example", target_domain="x.example", created=None, modified=None)
    alias("@caught.example", "anna@x.example")
    alias("list@x.example", "anna@x.example")
    alias("asked@x.example", goto)
    assert bool(looked(pointing.aliases_pointing_nowhere)) == lost


def test_an_alias_that_is_only_itself_and_no_mailbox() -> None:
    make_domains("x.example")
    make_mailboxes("anna@x.example")
    alias("anna@x.example", "anna@x.example")
    assert looked(pointing.aliases_pointing_nowhere) == {}
    alias("left@x.example", "left@x.example")
    assert looked(pointing.aliases_pointing_nowhere) == {"aliases_pointing_nowhere": (1, ("left@x.example to itself",))}


def test_limits_that_are_exceeded(settings: object) -> None:
    make_domains("ALL", "free.example")
    make_domains("few.example", mailboxes=1, aliases=-1)
    make_domains("small.example", maxquota=1, quota=3)
    make_mailboxes("a@few.example", "b@few.example", "a@small.example", "a@free.example", quota=2 * 1048576)
    make_mailboxes("b@small.example", quota=1048576)
    assert looked(limits.limits_exceeded) == {
        "limits_exceeded": (2, ("few.example (mailboxes)", "small.example (largest quota)"))
    }
    Domain.objects.filter(domain="small.example").update(quota=2)
    for letter in "abc":
        alias(f"{letter}@few.example", "a@few.example")
    assert looked(limits.limits_exceeded)["limits_exceeded"][1] == (
        "few.example (mailboxes, aliases)",
        "small.example (largest quota, sum of quotas)",
    )


def test_vacations_that_stand_in_an_alias() -> None:
    make_domains("x.example")
    make_mailboxes("anna@x.example", "bert@x.example")
    entry = "anna@x.example,anna#x.example@autoreply.example.org"
    alias("anna@x.example", entry)
    alias("bert@x.example", "bert@x.example")
    assert looked(vacations.vacation_entries) == {}
    for name in ("anna", "bert"):
        Vacation.objects.create(
            email=f"{name}@x.example", domain="x.example", subject="", body="", modified=timezone.now()
        )
    assert looked(vacations.vacation_entries) == {"vacation_entries": (1, (entry,))}


def test_schemes_are_counted_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailadmin.adopt.passwords._CHUNK", 2)
    make_mailboxes("a@x", "b@x", "c@x", password="{SSHA}abc")
    make_mailboxes("d@x", "e@x", password="$6$salt$x")
    make_mailboxes("f@x", password="secret of somebody")
    counts = count_schemes(Database(connection, read_schema(connection)), "mailbox")
    assert counts == {"SSHA": 3, "SHA512-CRYPT:bare": 2, "UNKNOWN": 1}


@pytest.mark.django_db(transaction=True)
def test_the_server_refuses_to_write_while_it_is_looked_at() -> None:
    from django.db import DatabaseError

    with only_reading(connection), pytest.raises(DatabaseError):
        make_domains("x.example")
    make_domains("x.example")
