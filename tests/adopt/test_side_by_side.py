"""Debian's PostfixAdmin 3.3.13 and the panel on one database: adopted, nothing changed, and used by both in turn.

The database is made by PostfixAdmin's own upgrade script and filled by its own command line and pages.
"""

import html
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings

from mailadmin.adopt.reasons import ALIAS_OFF, MAILBOX_OFF
from mailadmin.adopt.verify import verify_adoption
from tests.bench.postfixadmin import PostfixAdmin
from tests.operations.pages import press
from tests.servers.mariadb import MariaDB
from tests.servers.processes import ServerError

# PostfixAdmin and its files are the same whatever our run's database is.
pytestmark = pytest.mark.mysql

NAME = "side_by_side"
BOSS, DORA = "boss@ops.example", "dora@ops.example"
PASSWORD = "correct horse 12"
# What PostfixAdmin is set to while it writes the mailbox of that name.
SCHEMES = {
    "md5crypt": "md5crypt",
    "sha512": "php_crypt:SHA512",
    "blowfish": "php_crypt:BLOWFISH:10",
    "des": "php_crypt:DES",
    "plainmd5": "md5",
    "prefixed": "php_crypt:SHA512::{SHA512-CRYPT}",
    "b64": "sha512.b64",
    "anna": "php_crypt:SHA512",
}


def fill(peer: PostfixAdmin) -> None:
    """Do as an admin of PostfixAdmin does who has a server with people."""
    twice = ("--password", PASSWORD, "--password2", PASSWORD)
    peer.cli("admin", "add", BOSS, "--superadmin", "1", "--active", "1", *twice)
    limits = ("--aliases", "20", "--mailboxes", "0", "--maxquota", "0", "--quota", "0")
    peer.cli("domain", "add", "Example.COM", "--description", "Größe & <Ehre>", *limits, "--default-aliases", "1")
    bare = ("--default-aliases", "0")
    peer.cli("domain", "add", "closed.example", "--aliases", "-1", "--mailboxes", "-1", "--maxquota", "-1", *bare)
    peer.cli("domain", "add", "small.example", "--aliases", "1", "--mailboxes", "1", "--maxquota", "10", *bare)
    peer.cli("domain", "add", "alias.example", *bare)
    peer.cli("domain", "add", "backup.example", "--backupmx", "1", *bare)
    peer.cli("admin", "add", DORA, "--domains", "example.com", "--active", "1", *twice)
    for local_part, scheme in SCHEMES.items():
        peer.configure(encrypt=scheme)
        peer.cli("mailbox", "add", f"{local_part}@Example.com", "--name", local_part, "--quota", "5", *twice)
    peer.configure(encrypt="php_crypt:SHA512")
    peer.cli("mailbox", "add", "Odd.One@example.com", "--name", "Ödd", "--quota", "-1", "--active", "0", *twice)
    peer.cli("alias", "add", "sales@example.com", "--goto", "anna@example.com,EXT@Remote.example")
    peer.cli("alias", "add", "*@example.com", "--goto", "anna@example.com")
    peer.cli("alias", "add", "off@example.com", "--goto", "sha512@example.com", "--active", "0")
    peer.cli("aliasdomain", "add", "alias.example", "--target-domain", "example.com")


@pytest.fixture(scope="module")
def peer(mariadb: MariaDB) -> Iterator[PostfixAdmin]:
    mariadb.create_database(NAME, "latin1")
    server = PostfixAdmin(mariadb, NAME)
    server.upgrade()
    with server:
        fill(server)
        yield server


@pytest.fixture(scope="module")
def adopted(peer: PostfixAdmin, django_db_blocker: Any) -> Iterator[PostfixAdmin]:
    """The database adopted, and Django working on it, with every change committed: PostfixAdmin reads it too."""
    connection.close()
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = NAME
    with django_db_blocker.unblock(), override_settings(MAILADMIN_PASSWORD_SCHEME=""):
        # What an admin of a grown server has besides: columns of their own, and the row that setup.php writes.
        peer.server.sql("ALTER TABLE mailbox ADD x_room varchar(20) NOT NULL DEFAULT 'none'", database=NAME)
        peer.server.sql("ALTER TABLE domain ADD x_customer int NOT NULL DEFAULT 7", database=NAME)
        peer.server.sql("INSERT INTO domain (domain, description, transport) VALUES ('ALL', '', '')", database=NAME)
        call_command("adopt", apply=True)
        yield peer
        connection.close()
    connection.settings_dict["NAME"] = before


