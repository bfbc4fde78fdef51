"""manage.py domain and manage.py alias_domain."""

from collections.abc import Callable

import pytest

from domains.models import AliasDomain, Domain
from mailadmin.audit.models import AuditEvent
from tests.cli.conftest import Terminal, refusal, run, run_json
from tests.people import make_domains, make_mailboxes

pytestmark = pytest.mark.django_db

COLUMNS = {
    "domain",
    "description",
    "aliases",
    "mailboxes",
    "maxquota",
    "quota",
    "transport",
    "backupmx",
    "created",
    "modified",
    "active",
    "password_expiry",
}


def test_create_takes_every_parameter() -> None:
    options = ["--description", "Müller & Co", "--mailboxes", "10", "--aliases", "none", "--maxquota", "1.5 GB"]
    row = run_json("domain", "create", "Example.COM", *options, "--quota=unlimited", "--backupmx", "--inactive")
    assert row.keys() == COLUMNS
    assert row["domain"] == "example.com"
    assert row["description"] == "Müller & Co"
    assert (row["mailboxes"], row["aliases"], row["maxquota"], row["quota"]) == (10, -1, 1536, 0)
    assert (row["backupmx"], row["active"]) == (True, False)
    assert run_json("domain", "show", "example.com") == row


def test_every_change_is_told_as_the_command_lines() -> None:
    run("domain", "create", "example.com")
    event = AuditEvent.objects.get()
    assert (event.actor_kind, event.actor, event.via, event.action) == ("superadmin", "CLI", "cli", "create_domain")


def test_list_is_one_array_in_order() -> None:
    assert run_json("domain", "list") == []
    make_domains("b.example", "a.example")
    assert [row["domain"] for row in run_json("domain", "list")] == ["a.example", "b.example"]
    assert [row["domain"] for row in run_json("domain", "list", "--limit", "1")] == ["a.example"]
    assert [row["domain"] for row in run_json("domain", "list", "--search", "B.EX")] == ["b.example"]
    assert run_json("domain", "list", "--search", "%") == []


def test_list_streams_more_than_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailadmin.core.commands.noun.BATCH", 3)
    names = [f"d{number}.example" for number in range(9)]
    make_domains(*names)
    assert [row["domain"] for row in run_json("domain", "list")] == names


def test_people_read_words_for_limits() -> None:
    run("domain", "create", "example.com", "--mailboxes", "none", "--quota", "1 GB")
    heading, row = run("domain", "list").splitlines()
    assert heading.split()[:3] == ["DOMAIN", "MAILBOXES", "ALIASES"]
    assert row.split()[:6] == ["example.com", "none", "unlimited", "unlimited", "1", "GB"]
    assert "quota            1 GB" in run("domain", "show", "example.com")


def test_what_other_programs_wrote_cannot_steer_the_terminal() -> None:
    make_domains("example.com", description="\x1b[2Jgone\r")
    assert "\x1b" not in run("domain", "list") + run("domain", "show", "example.com")


def test_update_changes_only_what_is_given() -> None:
    run("domain", "create", "example.com", "--mailboxes", "10", "--description", "first")
    row = run_json("domain", "update", "example.com", "--mailboxes", "unlimited")
    assert (row["mailboxes"], row["description"]) == (0, "first")
    assert run("domain", "update", "example.com", "--inactive") == "Domain example.com is up to date.\n"
    assert not Domain.objects.get(domain="example.com").active
    assert refusal("domain", "update", "example.com") == "Say what to change; --help lists the options."


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["create", "example"], "domain: Enter a domain name such as example.com: letters, digits and hyphens"),
        (["create", "a.example", "--quota", "much"], "argument --quota: Enter a size such as 500 MB or 1.5 GB."),
        (
            ["create", "a.example", "--quota", "0 MB"],
            "argument --quota: Enter a size such as 500 MB, unlimited or none.",
        ),
        (
            ["create", "a.example", "--mailboxes", "1.5"],
            "argument --mailboxes: Enter a whole number, unlimited or none.",
        ),
        (["create", "a.example", "--mailboxes", "99999999999"], "mailboxes: Enter a whole number up to 2147483647."),
        (["create", "a.example", "--transport", "x y"], "transport: Enter a transport such as"),
        (["create", "a.example", "--description", "a\nb"], "description: Control characters are not allowed here."),
        (["show", "nowhere.example"], "domain: There is no “nowhere.example” here."),
        (["update", "nowhere.example", "--active"], "domain: There is no “nowhere.example” here."),
        (["delete", "nowhere.example", "--yes"], "domain: There is no “nowhere.example” here."),
        (["show", "a\x00b"], "domain: There is no"),
        (["list", "--limit", "0"], "argument --limit: Enter a whole number above zero."),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], line: str) -> None:
    assert line in refusal("domain", *arguments)
    assert not Domain.objects.exists()


