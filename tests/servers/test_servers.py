"""The servers of the tests are themselves real: each one starts, answers and ends."""

import contextlib
import os
import signal
import smtplib
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.ca import CertificateAuthority
from tests.servers.dovecot import Dovecot
from tests.servers.guard import running
from tests.servers.mailstack import MailStack, letter
from tests.servers.mariadb import MariaDB
from tests.servers.panel import ROOT, Panel
from tests.servers.postfix import Postfix, cool_down, postmap
from tests.servers.postgres import Postgres
from tests.servers.processes import Process, ServerError, private_dir, wait_until
from tests.servers.sink import Sink
from tests.servers.sqlite import SQLite

MAIN_CF = """
compatibility_level = 3.6
myhostname = mx.test.example
mydestination =
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = here.example
virtual_mailbox_maps = {maps}
virtual_transport = lmtp:unix:{lmtp}
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_tls_security_level = may
"""
# Shortened from Postfix's own master.cf.
MASTER_CF = """
smtp       inet  n - n - - smtpd
submission inet  n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
465        inet  n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
pickup     unix  n - n 60 1 pickup
cleanup    unix  n - n - 0 cleanup
qmgr       unix  n - n 300 1 qmgr
rewrite    unix  - - n - - trivial-rewrite
bounce     unix  - - n - 0 bounce
defer      unix  - - n - 0 bounce
trace      unix  - - n - 0 bounce
verify     unix  - - n - 1 verify
tlsmgr     unix  - - n 1000? 1 tlsmgr
flush      unix  n - n 1000? 0 flush
proxymap   unix  - - n - - proxymap
smtp       unix  - - n - - smtp
relay      unix  - - n - - smtp
showq      unix  n - n - - showq
error      unix  - - n - - error
retry      unix  - - n - - error
lmtp       unix  - - n - - lmtp
anvil      unix  - - n - 1 anvil
scache     unix  - - n - 1 scache
"""
DOVECOT_CONF = """
protocols = imap pop3 lmtp sieve
ssl = yes
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_home = {mail}/%Ld/%Ln
mail_location = maildir:~/Maildir
passdb {{
  driver = sql
  args = /etc/dovecot/sql.conf.ext
}}
userdb {{
  driver = static
  args = uid=5000 gid=5000
}}
service auth {{
  unix_listener {auth} {{
    mode = 0660
    group = postfix
  }}
}}
service lmtp {{
  unix_listener {lmtp} {{
    mode = 0660
    user = postfix
  }}
}}
"""
SQL_CONF = """
driver = mysql
connect = host={socket} dbname={database} user=root
default_pass_scheme = PLAIN
password_query = SELECT username AS user, password FROM mailbox WHERE username='%u'
"""


def test_mariadb_keeps_its_own_time(mariadb: MariaDB) -> None:
    [(shift,)] = mariadb.sql("SELECT TIMEDIFF(NOW(), UTC_TIMESTAMP())")
    assert shift.total_seconds() == 2 * 3600


def test_mariadb_is_strict(mariadb: MariaDB) -> None:
    mariadb.create_database("strict")
    mariadb.sql("CREATE TABLE short (word VARCHAR(3))", database="strict")
    with pytest.raises(Exception, match="Data too long"):
        mariadb.sql("INSERT INTO short VALUES ('four')", database="strict")


def test_mariadb_makes_latin1_databases(mariadb: MariaDB) -> None:
    mariadb.create_database("western", "latin1")
    mariadb.load("western", "CREATE TABLE one (word VARCHAR(3)); INSERT INTO one VALUES ('yes');")
    assert "CHARSET=latin1" in mariadb.sql("SHOW CREATE TABLE one", database="western")[0][1]
    assert "INSERT INTO `one` VALUES ('yes')" in mariadb.dump("western").replace("\n", " ")


def test_mariadb_survives_a_power_failure() -> None:
    with MariaDB() as server:
        server.create_database("kept")
        server.kill()
        server.start()
        assert ("kept",) in server.sql("SHOW DATABASES")


def test_postgres_keeps_its_own_time(postgres: Postgres) -> None:
    postgres.create_database("clock")
    assert postgres.sql("SELECT extract(timezone FROM now())::int", database="clock") == [(2 * 3600,)]


def test_sqlite_files_are_shared_with_the_group() -> None:
    server = SQLite()
    server.create_database("main")
    assert server.dir.stat().st_mode & 0o7777 == 0o2770
    assert server.path("main").stat().st_mode & 0o777 == 0o660
    assert server.sql("PRAGMA journal_mode") == [("wal",)]


def test_certificates_are_trusted_by_their_authority_only(ca: CertificateAuthority) -> None:
    issued = ca.issue()
    offered = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    offered.load_cert_chain(issued.certificate, issued.key)
    handshake(ca.context(), offered, "mx.test.example")
    handshake(ca.context(), offered, "127.0.0.1")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(CertificateAuthority().context(), offered, "mx.test.example")