@pytest.fixture(scope="module")
def boss(adopted: PostfixAdmin) -> Client:
    client = Client()
    assert client.post("/login/", {"username": BOSS, "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture(scope="module")
def opener(adopted: PostfixAdmin) -> urllib.request.OpenerDirector:
    """A browser signed in at PostfixAdmin, with the password that it stored itself."""
    return adopted.sign_in(BOSS, PASSWORD)


def shown(client: Client, path: str) -> str:
    """Return the text of one of our pages, which has no raw limit in it."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    page = re.sub(r"</?(wbr|mark|span|bdi)\b[^>]*>", "", answer.content.decode())
    text = html.unescape(re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL))
    assert not re.search(r"(?<![\w.,:-])-1(?![\w.,:-])", text), f"{path} shows -1"
    assert 'value="-1"' not in page, f"{path} has -1 in a field"
    return text


def row(peer: PostfixAdmin, table: str, key: str, columns: str) -> Any:
    first = {"mailbox": "username", "alias": "address", "vacation": "email", "admin": "username"}.get(table, table)
    found = peer.server.sql(f"SELECT {columns} FROM {table} WHERE {first} = %s", (key,), NAME)
    return found[0] if found else None


def their(peer: PostfixAdmin, opener: urllib.request.OpenerDirector, path: str, **fields: str) -> str:
    """Return one of PostfixAdmin's pages; with fields, what it answers to its form."""
    data = urllib.parse.urlencode(fields).encode() if fields else None
    with opener.open(f"{peer.url}/{path}", data, timeout=60) as answer:
        return html.unescape(answer.read().decode())


def test_nothing_changed_by_adopting(adopted: PostfixAdmin) -> None:
    lines: list[str] = []
    result = verify_adoption(lines.append, True)
    assert result.differences == []
    # A mailbox and an alias that are off, each also at the alias domain, gave their mail to the catch-all.
    assert dict(result.meant) == {MAILBOX_OFF: 2, ALIAS_OFF: 2}
    assert result.asked == {"domains": 5, "addresses": 20, "addresses at alias domains": 17, "logins": 9}
    assert result.total == result.same + 4 == 51


def test_everybody_signs_in_with_the_password_they_had(adopted: PostfixAdmin) -> None:
    people = [f"{local_part}@example.com" for local_part in SCHEMES]
    for name in (BOSS, DORA, *people):
        for password, is_right in (("wrong horse 12", False), (PASSWORD, True)):
            answer = Client().post("/login/", {"username": name, "password": password})
            assert (answer.status_code == 302) == is_right, name


def test_our_pages_show_all_that_it_wrote(adopted: PostfixAdmin, boss: Client) -> None:
    domains = shown(boss, "/domains/")
    assert "Größe & <Ehre>" in domains and "ALL" not in domains.split()
    for name in ("example.com", "closed.example", "backup.example"):
        for page in ("", "settings/", "mailboxes/", "aliases/", "alias-domains/", "admins/", "log/", "delete/"):
            shown(boss, f"/domains/{name}/{page}")
    for local_part in ("anna", "des", "odd.one"):
        for page in ("", "edit/", "forwarding/", "vacation/", "password/", "delete/"):
            shown(boss, f"/mailboxes/{local_part}@example.com/{page}")
    for address in ("sales@example.com", "off@example.com", "@example.com", "abuse@example.com"):
        for page in ("", "edit/", "delete/"):
            shown(boss, f"/aliases/{address}/{page}")
    for path in ("/", "/admins/", f"/admins/{DORA}/", f"/admins/{DORA}/edit/", "/log/", "/search/?q=example"):
        shown(boss, path)
    assert "none" in shown(boss, "/domains/closed.example/").lower()
    assert "ext@remote.example" in shown(boss, "/aliases/sales@example.com/").lower()


def test_our_forms_keep_what_it_wrote(adopted: PostfixAdmin, boss: Client) -> None:
    """A form that is sent as it came, with one thing changed, leaves all else as PostfixAdmin wrote it."""
    limits = "description, aliases, mailboxes, maxquota, quota, transport, backupmx, active, x_customer"
    for name in ("closed.example", "example.com", "small.example", "backup.example"):
        before = row(adopted, "domain", name, limits)
        press(boss, f"/domains/{name}/settings/", description="Ours")
        assert row(adopted, "domain", name, limits) == ("Ours", *before[1:]), name
    columns = "name, quota, password, maildir, local_part, active, x_room"
    for address in ("odd.one@example.com", "anna@example.com"):
        before = row(adopted, "mailbox", address, columns)
        press(boss, f"/mailboxes/{address}/edit/", name="Ours")
        assert row(adopted, "mailbox", address, columns) == ("Ours", *before[1:]), address
    assert row(adopted, "alias", "sales@example.com", "goto") == ("anna@example.com,EXT@Remote.example",)


def test_it_reads_what_our_pages_wrote(
    adopted: PostfixAdmin, boss: Client, opener: urllib.request.OpenerDirector
) -> None:
    secret = {"password": "staple battery 34", "repeat": "staple battery 34"}
    press(boss, "/domains/example.com/mailboxes/new/", local_part="ours", name="Ünser", quota="7 MB", **secret)
    press(boss, "/domains/example.com/aliases/new/", address="team", targets="ours@example.com\nann@far.example")
    press(boss, "/domains/new/", domain="new.example", description="Neu")
    told = adopted.cli("mailbox", "view", "ours@example.com")
    assert "Ünser" in told and re.search(r"Quota: 7\b", told), told
    assert "ann@far.example" in adopted.cli("alias", "view", "team@example.com")
    assert "Neu" in adopted.cli("domain", "view", "new.example")
    listed = their(adopted, opener, "list-virtual.php?domain=example.com")
    assert "ours@example.com" in listed and "team@example.com" in listed
    assert "new.example" in their(adopted, opener, "list.php?table=domain")
    # New passwords are in the scheme that it reads, which most rows have.
    assert row(adopted, "mailbox", "ours@example.com", "password")[0].startswith("$6$")
    adopted.sign_in("ours@example.com", "staple battery 34", "users/login.php")
    log = their(adopted, opener, "viewlog.php", fDomain="example.com")
    assert "ours@example.com" in log


def test_our_pages_follow_what_it_changes(adopted: PostfixAdmin, boss: Client) -> None:
    """Its command line adds, changes and deletes while the panel runs."""
    twice = ("--password", "another horse 77", "--password2", "another horse 77")
    adopted.cli("mailbox", "add", "late@example.com", "--name", "Late", "--quota", "3", *twice)
    adopted.cli("mailbox", "update", "prefixed@example.com", "--name", "Nèw", "--quota", "0", "--active", "0")
    adopted.cli("alias", "update", "off@example.com", "--goto", "root,Late@example.com", "--active", "1")
    adopted.cli("alias", "update", "b64@example.com", "--goto", "out@far.example", "--goto-mailbox", "0")
    adopted.cli("mailbox", "delete", "plainmd5@example.com")
    adopted.cli("domain", "update", "small.example", "--mailboxes", "-1", "--aliases", "0", "--quota", "-1")
    assert "Late" in shown(boss, "/mailboxes/late@example.com/")
    assert "late@example.com" in shown(boss, "/domains/example.com/mailboxes/?q=late")
    assert "Nèw" in shown(boss, "/mailboxes/prefixed@example.com/")
    assert "late@example.com" in shown(boss, "/aliases/off@example.com/").lower()
    assert "out@far.example" in shown(boss, "/mailboxes/b64@example.com/")
    assert boss.get("/mailboxes/plainmd5@example.com/").status_code == 404
    shown(boss, "/domains/small.example/settings/")
    # Forwarding that it set is what our form starts from.
    press(boss, "/mailboxes/b64@example.com/forwarding/", targets="out@far.example\nanna@example.com")
    [goto] = row(adopted, "alias", "b64@example.com", "goto")
    assert sorted(goto.split(",")) == ["anna@example.com", "out@far.example"]
    press(boss, "/aliases/off@example.com/edit/", targets="root\nanna@example.com")
    assert row(adopted, "alias", "off@example.com", "goto") == ("root,anna@example.com",)


def test_it_follows_what_our_pages_change(
    adopted: PostfixAdmin, boss: Client, opener: urllib.request.OpenerDirector
) -> None:
    press(boss, "/mailboxes/md5crypt@example.com/edit/", name="Changed", quota="1500 kB")
    press(boss, "/mailboxes/blowfish@example.com/password/", password="fresh staple 99", repeat="fresh staple 99")
    press(boss, "/mailboxes/des@example.com/delete/", confirm="des@example.com")
    press(boss, "/domains/closed.example/settings/", mailboxes="none", aliases="unlimited", maxquota="none")
    told = adopted.cli("mailbox", "view", "md5crypt@example.com")
    assert "Changed" in told and "1.4" in told, told
    adopted.sign_in("blowfish@example.com", "fresh staple 99", "users/login.php")
    with pytest.raises(ServerError, match="not valid"):
        adopted.cli("mailbox", "view", "des@example.com")
    told = adopted.cli("domain", "view", "closed.example")
    assert row(adopted, "domain", "closed.example", "mailboxes, aliases, maxquota") == (-1, 0, -1), told
    adopted.cli("mailbox", "update", "md5crypt@example.com", "--name", "Back", "--quota", "6")
    assert "Back" in shown(boss, "/mailboxes/md5crypt@example.com/")
    listed = their(adopted, opener, "list-virtual.php?domain=example.com")
    assert "des@example.com" not in listed and "blowfish@example.com" in listed


def test_a_mailbox_without_its_alias_row_is_repaired_for_both(adopted: PostfixAdmin, boss: Client) -> None:
    """Other programs forget the row, and then PostfixAdmin cannot change the mailbox."""
    adopted.server.sql("DELETE FROM alias WHERE address = 'sha512@example.com'", database=NAME)
    with pytest.raises(ServerError, match="alias"):
        adopted.cli("mailbox", "update", "sha512@example.com", "--name", "Stuck")
    page = shown(boss, "/mailboxes/sha512@example.com/")
    assert "alias" in page.lower()
    for path in ("edit/", "vacation/"):
        shown(boss, f"/mailboxes/sha512@example.com/{path}")
    press(boss, "/mailboxes/sha512@example.com/", action="/mailboxes/sha512@example.com/repair/")
    assert row(adopted, "alias", "sha512@example.com", "goto, active") == ("sha512@example.com", 1)
    adopted.cli("mailbox", "update", "sha512@example.com", "--name", "Free")
    assert "Free" in shown(boss, "/mailboxes/sha512@example.com/")


def test_vacations_of_both(adopted: PostfixAdmin, boss: Client, opener: urllib.request.OpenerDirector) -> None:
    path = "vacation.php?username=anna@example.com"
    token = re.search(r'name="token" value="([^"]+)"', their(adopted, opener, path))
    assert token
    fields = {"fActiveFrom": "2026-01-01", "fActiveUntil": "2037-12-31", "fSubject": "Weg: $SUBJECT", "fBody": "Weg"}
    answer = their(adopted, opener, path, token=token[1], fInterval_Time="0", action="fChange", **fields)
    assert row(adopted, "vacation", "anna@example.com", "active, subject") == (1, "Weg: $SUBJECT"), answer
    [goto] = row(adopted, "alias", "anna@example.com", "goto")
    assert goto == "anna#example.com@autoreply.example.org,anna@example.com"
    lines: list[str] = []
    assert verify_adoption(lines.append, False).vacation_entries == 1
    assert any("vacation program" in line for line in lines)
    page = shown(boss, "/mailboxes/anna@example.com/")
    assert "Weg: $SUBJECT" in shown(boss, "/mailboxes/anna@example.com/vacation/") + page
    assert "autoreply.example.org" not in shown(boss, "/mailboxes/anna@example.com/forwarding/")
    press(boss, "/mailboxes/anna@example.com/", action="/mailboxes/anna@example.com/vacation/off/")
    assert row(adopted, "vacation", "anna@example.com", "active") == (0,)
    # Nothing of it is left, or its script would go on answering.
    assert row(adopted, "alias", "anna@example.com", "goto") == ("anna@example.com",)
    press(boss, "/mailboxes/anna@example.com/vacation/", subject="Ours", body="Back soon")
    assert "Ours" in their(adopted, opener, path)
