"""What `import_two_table` says before it writes, and that it then does that, all of it or nothing."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test.utils import override_settings

from mailadmin.core.passwords import verify_password
from tests.adopt.document_a import Tables
from tests.cli.conftest import refusal, run, typed  # noqa: F401
from tests.servers.mariadb import MariaDB

pytestmark = pytest.mark.django_db

KEY = "k" * 40
SECRET = "open sesame 1"


@pytest.fixture(scope="module")
def server_tables(mariadb: MariaDB) -> Tables:
    return Tables(mariadb, "two_table_report", KEY)


@pytest.fixture
def tables(server_tables: Tables, typed: Callable[[str], None]) -> Tables:  # noqa: F811
    """Two empty tables, and the key on standard input."""
    for table in ("user", "alias"):
        server_tables.sql(f"DELETE FROM `{table}`")
    typed(f"{KEY}\n")
    return server_tables


class Import:
    """The command, asked again and again."""

    def __init__(self, tables: Tables, typed: Callable[[str], None]) -> None:  # noqa: F811
        self._arguments = ["import_two_table", "--from", tables.url, "--key-stdin"]
        self._typed = typed

    def __call__(self, *options: str) -> str:
        self._typed(f"{KEY}\n")
        return run(*self._arguments, *options)

    def report(self, *options: str) -> Any:
        return json.loads(self(*options, "--json"))

    def refusal(self, *options: str, key: str = KEY) -> str:
        self._typed(f"{key}\n")
        return refusal(*self._arguments, *options)

    def apply(self, *options: str) -> Any:
        return self.report(*options, "--apply", self.report(*options)["digest"])


@pytest.fixture
def bring(tables: Tables, typed: Callable[[str], None]) -> Import:  # noqa: F811
    return Import(tables, typed)


def lines(report: Any, section: str) -> list[str]:
    return [f"{line['kind']} {line['name']}: {line['text']}" for line in report[section]]


def counts() -> list[int]:
    """Return how many rows there are of everything an import writes."""
    from aliases.models import Alias
    from domains.models import Domain, DomainAdmin
    from mailadmin.accounts.models import Admin
    from mailadmin.audit.models import AuditEvent
    from mailboxes.models import Mailbox

    return [model._default_manager.count() for model in (Domain, Mailbox, Alias, Admin, DomainAdmin, AuditEvent)]


def test_looking_writes_nothing_and_applying_writes_what_was_shown(tables: Tables, bring: Import) -> None:
    from mailboxes.models import Mailbox

    tables.user("Anna@One.example", SECRET, admin=True)
    tables.user("berta@one.example", SECRET, active=False)
    tables.alias("info@one.example", "anna@one.example", "berta@one.example", "Out@Remote.example")
    before = counts()
    seen = bring.report()
    assert counts() == before
    assert lines(seen, "created") == [
        "domain one.example: no limits",
        "mailbox anna@one.example: maildir Anna@One.example/, quota unlimited, on",
        "mailbox berta@one.example: maildir berta@one.example/, quota unlimited, off",
        "alias info@one.example: to out@remote.example, anna@one.example, berta@one.example",
        "admin anna@one.example: of one.example, with the mailbox's password",
    ]
    done = bring.report("--apply", seen["digest"])
    assert {**done, "applied": False, "batch_id": ""} == seen
    row = Mailbox.objects.get(username="anna@one.example")
    assert verify_password(SECRET, row.password) and row.maildir == "Anna@One.example/" and row.active
    assert not Mailbox.objects.get(username="berta@one.example").active


def test_every_write_is_one_batch_of_the_command_line(tables: Tables, bring: Import) -> None:
    from mailadmin.audit.models import AuditEvent

    tables.user("anna@one.example", SECRET, admin=True)
    tables.alias("anna@one.example", "out@remote.example")
    batch = bring.apply()["batch_id"]
    found = AuditEvent.objects.filter(batch_id=batch, via="cli", actor="CLI").order_by("id")
    assert list(found.values_list("action", flat=True)) == [
        "create_domain",
        "create_mailbox",
        "edit_alias",
        "create_admin",
    ]
    assert SECRET not in repr(list(AuditEvent.objects.values()))


def test_what_cannot_come_is_named_with_why(tables: Tables, bring: Import) -> None:
    tables.user("anna@one.example", SECRET)
    tables.user("anna@one.example", SECRET, domain=" One.example")
    tables.user("elsewhere@one.example", SECRET, domain="two.example")
    tables.user("nobody", SECRET, domain="one.example")
    tables.user("a/b@one.example", SECRET)
    tables.alias("postmaster", "anna@one.example")
    tables.alias("hook@one.example", "|/bin/true")
    tables.alias("here@foreign.example", "anna@one.example")
    tables.alias("ping@one.example", "pong@one.example")
    tables.alias("pong@one.example", "ping@one.example")
    refused = lines(bring.apply(), "refused")
    expected = [
        r"user a/b@one\.example: The part before the @ can have only",
        r"user anna@one\.example: There is another row of this name\.",
        r"user elsewhere@one\.example: Its domain column says two\.example\.",
        r"user nobody: This is not a whole address\.",
        r"target of hook@one\.example: “\|/bin/true”: ",
        r"alias postmaster: to anna@one\.example: Enter an e-mail address",
        r"alias here@foreign\.example: to anna@one\.example: The part after the @ must be one of your domains\.",
        r"alias pong@one\.example: to ping@one\.example: Mail would go in a circle",
    ]
    assert len(refused) == len(expected), refused
    for pattern in expected:
        assert any(re.match(pattern, line) for line in refused), (pattern, refused)


def test_what_changes_on_the_way_is_noted(tables: Tables, bring: Import) -> None:
    from aliases.models import Alias

    tables.user("anna@one.example", SECRET)
    tables.user("berta@one.example", SECRET)
    tables.alias("info@one.example", "anna@one.example")
    tables.alias("info@one.example", "berta@one.example", active=False)
    tables.alias("berta@one.example", "out@remote.example", active=False)
    tables.alias("quiet@one.example", "anna@one.example", active=False)
    tables.alias("dead@one.example", "nobody+tag@one.example")
    with override_settings(MAILADMIN_MAIL_LOCATION="maildir:~"):
        noted = lines(bring.apply(), "noted")
    assert noted == [
        "alias info@one.example: The target berta@one.example is switched off; it is left out.",
        "alias berta@one.example: Forwarding to out@remote.example is switched off; it is left out.",
        "alias dead@one.example: It points to nobody+tag@one.example, where nobody is.",
    ]
    assert dict(Alias.objects.values_list("address", "goto")) == {
        "anna@one.example": "anna@one.example",
        "berta@one.example": "berta@one.example",
        "info@one.example": "anna@one.example",
        "quiet@one.example": "anna@one.example",
        "dead@one.example": "nobody+tag@one.example",
    }
    assert not Alias.objects.get(address="quiet@one.example").active


@pytest.mark.parametrize("stored", ["", "not hex", "00" * 16, "AB" * 15])
def test_a_password_that_does_not_decrypt_keeps_no_mail_out(stored: str, tables: Tables, bring: Import) -> None:
    from mailboxes.models import Mailbox

    tables.user("anna@one.example", SECRET)
    tables.sql("INSERT INTO user VALUES ('one.example', 'lost@one.example', %s, 0, 1, 0)", stored)
    assert lines(bring.apply(), "noted")[0] == (
        "password of lost@one.example: does not decrypt; gets a random password that nobody knows: set another."
    )
    row = Mailbox.objects.get(username="lost@one.example")
    assert row.active and row.password.startswith("{SSHA512}")
    assert not any(verify_password(guess, row.password) for guess in ("", stored, SECRET, "*"))


def test_a_password_that_no_scheme_holds(tables: Tables, bring: Import) -> None:
    tables.user("anna@one.example", SECRET)
    tables.user("berta@one.example", "")
    tables.user("carla@one.example", "bell\x07")
    noted = lines(bring.report(), "noted")
    assert noted[0].startswith("password of berta@one.example: The password must not be empty. It gets a random")
    assert noted[1].startswith("password of carla@one.example: The password must not contain control characters.")


def test_the_key_decides(tables: Tables, bring: Import) -> None:
    tables.user("anna@one.example", SECRET)
    assert bring.refusal(key="another key") == "key: It decrypts no password (1 in all)."
    assert bring.refusal(key="") == "key: Standard input was empty."


@pytest.mark.parametrize(
    ("unit", "size"),
    [("B", 500), ("KB", 500 * 1024), ("MB", 500 * 1024**2), ("none", 0)],
    ids=["B", "KB", "MB", "none"],
)
def test_quotas_need_a_unit(unit: str, size: int, tables: Tables, bring: Import) -> None:
    from mailboxes.models import Mailbox

    tables.user("anna@one.example", SECRET, quota=500)
    tables.user("berta@one.example", SECRET, quota=-1)
    assert bring.refusal() == (
        "quota-unit: The tables do not say what their quotas count (1 in all): add --quota-unit B, KB, MB, none."
    )
    bring.apply("--quota-unit", unit)
    assert dict(Mailbox.objects.values_list("username", "quota")) == {"anna@one.example": size, "berta@one.example": 0}


def test_another_report_is_not_applied(tables: Tables, bring: Import) -> None:
    tables.user("anna@one.example", SECRET)
    digest = bring.report()["digest"]
    tables.alias("info@one.example", "anna@one.example")
    before = counts()
    assert re.match(r"apply: The report is another one now, of digest \w{16}\.", bring.refusal("--apply", digest))
    assert counts() == before


def test_what_changes_between_the_last_look_and_the_writing_undoes_all(tables: Tables, bring: Import) -> None:
    """While passwords are hashed, somebody makes an address that the import wants."""
    from domains.services import create_domain
    from mailadmin.core.actor import Actor
    from mailadmin.core.errors import Invalid
    from mailadmin.two_table.plan import make_plan
    from mailadmin.two_table.services import hash_passwords, import_plan, rehearse
    from mailadmin.two_table.source import read_source

    for number in range(3):
        tables.user(f"user{number}@one.example", SECRET)
    actor = Actor.cli()
    plan = make_plan(read_source(tables.url), key=KEY)
    report = rehearse(actor, plan)
    stored = hash_passwords(plan, report)
    create_domain(actor, domain="one.example", mailboxes=2)
    before = counts()
    with pytest.raises(Invalid, match="The report is another one now"):
        import_plan(actor, plan, stored, digest=report.digest)
    assert counts() == before


def test_what_is_here_already_stays(tables: Tables, bring: Import) -> None:
    from aliases.models import Alias
    from mailboxes.models import Mailbox

    tables.user("anna@one.example", SECRET)
    tables.alias("anna@one.example", "out@remote.example")
    run("domain", "create", "one.example", "--mailboxes", "1")
    bring._typed("correct horse 7 battery\n")
    run("mailbox", "create", "anna@one.example", "--password-stdin")
    tables.user("berta@one.example", SECRET)
    stored = Mailbox.objects.get(username="anna@one.example").password
    report = bring.apply()
    assert report["created"] == []
    assert [line["name"] for line in report["refused"]] == ["anna@one.example", "berta@one.example", "anna@one.example"]
    assert "1 of 1 mailbox is in use" in lines(report, "refused")[1]
    assert Mailbox.objects.get().password == stored
    assert Alias.objects.get().goto == "anna@one.example"


def test_challenge_credentials_only_where_asked(tables: Tables, bring: Import) -> None:
    from mailboxes.models import Credential

    tables.user("anna@one.example", SECRET)
    assert bring.refusal("--challenge") == "challenge: MAILADMIN_CHALLENGE_MECHANISMS names no mechanism."
    with override_settings(MAILADMIN_CHALLENGE_MECHANISMS=("SCRAM-SHA-256", "CRAM-MD5")):
        created = lines(bring.apply("--challenge"), "created")
    assert created[1].endswith("on, SCRAM-SHA-256, CRAM-MD5")
    assert set(Credential.objects.values_list("mechanism", flat=True)) == {"SCRAM-SHA-256", "CRAM-MD5"}


def test_the_source_never_sees_the_key(tables: Tables, bring: Import, mariadb: MariaDB) -> None:
    tables.user("anna@one.example", SECRET)
    mariadb.sql("SET GLOBAL log_output = 'TABLE', GLOBAL general_log = 1")
    try:
        bring.report()
    finally:
        mariadb.sql("SET GLOBAL general_log = 0, GLOBAL log_output = 'FILE'")
    log = repr(mariadb.sql("SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log"))
    assert "FROM user" in log and KEY not in log and SECRET not in log
    mariadb.sql("TRUNCATE mysql.general_log")


URLS = ["http://x/y", "mysql://", "mysql://root@127.0.0.1", "mysql://root@127.0.0.1:port/x", "mysql:///x"]


@pytest.mark.parametrize("url", URLS)
def test_a_url_that_is_none(url: str, typed: Callable[[str], None]) -> None:  # noqa: F811
    typed(f"{KEY}\n")
    told = refusal("import_two_table", "--from", url, "--key-stdin")
    assert told == "from: Enter a URL such as mysql://user@localhost/mail."


def test_a_source_that_does_not_answer(mariadb: MariaDB, typed: Callable[[str], None]) -> None:  # noqa: F811
    closed = mariadb.url("two_table_report").replace(str(mariadb.port), "1").replace("root", "root:pw-of-source")
    empty = mariadb.create_database("two_table_empty")
    denied = mariadb.url("two_table_report", "stranger", "pw-of-source")
    for url, told in ((closed, "Can't connect"), (empty, "doesn't exist"), (denied, "denied")):
        typed(f"{KEY}\n")
        line = refusal("import_two_table", "--from", url, "--key-stdin")
        assert line.startswith("from: The source database says: ") and told in line, line
        assert "pw-of-source" not in line


def test_a_quota_that_is_no_number(mariadb: MariaDB, typed: Callable[[str], None]) -> None:  # noqa: F811
    tables = Tables(mariadb, "two_table_text", KEY)
    tables.sql("ALTER TABLE user MODIFY quota varchar(20)")
    tables.sql("INSERT INTO user VALUES ('one.example', 'anna@one.example', '', 'much', 1, 0)")
    typed(f"{KEY}\n")
    assert "'much'" in refusal("import_two_table", "--from", tables.url, "--key-stdin")


def test_the_panel_is_no_source_of_its_own(mariadb: MariaDB, typed: Callable[[str], None]) -> None:  # noqa: F811
    tables = Tables(mariadb, "two_table_panel", KEY)
    tables.sql("CREATE TABLE mailadmin_domain (domain varchar(255))")
    typed(f"{KEY}\n")
    told = "from: That is a database of the panel; the two tables must be in another."
    assert refusal("import_two_table", "--from", tables.url, "--key-stdin") == told


def test_the_password_of_the_source_is_the_second_line(mariadb: MariaDB, tables: Tables, bring: Import) -> None:
    mariadb.create_user("two_table_reader", "pw-of-source")
    mariadb.sql("GRANT SELECT ON `two_table_report`.* TO `two_table_reader`@`%%`", ())
    tables.user("anna@one.example", SECRET)
    bring._typed(f"{KEY}\npw-of-source\n")
    url = mariadb.url("two_table_report", "two_table_reader")
    assert "mailbox anna@one.example" in run("import_two_table", "--from", url, "--key-stdin", "--password-stdin")


def test_without_a_terminal_the_key_must_be_asked_for(tables: Tables) -> None:
    told = "There is no terminal to ask for the key: use --key-stdin."
    assert refusal("import_two_table", "--from", tables.url) == told
