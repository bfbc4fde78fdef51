"""saslauthd with pam_mysql and Courier's authdaemond sign in who may, on the files that `mailconfig` writes."""

import io
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import override_settings

from tests.mailserver.conftest import MAIL_SETTINGS
from tests.servers.mariadb import MariaDB
from tests.servers.older_readers import CourierAuth, Saslauthd

PASSWORD = "correct horse 7 battery"
BARE = {"MAILADMIN_PASSWORD_SCHEME": "SHA512-CRYPT:bare"}
READER = MAIL_SETTINGS | {
    "MAILADMIN_READER_DB_USER": "lookup_reader",
    "MAILADMIN_READER_DB_PASSWORD": "reader-reads",
    "MAILADMIN_MAIL_BASE": "/var/vmail",
}
ASKED = [
    ("on@old.example", PASSWORD),
    ("on@old.example", f"{PASSWORD}!"),
    ("on@old.example", ""),
    ("mute@old.example", PASSWORD),
    ("off@old.example", PASSWORD),
    ("user@olddomainoff.example", PASSWORD),
    ("nobody@old.example", PASSWORD),
    ("on@old.example' OR '1'='1", PASSWORD),
]
FIRST = ("on@old.example", PASSWORD)
MUTE = ("mute@old.example", PASSWORD)


