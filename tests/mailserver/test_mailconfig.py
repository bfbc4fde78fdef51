"""`manage.py mailconfig`: what it writes, what it refuses to write, and that Postfix and Dovecot accept it."""

import contextlib
import io
import os
import re
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import override_settings
from django.utils import timezone

from aliases.models import Alias
from domains.models import Domain
from mailadmin.mailserver import conf, recipients
from mailadmin.mailserver.dialects import DIALECTS
from mailadmin.mailserver.lookups import ALL, Runner, decide
from mailboxes.models import Mailbox, Vacation
from tests.mailserver.conftest import MAIL_SETTINGS
from tests.mailserver.population import engine
from tests.servers.ca import CertificateAuthority
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.processes import complete
from tests.servers.sqlite import SQLite

pytestmark = pytest.mark.django_db


def mailconfig(*arguments: str | Path) -> str:
    output = io.StringIO()
    call_command("mailconfig", *map(str, arguments), stdout=output, stderr=output)
    return output.getvalue()


def files_below(directory: Path) -> dict[str, str]:
    return {str(path.relative_to(directory)): path.read_text() for path in directory.rglob("*") if path.is_file()}


def test_it_writes_every_lookup_and_says_how_many(mail_settings: None, short_dir: Path) -> None:
    said = mailconfig("--output", short_dir)
    written = files_below(short_dir)
    assert f"{len(written)} files written" in said
    assert {f"postfix/sql/{lookup.name}.cf" for lookup in ALL if lookup.runner is Runner.POSTFIX} <= set(written)
    assert {"postfix/main.cf", "postfix/master.cf", "dovecot/dovecot.conf", "dovecot/sql.conf.ext"} <= set(written)


def test_no_placeholder_is_left(mail_settings: None, short_dir: Path) -> None:
    mailconfig("--output", short_dir)
    for name, text in files_below(short_dir).items():
        assert "{{" not in text and "{%" not in text and "{uid}" not in text and "{mail_base}" not in text, name
        assert "&#x27;" not in text and "&quot;" not in text, name


def test_it_never_overwrites_unasked(mail_settings: None, short_dir: Path) -> None:
    (short_dir / "dovecot").mkdir()
    (short_dir / "dovecot" / "sql.conf.ext").write_text("mine")
    with pytest.raises(CommandError, match=r"sql\.conf\.ext and 0 more exist already; --force overwrites them\."):
        mailconfig("--output", short_dir)
    assert files_below(short_dir) == {"dovecot/sql.conf.ext": "mine"}
    mailconfig("--output", short_dir, "--force")
    assert "password_query" in files_below(short_dir)["dovecot/sql.conf.ext"]


def test_only_the_servers_read_the_passwords(mail_settings: None, short_dir: Path) -> None:
    mailconfig("--output", short_dir)
    for path in (path for path in short_dir.rglob("*") if path.is_file()):
        holds_a_password = re.search("postfix-reads|dovecot-reads", path.read_text()) is not None
        expected = 0o640 if holds_a_password else 0o644
        assert stat.S_IMODE(path.stat().st_mode) == expected, path
        if holds_a_password and os.geteuid() == 0:
            assert path.group() == path.relative_to(short_dir).parts[0]
    assert any("postfix-reads" in text for text in files_below(short_dir).values()) == (engine() != "sqlite")


def test_postfix_accepts_it(mail_settings: None, short_dir: Path) -> None:
    mailconfig("--output", short_dir)
    done = complete(["postconf", "-c", short_dir / "postfix", "-n"])
    assert (done.returncode, done.stderr) == (0, "")
    assert complete(["postconf", "-c", short_dir / "postfix", "-M"]).returncode == 0


def test_dovecot_accepts_it(mail_settings: None, short_dir: Path, ca: CertificateAuthority) -> None:
    certificate = ca.issue()
    with override_settings(
        MAILADMIN_TLS_CERT=str(certificate.certificate),
        MAILADMIN_TLS_KEY=str(certificate.key),
        MAILADMIN_DOVECOT_CONFIG="",
    ):
        assert "Not there yet" not in mailconfig("--output", short_dir)
    done = complete(["doveconf", "-c", short_dir / "dovecot" / "dovecot.conf", "-n"])
    assert done.returncode == 0, done.stderr
    assert "ssl = required" in done.stdout


