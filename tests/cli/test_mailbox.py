"""manage.py mailbox: the verbs, and where passwords come from."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mailadmin.audit.models import AuditEvent
from mailadmin.core.passwords import verify_password
from mailboxes.models import Mailbox, Vacation
from mailboxes.setup_links import open_setup_link
from tests.cli.conftest import PASSWORD, Terminal, refusal, run, run_json
from tests.people import make_domains, make_mailboxes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("example")]

COLUMNS = {
    "username",
    "name",
    "maildir",
    "quota",
    "local_part",
    "domain",
    "created",
    "modified",
    "active",
    "phone",
    "email_other",
    "password_expiry",
    "smtp_active",
}
ANNA = "anna@example.com"


def stored_password() -> str:
    return Mailbox.objects.get(username=ANNA).password


@pytest.mark.usefixtures("password")
def test_create_takes_every_parameter() -> None:
    options = ["--name", "Anna Émile", "--quota", "1500000 B", "--inactive", "--no-smtp-active", "--password-stdin"]
    row = run_json("mailbox", "create", "Anna@Example.com", *options)
    assert row.keys() == COLUMNS
    assert (row["username"], row["name"], row["quota"]) == (ANNA, "Anna Émile", 1500000)
    assert (row["active"], row["smtp_active"]) == (False, False)
    assert verify_password(PASSWORD, stored_password(), username=ANNA)
    assert run_json("mailbox", "show", ANNA) == row


@pytest.mark.parametrize("line", ["  blanks stay 77 ", "ends in return 7\r"])
def test_standard_input_loses_only_its_line_end(typed: Callable[[str], None], line: str) -> None:
    typed(f"{line}\nsecond line\n")
    run("mailbox", "create", ANNA, "--password-stdin")
    assert verify_password(line.removesuffix("\r"), stored_password(), username=ANNA)


def test_a_made_password_is_shown_once() -> None:
    out = run("mailbox", "create", ANNA, "--generate-password")
    made = out.splitlines()[1].removeprefix("Password, shown only now: ")
    assert verify_password(made, stored_password(), username=ANNA)
    made = run_json("mailbox", "password", ANNA, "--generate-password")["generated_password"]
    assert verify_password(made, stored_password(), username=ANNA)
    assert made not in run("mailbox", "show", ANNA)


def answers(monkeypatch: pytest.MonkeyPatch, *passwords: str) -> None:
    given: Iterator[str] = iter(passwords)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(given))


def test_the_prompt_asks_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, PASSWORD, "something else")
    assert refusal("mailbox", "create", ANNA) == "password: The two differ."
    assert not Mailbox.objects.exists()
    answers(monkeypatch, PASSWORD, PASSWORD)
    run("mailbox", "create", ANNA)
    assert verify_password(PASSWORD, stored_password(), username=ANNA)


def test_without_a_terminal_the_source_must_be_named(typed: Callable[[str], None]) -> None:
    typed(f"{PASSWORD}\n")
    assert "use --password-stdin or --generate-password" in refusal("mailbox", "create", ANNA)
    typed("")
    assert refusal("mailbox", "create", ANNA, "--password-stdin") == "password: Standard input was empty."
    typed("short\n")
    assert refusal("mailbox", "create", ANNA, "--password-stdin").startswith(
        "password: The password must have at least"
    )


@pytest.mark.parametrize("verb", ["create", "password"])
@pytest.mark.parametrize("option", ["--password", "--pass", "-p"])
def test_no_password_in_arguments(verb: str, option: str) -> None:
    assert "unrecognized arguments" in refusal("mailbox", verb, ANNA, option, "secret")
    assert "unrecognized arguments" in refusal("mailbox", verb, ANNA, f"{option}=secret")


def test_password_of_nobody() -> None:
    assert refusal("mailbox", "password", ANNA, "--generate-password") == f"mailbox: There is no “{ANNA}” here."


@pytest.mark.usefixtures("password")
def test_update_changes_only_what_is_given() -> None:
    run("mailbox", "create", ANNA, "--name", "Anna", "--quota", "500 MB", "--password-stdin")
    row = run_json("mailbox", "update", ANNA, "--quota", "none")
    assert (row["quota"], row["name"], row["active"]) == (-1, "Anna", True)
    assert run_json("mailbox", "update", ANNA, "--inactive")["active"] is False
    assert AuditEvent.objects.order_by("-id")[0].action == "edit_mailbox_state"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["create", "anna", "--generate-password"], "address: Enter an e-mail address such as anna@example.com."),
        (["create", "a@b@example.com", "--generate-password"], "local_part: The part before the @ can have only"),
        (["create", "anna@nowhere.example", "--generate-password"], "mailbox: There is no “nowhere.example” here."),
        (["create", ".a@example.com", "--generate-password"], "local_part: The part before the @ cannot begin"),
        (["create", ANNA, "--generate-password", "--quota", "-5"], "argument --quota: Enter a size"),
        (["create", ANNA, "--generate-password", "--password-stdin"], "not allowed with argument"),
        (["update", ANNA, "--active", "--inactive"], "not allowed with argument"),
        (["show", "anna@example.com@example.com"], "There is no"),
        (["show", "usér@example.com"], "There is no"),
        (["frobnicate"], "invalid choice"),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], line: str) -> None:
    assert line in refusal("mailbox", *arguments)
    assert not Mailbox.objects.exists()


def test_limits_name_the_parameter() -> None:
    run("domain", "update", "example.com", "--mailboxes", "none", "--maxquota", "100 MB")
    line = refusal("mailbox", "create", ANNA, "--generate-password")
    assert line.startswith("local_part: example.com may have no mailboxes.")


def test_list_by_domain_and_text() -> None:
    make_domains("b.example")
    make_mailboxes("anna@example.com", "bob@example.com", "carl@b.example", name="Somebody")
    assert [row["username"] for row in run_json("mailbox", "list", "--domain", "EXAMPLE.com")] == [
        "anna@example.com",
        "bob@example.com",
    ]
    assert [row["username"] for row in run_json("mailbox", "list", "--search", "carl")] == ["carl@b.example"]
    assert len(run_json("mailbox", "list", "--search", "somebody", "--limit", "2")) == 2
    assert run("mailbox", "list", "--domain", "c.example") == ""
    assert run("mailbox", "list").splitlines()[1].split() == ["anna@example.com", "Somebody", "unlimited", "yes", "yes"]


@pytest.mark.usefixtures("password")
def test_delete_says_what_goes() -> None:
    run("mailbox", "create", ANNA, "--password-stdin")
    run("alias", "create", "all@example.com", "--target", ANNA)
    run("mailbox", "vacation", ANNA, "--active", "--subject", "Away", "--body", "Back soon.")
    told = run("mailbox", "delete", ANNA, "--yes", "--no-clean-references")
    goes, stays = told.split("Stays:")
    assert "  Its vacation reply.\n" in goes
    assert "  Alias all@example.com, which points to it.\n" in stays
    assert "tick box" not in told
    assert run_json("alias", "show", "all@example.com")["goto"] == ANNA
    assert not Mailbox.objects.exists()


def test_vacation_keeps_what_is_left_out() -> None:
    make_mailboxes(ANNA)
    assert run("mailbox", "vacation", ANNA) == "No vacation reply is set.\n"
    assert run_json("mailbox", "vacation", ANNA) is None
    assert "subject: Enter a text." in refusal("mailbox", "vacation", ANNA, "--active")
    options = ["--subject", "Away", "--body", "Back soon.", "--from", "2030-05-01", "--until", "2030-05-03"]
    row = run_json("mailbox", "vacation", ANNA, "--active", *options, "--interval", "3600")
    assert row["email"] == ANNA
    assert row["interval_time"] == 3600
    stored = Vacation.objects.get()
    assert stored.activefrom == dt.datetime(2030, 5, 1, tzinfo=dt.UTC)
    assert stored.activeuntil == dt.datetime(2030, 5, 3, 23, 59, 59, tzinfo=dt.UTC)
    after = run_json("mailbox", "vacation", ANNA, "--inactive")
    assert (after["active"], after["body"], after["activeuntil"]) == (False, "Back soon.", row["activeuntil"])
    assert run_json("mailbox", "vacation", ANNA, "--until", "never")["activeuntil"].startswith("2038-01-18")
    assert "argument --from: Enter a day" in refusal("mailbox", "vacation", ANNA, "--from", "2030-13-01")


def test_a_set_up_link_is_printed_with_its_end(settings: Any) -> None:
    settings.MAILADMIN_URL = "https://panel.example.com"
    run("mailbox", "create", ANNA, "--generate-password")
    told, url = run("mailbox", "setup-link", ANNA).splitlines()
    assert told.startswith(f"Set-up link of {ANNA}, works once, until ")
    assert url.startswith("https://panel.example.com/set-up/")
    found = open_setup_link(url.split("/")[-2], ip="")
    assert found.username == ANNA
    made = run_json("mailbox", "setup-link", ANNA)
    assert made.keys() == {"username", "link", "expires"} and made["link"] != url
    assert refusal("mailbox", "setup-link", "nobody@example.com") == "mailbox: There is no “nobody@example.com” here."