def mailconfig(*arguments: str) -> str:
    out = io.StringIO()
    call_command("mailconfig", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def make_mailboxes() -> None:
    """Make mailboxes by the operations behind the panel's forms, then switch some off."""
    from domains import services as domains
    from mailadmin.core.actor import Actor
    from mailboxes import services as mailboxes

    actor = Actor.cli()
    for name in ("old.example", "olddomainoff.example"):
        domains.create_domain(actor, domain=name)
    for address in ("on@old.example", "mute@old.example", "off@old.example", "user@olddomainoff.example"):
        local_part, _at, domain = address.partition("@")
        mailboxes.create_mailbox(
            actor, local_part=local_part, domain=domain, password=PASSWORD, name="Anna", quota=5 * 1024**2
        )
    mailboxes.update_mailbox(actor, username="mute@old.example", smtp_active=False)
    mailboxes.set_mailbox_active(actor, username="off@old.example", active=False)
    domains.set_domain_active(actor, domain="olddomainoff.example", active=False)


@pytest.fixture
def files(transactional_db: None, database_server: MariaDB, short_dir: Path) -> Iterator[Path]:
    """The generated files and the rows, with the database user that we print and no other right."""
    with override_settings(**READER, **BARE):
        grants = [line for line in mailconfig("--grants").splitlines() if "lookup_reader" in line]
        database_server.load(str(connection.settings_dict["NAME"]), "\n".join(grants))
        assert "cannot read" not in mailconfig("--output", str(short_dir))
        make_mailboxes()
        yield short_dir


@pytest.mark.mysql
def test_saslauthd_lets_in_who_may_send(files: Path) -> None:
    with Saslauthd(files / "saslauthd" / "smtp") as saslauthd:
        assert [asked for asked in ASKED if saslauthd.accepts(*asked)] == [FIRST], saslauthd.log()


@pytest.mark.mysql
def test_courier_lets_in_who_may_read_or_send(files: Path) -> None:
    with CourierAuth(files / "courier" / "authmysqlrc") as courier:
        assert [asked for asked in ASKED if courier.accepts(*asked)] == [FIRST, MUTE], courier.log()
        assert [asked for asked in ASKED if courier.accepts(*asked, service="smtp")] == [FIRST]
        assert courier.accepts("On@OLD.example", PASSWORD), "as people type it"
        known = courier.account("on@old.example")
    assert known["Authenticated"] == "on@old.example  (uid 5000, gid 5000)"
    assert (known["Home Directory"], known["Maildir"]) == ("/var/vmail/old.example/on/", "./Maildir")
    assert known["Quota"] == "5242880S"


GUIDE_COURIER = """##NAME: LOCATION:0
MYSQL_SERVER 127.0.0.1
MYSQL_PORT {port}
MYSQL_USERNAME lookup_reader
MYSQL_PASSWORD reader-reads
MYSQL_OPT 0
MYSQL_DATABASE {name}
MYSQL_USER_TABLE mailbox
MYSQL_CRYPT_PWFIELD password
MYSQL_UID_FIELD '5000'
MYSQL_GID_FIELD '5000'
MYSQL_LOGIN_FIELD username
MYSQL_HOME_FIELD '/home/vmail'
MYSQL_NAME_FIELD name
MYSQL_MAILDIR_FIELD maildir
MYSQL_QUOTA_FIELD concat(quota,'S')
##NAME: MARKER:0
"""
GUIDE_PAM = (
    "{kind} required pam_mysql.so user=lookup_reader passwd=reader-reads host=127.0.0.1:{port} db={name}"
    " table=mailbox usercolumn=username passwdcolumn=password crypt=1\n"
)


@pytest.mark.mysql
def test_the_files_of_an_old_guide_work_as_they_stand(files: Path, database_server: MariaDB, tmp_path: Path) -> None:
    where = {"port": database_server.port, "name": connection.settings_dict["NAME"]}
    (tmp_path / "authmysqlrc").write_text(GUIDE_COURIER.format(**where))
    (tmp_path / "smtp").write_text("".join(GUIDE_PAM.format(kind=kind, **where) for kind in ("auth", "account")))
    with CourierAuth(tmp_path / "authmysqlrc") as courier:
        assert courier.accepts(*FIRST) and not courier.accepts("on@old.example", f"{PASSWORD}!"), courier.log()
        assert courier.account("on@old.example")["Quota"] == "5242880S"
    with Saslauthd(tmp_path / "smtp") as saslauthd:
        assert saslauthd.accepts(*FIRST) and not saslauthd.accepts("on@old.example", f"{PASSWORD}!"), saslauthd.log()


@pytest.mark.mysql
def test_only_they_read_the_password(files: Path) -> None:
    for name, group in (("courier/authmysqlrc", "courier"), ("saslauthd/smtp", "root")):
        path = files / name
        assert "reader-reads" in path.read_text()
        assert (stat.S_IMODE(path.stat().st_mode), path.group()) == (0o640, group)


FORBIDDEN = ["SELECT goto FROM alias", "SELECT * FROM admin", "SELECT * FROM vacation", "UPDATE mailbox SET name = ''"]


@pytest.mark.mysql
def test_the_reader_cannot_do_more_than_it_must(files: Path, database_server: MariaDB) -> None:
    name = str(connection.settings_dict["NAME"])
    other: Any = database_server.connect(name, user="lookup_reader", password="reader-reads")
    for statement in [*FORBIDDEN, "SELECT token FROM mailbox", "SELECT * FROM django_session"]:
        with pytest.raises(Exception, match="denied"):
            other.cursor().execute(statement)
    other.close()


@pytest.mark.mysql
@pytest.mark.django_db
def test_a_scheme_they_cannot_read_is_told(short_dir: Path) -> None:
    with override_settings(**READER, MAILADMIN_PASSWORD_SCHEME="SHA512-CRYPT"):
        assert "set MAILADMIN_PASSWORD_SCHEME=SHA512-CRYPT:bare" in mailconfig("--output", str(short_dir))


@pytest.mark.mysql
@pytest.mark.django_db
def test_mail_that_courier_cannot_find_is_told(short_dir: Path) -> None:
    told = "MAILADMIN_MAIL_LOCATION must begin with maildir:~"
    with override_settings(**READER, MAILADMIN_MAIL_LOCATION="mdbox:~/mdbox"), pytest.raises(CommandError, match=told):
        mailconfig("--output", str(short_dir))


@pytest.mark.django_db
def test_without_their_password_nothing_is_written(mail_settings: None, short_dir: Path) -> None:
    mailconfig("--output", str(short_dir))
    assert sorted(path.name for path in short_dir.iterdir()) == ["dovecot", "postfix"]
    assert "Courier" not in mailconfig("--grants")