def test_a_missing_certificate_is_said(mail_settings: None, short_dir: Path) -> None:
    said = mailconfig("--output", short_dir)
    assert "Not there yet: /etc/letsencrypt/live/mx.test.example/fullchain.pem" in said


def test_database_users_need_passwords(short_dir: Path) -> None:
    if engine() == "sqlite":
        assert "files written" in mailconfig("--output", short_dir)
        return
    with pytest.raises(CommandError, match="Set MAILADMIN_POSTFIX_DB_PASSWORD and MAILADMIN_DOVECOT_DB_PASSWORD"):
        mailconfig("--output", short_dir)
    assert files_below(short_dir) == {}


@pytest.mark.parametrize("value", ["two\nlines", 'a"quote', "a'quote", "a\\b", "a#b", "$myhostname", "50%", "é"])
def test_a_setting_cannot_break_out_of_its_line(value: str) -> None:
    with override_settings(MAILADMIN_POSTFIX_DB_PASSWORD=value), pytest.raises(ImproperlyConfigured) as error:
        conf.load()
    assert "MAILADMIN_POSTFIX_DB_PASSWORD" in str(error.value)


def test_it_wants_to_know_where(mail_settings: None) -> None:
    with pytest.raises(CommandError, match="--output"):
        mailconfig()


def test_a_directory_that_cannot_be_made_is_one_line(mail_settings: None, short_dir: Path) -> None:
    (short_dir / "file").write_text("")
    with pytest.raises(CommandError, match="Not a directory"):
        mailconfig("--output", short_dir / "file" / "below")


def test_the_grants_give_nothing_away(mail_settings: None) -> None:
    said = mailconfig("--grants")
    if engine() == "sqlite":
        assert "SQLite has no users" in said
        return
    for_postfix = [line for line in said.splitlines() if "lookup_postfix" in line and "GRANT" in line]
    assert not any(word in line for line in for_postfix for word in ("password", "INSERT", "UPDATE", "DELETE", ".*"))
    for_dovecot = [line for line in said.splitlines() if "lookup_dovecot" in line and "GRANT" in line]
    written = [line for line in for_dovecot if "quota2" in line or "mailadmin_mail_sign_in" in line]
    assert [line for line in for_dovecot if "INSERT" in line] == written
    assert all("quota2" in line for line in for_dovecot if "DELETE" in line)
    assert not any(name in said for name in ("django_", "mailadmin_audit", "mailadmin_account", "totp_secret"))


def test_every_engine_has_every_query() -> None:
    for lookup in ALL:
        assert set(lookup.sql) == set(DIALECTS)
        for written in lookup.sql.values():
            sql = decide(written, {"s": "imap", "c": "TLS"})
            assert not re.search(r"(?<!')%[sudcm](?!')", sql.replace("'%u@%d'", "").replace("'@%d'", "")), sql


FORBIDDEN = {
    "lookup_postfix": ["SELECT password FROM mailbox", "SELECT * FROM vacation", "UPDATE domain SET active = '1'"],
    "lookup_dovecot": ["SELECT subject FROM vacation", "SELECT goto FROM alias", "UPDATE mailbox SET password = ''"],
}
OTHERS_TABLES = [
    "mailadmin_credential",
    "admin",
    "log",
    "django_session",
    "mailadmin_account",
    "mailadmin_audit_event",
    "mailadmin_vacation_text",
]


@pytest.mark.parametrize("user", FORBIDDEN)
def test_a_server_cannot_do_more_than_it_must(
    user: str, mail_users: None, database_server: MariaDB | Postgres | SQLite
) -> None:
    for statement in [*FORBIDDEN[user], *(f"SELECT * FROM {table}" for table in OTHERS_TABLES)]:
        if isinstance(database_server, SQLite):
            continue
        password = MAIL_SETTINGS[f"MAILADMIN_{user.removeprefix('lookup_').upper()}_DB_PASSWORD"]
        name = str(connection.settings_dict["NAME"])
        with (
            contextlib.closing(database_server.connect(name, user=user, password=password)) as other,
            pytest.raises(Exception, match="denied"),
        ):
            other.cursor().execute(statement)


