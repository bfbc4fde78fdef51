"""manage.py admin_user, and Django's two commands that it replaces."""

import pytest
from django.core.management import CommandError, call_command

from domains.models import DomainAdmin
from mailadmin.accounts.models import Account, Admin
from mailadmin.audit.models import AuditEvent
from mailadmin.core.passwords import verify_password
from mailboxes.setup_links import open_setup_link
from tests.cli.conftest import PASSWORD, Terminal, refusal, run, run_json
from tests.people import make_domains

pytestmark = pytest.mark.django_db

ALICE = "alice@example.org"
BOB = "bob@example.org"


def make_alice() -> None:
    run("admin_user", "create", ALICE, "--superadmin", "--generate-password")


@pytest.mark.usefixtures("password")
def test_create_takes_every_parameter() -> None:
    make_domains("a.example", "b.example")
    grants = ["--domain", "b.example", "--domain", "a.example"]
    row = run_json(
        "admin_user", "create", "Bob@Example.org", *grants, "--inactive", "--must-change", "--password-stdin"
    )
    assert row.keys() == {
        "username",
        "created",
        "modified",
        "active",
        "superadmin",
        "phone",
        "email_other",
        "domains",
    }
    assert (row["username"], row["superadmin"], row["active"]) == (BOB, False, False)
    assert row["domains"] == ["a.example", "b.example"]
    assert Account.objects.get(login=f"admin:{BOB}").must_change_password
    assert verify_password(PASSWORD, Admin.objects.get().password, username=BOB)
    assert run_json("admin_user", "show", BOB) == row


def test_update_and_the_last_superadmin() -> None:
    make_domains("a.example", "b.example")
    make_alice()
    run("admin_user", "create", BOB, "--domain", "a.example", "--generate-password")
    assert run_json("admin_user", "update", BOB, "--domain", "b.example")["domains"] == ["b.example"]
    assert run_json("admin_user", "update", BOB, "--inactive")["active"] is False
    line = refusal("admin_user", "update", ALICE, "--no-superadmin")
    assert line == "superadmin: This is the last superadmin. Make another one first."
    assert "This is the last superadmin" in refusal("admin_user", "delete", ALICE, "--yes")
    run("admin_user", "update", BOB, "--superadmin", "--active")
    assert run("admin_user", "delete", ALICE, "--yes").endswith(f"Deleted {ALICE}.\n")


@pytest.mark.parametrize("name", ["bücher.example", "xn--bcher-kva.example"])
def test_grant_and_revoke(name: str) -> None:
    make_domains("a.example", "xn--bcher-kva.example")
    run("admin_user", "create", BOB, "--generate-password")
    told = run("admin_user", "grant", BOB, "--domain", "a.example", "--domain", name)
    assert told == f"Domains of {BOB}: a.example, xn--bcher-kva.example.\n"
    assert run_json("admin_user", "revoke", BOB, "--domain", name)["domains"] == ["a.example"]
    assert run("admin_user", "revoke", BOB, "--domain", "a.example") == f"Domains of {BOB}: none.\n"


def test_grants_happen_together_or_not_at_all() -> None:
    make_domains("a.example")
    run("admin_user", "create", BOB, "--generate-password")
    events = AuditEvent.objects.count()
    line = refusal("admin_user", "grant", BOB, "--domain", "a.example", "--domain", "b.example")
    assert line == "admin_user: There is no “b.example” here."
    assert not DomainAdmin.objects.exists()
    assert AuditEvent.objects.count() == events
    assert f"There is no “{ALICE}” here." in refusal("admin_user", "grant", ALICE, "--domain", "a.example")


def test_list_and_a_superadmin_by_grant_alone() -> None:
    make_domains("a.example")
    make_alice()
    Admin.objects.filter(username=ALICE).update(superadmin=False)
    run("admin_user", "create", BOB, "--domain", "a.example", "--generate-password")
    assert [(row["username"], row["superadmin"]) for row in run_json("admin_user", "list")] == [
        (ALICE, True),
        (BOB, False),
    ]
    assert [row["username"] for row in run_json("admin_user", "list", "--domain", "a.example")] == [BOB]
    assert [row["username"] for row in run_json("admin_user", "list", "--search", "alice")] == [ALICE]
    assert run("admin_user", "list").splitlines()[2].split() == [BOB, "no", "yes", "a.example"]


@pytest.mark.usefixtures("password")
def test_password() -> None:
    make_alice()
    assert run("admin_user", "password", ALICE, "--password-stdin") == f"Admin {ALICE} has a new password.\n"
    assert verify_password(PASSWORD, Admin.objects.get().password, username=ALICE)
    assert "There is no" in refusal("admin_user", "password", BOB, "--generate-password")


def test_delete_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    make_domains("a.example")
    run("admin_user", "create", BOB, "--domain", "a.example", "--generate-password")
    monkeypatch.setattr("sys.stdin", Terminal("no\n"))
    assert refusal("admin_user", "delete", BOB) == "The name differs; nothing was deleted."
    monkeypatch.setattr("sys.stdin", Terminal(f"{BOB}\n"))
    assert "The grants of a.example." in run("admin_user", "delete", BOB)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["create", "bob", "--generate-password"], "username: Enter an e-mail address such as anna@example.com."),
        (
            ["create", BOB, "--domain", "b.example", "--generate-password"],
            "domains: There is no domain b.example here.",
        ),
        (["create", BOB, "--password", "secret"], "unrecognized arguments"),
        (["show", "usér@example.org"], "There is no"),
        (["grant", BOB], "the following arguments are required: --domain"),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], line: str) -> None:
    assert line in refusal("admin_user", *arguments)
    assert not Admin.objects.exists()


@pytest.mark.parametrize("name", ["createsuperuser", "changepassword"])
def test_the_commands_of_django_name_ours(name: str) -> None:
    with pytest.raises(CommandError, match=r"manage.py admin_user"):
        call_command(name)


def test_a_set_up_link_is_printed() -> None:
    make_alice()
    told, path = run("admin_user", "setup-link", ALICE).splitlines()
    assert told.startswith(f"Set-up link of {ALICE}, works once, until ")
    assert open_setup_link(path.split("/")[-2], ip="").username == ALICE
    assert refusal("admin_user", "setup-link", BOB) == f"admin_user: There is no “{BOB}” here."