def test_a_name_in_use_is_refused(example: str) -> None:
    assert refusal("domain", "create", "EXAMPLE.com") == "domain: This domain already exists."


def test_delete_needs_yes_without_a_terminal(example: str, typed: Callable[[str], None]) -> None:
    typed("example.com\n")
    line = refusal("domain", "delete", "example.com")
    assert line == "There is no terminal to ask for confirmation: add --yes to delete example.com."
    assert Domain.objects.exists()


def test_delete_says_what_goes_and_asks_for_the_name(example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_mailboxes("anna@example.com")
    run("domain", "create", "a.example")
    run("alias_domain", "create", "a.example", "--target", "example.com")
    run("alias", "create", "all@a.example", "--target", "anna@example.com")
    monkeypatch.setattr("sys.stdin", Terminal("example.org\n"))
    assert refusal("domain", "delete", "example.com") == "The name differs; nothing was deleted."
    monkeypatch.setattr("sys.stdin", Terminal("example.com\n"))
    told = run("domain", "delete", "example.com")
    goes, stays = told.split("Stays:")
    assert "  1 mailbox: anna@example.com.\n  1 alias domain: a.example.\n" in goes
    assert "1 alias of another domain that points here: all@a.example." in stays
    assert told.endswith("Deleted example.com.\n")
    assert [row.domain for row in Domain.objects.all()] == ["a.example"]


def test_delete_for_programs(example: str) -> None:
    assert run_json("domain", "delete", "example.com", "--yes") == {"deleted": "example.com"}


def test_alias_domain_verbs(example: str) -> None:
    make_domains("a.example", "b.example")
    row = run_json("alias_domain", "create", "a.example", "--target", "example.com", "--description", "old name")
    assert row.keys() == {"alias_domain", "target_domain", "created", "modified", "active", "description"}
    assert (row["alias_domain"], row["target_domain"], row["active"]) == ("a.example", "example.com", True)
    assert run_json("alias_domain", "update", "a.example", "--target", "b.example")["target_domain"] == "b.example"
    assert run_json("alias_domain", "update", "a.example", "--inactive")["active"] is False
    actions = list(AuditEvent.objects.order_by("id").values_list("action", flat=True))
    assert actions[-2:] == ["edit_alias_domain", "edit_alias_domain_state"]
    assert len(run_json("alias_domain", "list", "--domain", "b.example")) == 1
    assert run_json("alias_domain", "list", "--domain", "example.com") == []
    assert run("alias_domain", "list").splitlines()[1].split() == ["a.example", "b.example", "no", "old", "name"]
    assert run_json("alias_domain", "show", "a.example")["target_domain"] == "b.example"
    run("alias_domain", "delete", "a.example", "--yes")
    assert not AliasDomain.objects.exists()


def test_alias_domain_mistakes(example: str) -> None:
    line = refusal("alias_domain", "create", "nowhere.example", "--target", "example.com")
    assert line == "alias_domain: Choose one of your domains."
    line = refusal("alias_domain", "create", "example.com", "--target", "example.com")
    assert line == "target_domain: A domain cannot be an alias of itself."
    assert "--target" in refusal("alias_domain", "create", "example.com")