def test_dovecot_reads_nameless_passwords_as_the_panel_does(mail_settings: None, short_dir: Path) -> None:
    with override_settings(MAILADMIN_PASSWORD_DEFAULT_SCHEME="PLAIN-MD5"):
        call_command("mailconfig", "--output", str(short_dir), stdout=io.StringIO())
    assert "default_pass_scheme = PLAIN-MD5" in (short_dir / "dovecot/sql.conf.ext").read_text()


TRANSPORT = {
    "MAILADMIN_VACATION": "transport",
    "MAILADMIN_VACATION_DOMAIN": "autoreply.example.org",
    "MAILADMIN_VACATION_DB_PASSWORD": "vacation-reads",
    "MAILADMIN_VACATION_USER": "nobody",
    "MAILADMIN_VACATION_GROUP": "nogroup",
}


def test_the_vacation_program_is_written_only_where_it_is_used(mail_settings: None, short_dir: Path) -> None:
    mailconfig("--output", short_dir / "sieve")
    assert not (short_dir / "sieve/postfix/vacation").exists()
    assert "vacation" not in (short_dir / "sieve/postfix/master.cf").read_text()
    assert "autoreply" not in (short_dir / "sieve/postfix/main.cf").read_text()
    with override_settings(**TRANSPORT):
        mailconfig("--output", short_dir / "transport")
        mailconfig("--output", short_dir / "transport", "--force")
    written = short_dir / "transport/postfix"
    assert stat.S_IMODE((written / "vacation/vacation.conf").stat().st_mode) == 0o640
    assert "sieve_before" in (short_dir / "sieve/dovecot/sql.conf.ext").read_text()
    assert "sieve_before" not in (short_dir / "transport/dovecot/sql.conf.ext").read_text()
    done = complete(["postconf", "-c", written, "-x", "-h", "transport_maps"])
    assert done.stderr == "" and "inline:{ { autoreply.example.org = vacation: } }" in done.stdout
    started = complete(["postconf", "-c", written, "-M", "vacation/unix"])
    assert (
        f"-I -S {written}/vacation/respond {written}/vacation/vacation.conf ${{sender}} ${{recipient}}"
        in started.stdout
    )


def test_the_vacation_program_needs_a_database_user(mail_settings: None, short_dir: Path) -> None:
    with override_settings(**TRANSPORT | {"MAILADMIN_VACATION_DB_PASSWORD": ""}):
        if engine() == "sqlite":
            mailconfig("--output", short_dir)
            return
        with pytest.raises(CommandError, match="MAILADMIN_VACATION_DB_PASSWORD"):
            mailconfig("--output", short_dir)


def test_the_domain_of_entries_has_no_mail_of_its_own(mail_settings: None, short_dir: Path) -> None:
    Domain.objects.create(domain="autoreply.example.org", description="")
    with override_settings(**TRANSPORT), pytest.raises(CommandError, match="a domain with mail of its own"):
        mailconfig("--output", short_dir)


def test_a_python_that_is_not_there_is_said(mail_settings: None, short_dir: Path) -> None:
    with override_settings(**TRANSPORT, MAILADMIN_VACATION_PYTHON="/no/such/python3"):
        assert "/no/such/python3 is no Python" in mailconfig("--output", short_dir)


def test_entries_that_lead_nowhere_are_discarded(mail_settings: None, short_dir: Path) -> None:
    user = "anna@x.example"
    Mailbox.objects.create(username=user, password="", name="", maildir="x", local_part="anna", domain="x.example")
    Vacation.objects.create(email=user, domain="x.example", subject="", body="", modified=timezone.now())
    Alias.objects.create(address=user, goto=f"{user},anna#x.example@old.example", domain="x.example")
    mailconfig("--output", short_dir)
    done = complete(["postconf", "-c", short_dir / "postfix", "-x", "-h", "transport_maps"])
    assert "inline:{ { old.example = discard:" in done.stdout


def test_an_entry_is_a_reply_and_no_other_server(mail_settings: None) -> None:
    with override_settings(**TRANSPORT):
        [end] = recipients.resolve("anna#x.example@autoreply.example.org")
    assert end.fate is recipients.Fate.REPLY
    [end] = recipients.resolve("anna#x.example@autoreply.example.org")
    assert end.fate is recipients.Fate.ELSEWHERE
