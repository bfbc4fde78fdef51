"""manage.py alias and manage.py reindex."""

import pytest
from pytest_django import DjangoAssertNumQueries

from aliases.models import Alias, AliasTarget
from aliases.targets import write_targets
from tests.cli.conftest import Terminal, refusal, run, run_json
from tests.people import make_domains

pytestmark = pytest.mark.django_db

COLUMNS = {"address", "goto", "domain", "created", "modified", "active", "description"}
ALL = "all@example.com"


@pytest.mark.usefixtures("example")
def test_create_takes_every_parameter() -> None:
    targets = ["--target", "anna@example.org", "--target", "Bob@example.org"]
    row = run_json("alias", "create", "All@Example.com", *targets, "--description", "everybody", "--inactive")
    assert row.keys() == COLUMNS
    assert (row["address"], row["goto"]) == (ALL, "anna@example.org,bob@example.org")
    assert (row["active"], row["description"]) == (False, "everybody")
    assert run_json("alias", "show", ALL) == row
    assert run("alias", "show", ALL).splitlines()[1] == "goto         anna@example.org, bob@example.org"


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize("address", ["@example.com", "*@example.com"])
def test_catch_all(address: str) -> None:
    assert run_json("alias", "create", address, "--target", "anna@example.org")["address"] == "@example.com"
    run("alias", "delete", "@example.com", "--yes")
    assert not Alias.objects.exists()


@pytest.mark.usefixtures("example")
def test_update_replaces_the_targets() -> None:
    run("alias", "create", ALL, "--target", "anna@example.org", "--description", "everybody")
    row = run_json("alias", "update", ALL, "--target", "bob@example.org", "--target", "carl@example.org")
    assert (row["goto"], row["description"]) == ("bob@example.org,carl@example.org", "everybody")
    assert run_json("alias", "update", ALL, "--inactive")["active"] is False
    assert refusal("alias", "update", ALL) == "Say what to change; --help lists the options."


@pytest.mark.usefixtures("example")
def test_list_leaves_out_the_rows_of_mailboxes() -> None:
    run("mailbox", "create", "anna@example.com", "--generate-password")
    run("alias", "create", ALL, "--target", "anna@example.com")
    make_domains("b.example")
    run("alias", "create", "x@b.example", "--target", "anna@example.com", "--description", "Other")
    assert [row["address"] for row in run_json("alias", "list")] == [ALL, "x@b.example"]
    assert [row["address"] for row in run_json("alias", "list", "--domain", "b.example")] == ["x@b.example"]
    assert [row["address"] for row in run_json("alias", "list", "--search", "other")] == ["x@b.example"]
    assert run("alias", "list").splitlines()[1].split() == [ALL, "anna@example.com", "yes"]


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["create", ALL], "the following arguments are required: --target"),
        (["create", ALL, "--target", ""], "targets: Enter at least one address that the mail goes to."),
        (["create", ALL, "--target", "nobody"], "targets: “nobody”: Enter an e-mail address"),
        (["create", ALL, "--target", ALL], "targets: An alias cannot point to itself."),
        (["create", "all@b.example", "--target", ALL], "address: The part after the @ must be one of your domains."),
        (["show", ALL], f"alias: There is no “{ALL}” here."),
        (["delete", ALL, "--yes"], f"alias: There is no “{ALL}” here."),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], line: str) -> None:
    assert line in refusal("alias", *arguments)
    assert not Alias.objects.exists()


@pytest.mark.usefixtures("example")
def test_delete_says_what_ends_and_who_points_there(monkeypatch: pytest.MonkeyPatch) -> None:
    run("alias", "create", ALL, "--target", "anna@example.org")
    run("alias", "create", "staff@example.com", "--target", ALL, "--target", "bob@example.org")
    monkeypatch.setattr("sys.stdin", Terminal(f"{ALL}\n"))
    told = run("alias", "delete", ALL, "--clean-references")
    assert "Mail to all@example.com no longer goes to anna@example.org.\n" in told
    assert "  Alias staff@example.com, which points to it.\n" in told
    assert "tick box" not in told
    assert run_json("alias", "show", "staff@example.com")["goto"] == "bob@example.org"


@pytest.mark.usefixtures("example")
def test_the_row_of_a_mailbox_stays() -> None:
    run("mailbox", "create", "anna@example.com", "--generate-password")
    assert "address: This row belongs to the mailbox" in refusal("alias", "delete", "anna@example.com", "--yes")


def make_aliases(*pairs: tuple[str, str]) -> None:
    """Write alias rows as another program does: without derived rows."""
    Alias.objects.bulk_create(
        Alias(address=address, goto=goto, domain=address.rpartition("@")[2]) for address, goto in pairs
    )


def derived() -> set[tuple[str, str, str]]:
    return set(AliasTarget.objects.values_list("address", "target", "target_domain"))


def test_reindex_makes_what_the_operations_make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aliases.reindex.SIZE", 3)
    pairs = [(f"a{number}@d{number % 3}.example", f"X{number}@b.example, y+{number}@c.example") for number in range(20)]
    make_aliases(*pairs, ("@d1.example", "z@d1.example"), ("empty@d1.example", ""))
    for address, goto in pairs:
        write_targets(address, goto)
    write_targets("@d1.example", "z@d1.example")
    wanted = derived()
    AliasTarget.objects.filter(address__in=[address for address, _goto in pairs[::2]]).delete()
    AliasTarget.objects.filter(address="a1@d1.example", target="x1@b.example").update(target="old@b.example")
    for number in range(7):
        write_targets(f"gone{number}@d1.example", "x@b.example")
    # Ten aliases lost three rows each and one has a wrong one; seven rows are of aliases that are gone.
    assert run("reindex").endswith("\nAliases read: 22. Entries added: 31, removed: 8.\n")
    assert derived() == wanted
    assert run("reindex").endswith("\nAliases read: 22. Entries added: 0, removed: 0.\n")


def test_reindex_costs_by_batches_not_by_rows(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    make_aliases(*((f"a{number}@d.example", "x@b.example") for number in range(900)))
    with django_assert_max_num_queries(60):
        assert run("reindex").endswith("\nAliases read: 900. Entries added: 900, removed: 0.\n")