def handshake(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    """Let a client and a server of these contexts agree, in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    left = client.wrap_bio(to_client, to_server, server_hostname=name)
    right = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        for side in (left, right):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
    assert left.version()


def test_sink_takes_and_refuses(sink: Sink) -> None:
    sink.refuse["full@out.example"] = "452 4.2.2 Mailbox full"
    with smtplib.SMTP("127.0.0.1", sink.port) as client:
        refused = client.send_message(letter("Hi"), to_addrs=["bob@out.example", "full@out.example"])
    assert set(refused) == {"full@out.example"}
    assert sink.wait_for(lambda message: message.subject == "Hi").recipients == ("bob@out.example",)


def test_waiting_for_a_message_tells_what_came(sink: Sink) -> None:
    with pytest.raises(ServerError, match="no such message"):
        sink.wait_for(lambda message: message.subject == "Never", timeout=0.05)


def test_a_program_that_ends_is_reported_with_its_words(short_dir: Path) -> None:
    process = Process(["sh", "-c", "echo no such luck; exit 3"], short_dir / "log")
    with pytest.raises(ServerError, match="ended with 3:\nno such luck"):
        process.wait_ready(lambda: False)


def test_nothing_outlives_a_killed_run() -> None:
    script = (
        "from tests.servers.mariadb import MariaDB\n"
        "server = MariaDB().start()\n"
        "print(server.process.pid, server.dir, flush=True)\n"
        "input()"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout
    pid, directory = run.stdout.readline().split()
    assert running(int(pid))
    run.send_signal(signal.SIGKILL)
    run.communicate()
    wait_until(lambda: not running(int(pid)) and not Path(directory).exists(), "the server's end")


@pytest.fixture(scope="module")
def mail(mariadb: MariaDB, running_sink: Sink, ca: CertificateAuthority) -> Iterator[tuple[Postfix, Dovecot]]:
    """Postfix and Dovecot on a small configuration written by hand."""
    directory = private_dir()
    config = directory / "config"
    (config / "postfix" / "sql").mkdir(parents=True)
    (config / "dovecot").mkdir()
    mariadb.create_database("mail")
    mariadb.load("mail", "CREATE TABLE mailbox (username VARCHAR(255) PRIMARY KEY, password VARCHAR(255))")
    mariadb.sql("INSERT INTO mailbox VALUES ('alice@here.example', 'secret')", database="mail")
    (directory / "mail").mkdir(mode=0o700)
    os.chown(directory / "mail", 5000, 5000)
    certificate = ca.issue()
    names = {"auth": directory / "auth", "lmtp": directory / "lmtp", "mail": directory / "mail"}
    (config / "dovecot" / "dovecot.conf").write_text(DOVECOT_CONF.format(**names))
    (config / "dovecot" / "sql.conf.ext").write_text(SQL_CONF.format(socket=mariadb.socket, database="mail"))
    maps = "proxy:mysql:/etc/postfix/sql/mailboxes.cf"
    (config / "postfix" / "main.cf").write_text(MAIN_CF.format(maps=maps, **names) + f"proxy_read_maps = {maps}\n")
    (config / "postfix" / "master.cf").write_text(MASTER_CF)
    (config / "postfix" / "sql" / "mailboxes.cf").write_text(
        f"hosts = unix:{mariadb.socket}\nuser = root\ndbname = mail\n"
        "query = SELECT username FROM mailbox WHERE username='%s'\n"
    )
    postfix = Postfix(config, running_sink.port, certificate=certificate)
    dovecot = Dovecot(config, certificate=certificate, submission_port=postfix.inject_port)
    with dovecot, postfix:
        yield postfix, dovecot


def test_mail_comes_in(mail: tuple[Postfix, Dovecot]) -> None:
    postfix, dovecot = mail
    with postfix.client() as client:
        client.sendmail("bob@out.example", ["alice@here.example"], letter("Coming in").as_bytes())
    imap = dovecot.imap()
    imap.login("alice@here.example", "secret")

    def arrived() -> bool:
        imap.select()
        return bool(imap.search(None, 'SUBJECT "Coming in"')[1][0])

    wait_until(arrived, "the message in the mailbox")
    imap.logout()
    wait_until(lambda: "status=sent" in postfix.log(), "the delivery in the log")


def test_strangers_are_refused(mail: tuple[Postfix, Dovecot]) -> None:
    postfix, _ = mail
    with postfix.client() as client, pytest.raises(smtplib.SMTPRecipientsRefused, match="Relay access denied"):
        client.sendmail("bob@out.example", ["carol@out.example"], letter("No").as_bytes())


def test_mail_goes_out_by_submission(mail: tuple[Postfix, Dovecot], sink: Sink, ca: CertificateAuthority) -> None:
    postfix, _ = mail
    with postfix.client(postfix.submission_port) as client:
        client.starttls(context=ca.context())
        client.login("alice@here.example", "secret")
        client.send_message(letter("Going out"), "alice@here.example", "bob@out.example")
    assert sink.wait_for(lambda message: message.subject == "Going out").sender == "alice@here.example"
    with smtplib.SMTP_SSL("127.0.0.1", postfix.smtps_port, context=ca.context()) as encrypted:
        encrypted.login("alice@here.example", "secret")
        encrypted.send_message(letter("Going out again"), "alice@here.example", "bob@out.example")
    sink.wait_for(lambda message: message.subject == "Going out again")


def test_tables_can_be_asked(mail: tuple[Postfix, Dovecot]) -> None:
    postfix, _ = mail
    keys = ["alice@here.example", "nobody@here.example"]
    assert postfix.postmap_setting("virtual_mailbox_maps", keys) == {"alice@here.example": "alice@here.example"}
    assert postfix.postmap_setting("virtual_mailbox_maps", ["nobody@here.example"]) == {}
    with pytest.raises(ServerError):
        postfix.postmap("mysql:/nowhere.cf", keys)
    broken = postfix.config / "sql" / "broken.cf"
    broken.write_text((postfix.config / "sql" / "mailboxes.cf").read_text().replace("FROM mailbox", "FROM nothing"))
    cool_down(postfix.config)
    with pytest.raises(ServerError):
        postmap(postfix.config, f"mysql:{broken}", keys)


def test_dovecot_answers_on_every_port(mail: tuple[Postfix, Dovecot], ca: CertificateAuthority) -> None:
    import imaplib
    import poplib
    import socket

    _, dovecot = mail
    imap = imaplib.IMAP4_SSL("127.0.0.1", dovecot.imaps_port, ssl_context=ca.context())
    imap.login("alice@here.example", "secret")
    imap.logout()
    assert b"+OK" in poplib.POP3("127.0.0.1", dovecot.pop3_port).getwelcome()
    poplib.POP3_SSL("127.0.0.1", dovecot.pop3s_port, context=ca.context()).quit()
    with socket.create_connection(("127.0.0.1", dovecot.sieve_port)) as sieve:
        assert sieve.recv(100).startswith(b'"IMPLEMENTATION"')
    with dovecot.lmtp() as lmtp:
        assert lmtp.sendmail("bob@out.example", ["alice@here.example"], letter("Direct").as_bytes()) == {}


def test_doveadm_reaches_this_instance(mail: tuple[Postfix, Dovecot]) -> None:
    _, dovecot = mail
    assert "auth succeeded" in dovecot.doveadm("auth", "test", "alice@here.example", "secret")
    with pytest.raises(ServerError, match="auth failed"):
        dovecot.doveadm("auth", "test", "alice@here.example", "wrong")


def test_browser_opens_a_page(window: Callable[..., Any]) -> None:
    page = window(dark=True, viewport=(390, 800)).page()
    page.goto("data:text/html,<title>Hello</title>")
    assert page.title() == "Hello"
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches && innerWidth") == 390


def test_browser_without_javascript(window: Callable[..., Any]) -> None:
    page = window(javascript=False).page()
    page.goto("data:text/html,<noscript>No scripts here</noscript>")
    assert page.inner_text("body") == "No scripts here"


@pytest.mark.parametrize(
    ("page_source", "complaint"),
    [
        ("<script>console.error('oh dear')</script>", "oh dear"),
        ("<script>throw new Error('broken')</script>", "broken"),
        (
            "<meta http-equiv=Content-Security-Policy content=\"style-src 'none'\"><p style='color:red'>x",
            "Content Security Policy",
        ),
        ("<img src='http://far.example/spy.gif'>", "far.example"),
    ],
)
def test_browser_notices_what_is_wrong(browser: Any, page_source: str, complaint: str) -> None:
    window = browser.window()
    page = window.page()
    page.goto(f"data:text/html,{page_source}")
    page.wait_for_timeout(50)
    window.close()
    with pytest.raises(AssertionError, match=complaint):
        window.check()


def test_panel_is_healthy(panel: Panel) -> None:
    with urllib.request.urlopen(f"{panel.url}/healthz") as answer:
        assert answer.status == 200


def test_mail_server_runs_on_generated_configuration(mailstack: MailStack, sink: Sink) -> None:
    """Rows as another program writes them are enough: a message comes in, is read, and an answer goes out."""
    mailstack.sql(
        "INSERT INTO domain (domain, description, transport, active) VALUES ('stack.example', '', 'virtual', {true})"
    )
    mailstack.sql(
        "INSERT INTO mailbox (username, password, name, maildir, local_part, domain, active) VALUES"
        " ('alice@stack.example', '{{PLAIN}}secret', 'Alice', 'stack.example/alice/', 'alice', 'stack.example', {true})"
    )
    mailstack.deliver("bob@out.example", "alice@stack.example", letter("To the stack"))
    mailstack.wait_for_mail("alice@stack.example", "To the stack")
    mailstack.imap("alice@stack.example", "secret").logout()
    mailstack.submit("alice@stack.example", "secret", letter("From the stack", sender="alice@stack.example"))
    assert sink.wait_for(lambda message: message.subject == "From the stack").sender == "alice@stack.example"
    assert "fatal" not in mailstack.postfix.log()
    assert "Fatal" not in mailstack.dovecot.log()
