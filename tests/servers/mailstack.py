"""The whole mail server on the panel's own configuration: panel, database users, Postfix, Dovecot."""

import imaplib
import itertools
import os
import re
import smtplib
from collections.abc import Callable, Mapping
from email.message import EmailMessage, Message
from typing import Any, Self

from .ca import CertificateAuthority
from .dovecot import Dovecot
from .mariadb import MariaDB
from .panel import Panel
from .postfix import Postfix
from .postgres import Postgres
from .processes import HOST, Server, wait_until
from .sink import Sink
from .sqlite import SQLite

HOSTNAME = "mx.test.example"
MAIL_UID = 5000

_numbers = itertools.count(1)


class MailStack(Server):
    """Postfix and Dovecot on what `manage.py mailconfig` of a panel writes. `panel.manage` runs its commands;
    `panel.start` serves its pages for tests that want them.

    Everything goes the administrator's way: the database users have the rights that `mailconfig --grants` prints and no
    others, ports, sockets and certificates are set by MAILADMIN_* settings.

    database: a running server; SQLite must have been made with group="postfix".
    settings: more settings of the panel.
    overrides: main.cf settings of this test.
    """

    def __init__(
        self,
        database: MariaDB | Postgres | SQLite,
        sink: Sink,
        ca: CertificateAuthority,
        *,
        settings: Mapping[str, str] | None = None,
        overrides: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.database = database
        self.name = f"mail{next(_numbers)}"
        self.sink = sink
        self.ca = ca
        self.config = self.dir / "config"
        self.mail_dir = self.dir / "mail"
        self.postfix = Postfix(self.config, sink.port, overrides=overrides)
        self.dovecot = Dovecot(self.config, submission_port=self.postfix.inject_port)
        self.panel = Panel(self._database_url(), settings=self._settings() | dict(settings or {}))

    def _database_url(self) -> str:
        if isinstance(self.database, SQLite):
            return self.database.url(self.name)
        return self.database.url(self.name, f"panel_{self.name}", "panel-secret")

    def _settings(self) -> dict[str, str]:
        """Return the settings by which the generated configuration fits this instance."""
        certificate = self.ca.issue(HOSTNAME, "localhost", HOST)
        return {
            "MAILADMIN_MAIL_HOSTNAME": HOSTNAME,
            "MAILADMIN_TLS_CERT": str(certificate.certificate),
            "MAILADMIN_TLS_KEY": str(certificate.key),
            "MAILADMIN_MAIL_BASE": str(self.mail_dir),
            "MAILADMIN_VMAIL_UID": str(MAIL_UID),
            "MAILADMIN_VMAIL_GID": str(MAIL_UID),
            "MAILADMIN_SMTP_PORT": str(self.postfix.smtp_port),
            "MAILADMIN_SUBMISSION_PORT": str(self.postfix.submission_port),
            "MAILADMIN_SUBMISSIONS_PORT": str(self.postfix.smtps_port),
            "MAILADMIN_IMAP_PORT": str(self.dovecot.imap_port),
            "MAILADMIN_IMAPS_PORT": str(self.dovecot.imaps_port),
            "MAILADMIN_POP3_PORT": str(self.dovecot.pop3_port),
            "MAILADMIN_POP3S_PORT": str(self.dovecot.pop3s_port),
            "MAILADMIN_SIEVE_PORT": str(self.dovecot.sieve_port),
            "MAILADMIN_RELAYHOST": f"[{HOST}]:{self.sink.port}",
            "MAILADMIN_SUBMISSION_HOST": f"{HOST}:{self.postfix.inject_port}",
            "MAILADMIN_DOVECOT_RUN": str(self.dovecot.base_dir),
            "MAILADMIN_POSTFIX_DB_USER": f"postfix_{self.name}",
            "MAILADMIN_POSTFIX_DB_PASSWORD": "postfix-secret",
            "MAILADMIN_DOVECOT_DB_USER": f"dovecot_{self.name}",
            "MAILADMIN_DOVECOT_DB_PASSWORD": "dovecot-secret",
            # For those with MAILADMIN_VACATION=transport.
            "MAILADMIN_VACATION_USER": "nobody",
            "MAILADMIN_VACATION_GROUP": "nogroup",
            "MAILADMIN_VACATION_DB_USER": f"vacation_{self.name}",
            "MAILADMIN_VACATION_DB_PASSWORD": "vacation-secret",
        }

    def _grants(self, mine: Callable[[str], bool]) -> None:
        """Run those statements of `mailconfig --grants` that are asked for, as the database's administrator."""
        statements = [line for line in self.panel.manage("mailconfig", "--grants").splitlines() if mine(line)]
        if not isinstance(self.database, SQLite):
            self.database.load(self.name, "\n".join(statements))

    def _prepare(self) -> None:
        """Make database, users, tables and configuration files."""
        self._make_database()
        panel_user = f"panel_{self.name}"

        def for_panel(line: str) -> bool:
            return re.search(rf"TO \W{panel_user}\b", line) is not None

        if not isinstance(self.database, SQLite):
            self.database.create_user(panel_user, "panel-secret")
            self._grants(for_panel)
        self._make_tables()
        if not isinstance(self.database, SQLite):
            self._grants(lambda line: not for_panel(line))
        self.panel.manage("mailconfig", "--output", str(self.config))
        self.mail_dir.mkdir(mode=0o700)
        os.chown(self.mail_dir, MAIL_UID, MAIL_UID)

    def _make_database(self) -> None:
        self.database.create_database(self.name)

    def _make_tables(self) -> None:
        self.panel.migrate()

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement in the panel's database; `{true}` and `{false}` become the engine's."""
        true, false = ("true", "false") if isinstance(self.database, Postgres) else ("1", "0")
        return self.database.sql(statement.format(true=true, false=false), database=self.name)

    def start(self) -> Self:
        if not self.config.exists():
            self._prepare()
        self.dovecot.start()
        self.postfix.start()
        return self

    def stop(self) -> None:
        for server in (self.panel, self.postfix, self.dovecot):
            server.stop()

    def close(self) -> None:
        for server in (self.panel, self.postfix, self.dovecot):
            server.close()
        super().close()

    def imap(self, user: str, password: str) -> imaplib.IMAP4_SSL:
        """Sign in over TLS; raises imaplib.IMAP4.error for a wrong password."""
        client = imaplib.IMAP4_SSL(HOST, self.dovecot.imaps_port, ssl_context=self.ca.context(), timeout=30)
        client.login(user, password)
        return client

    def deliver(self, sender: str, recipients: str | list[str], message: Message) -> dict[str, tuple[int, bytes]]:
        """Bring a message in from the outside on port 25 and return the recipients refused, as smtplib does."""
        with self.postfix.client() as client:
            return client.send_message(message, sender, recipients)

    def submit(
        self, user: str, password: str, message: Message, sender: str = "", to: str = "bob@out.example"
    ) -> dict[str, tuple[int, bytes]]:
        """Send as a user on the submission port, with STARTTLS; smtplib's errors pass through."""
        with smtplib.SMTP(HOST, self.postfix.submission_port, timeout=30) as client:
            client.starttls(context=self.ca.context())
            client.login(user, password)
            return client.send_message(message, sender or user, to)

    def subjects(self, user: str, folder: str = "INBOX") -> list[str]:
        """Return the subjects of a mailbox, oldest first, read through doveadm."""
        found = self.dovecot.doveadm("fetch", "-u", user, "hdr.subject", "mailbox", folder, "all")
        return [line.removeprefix("hdr.subject:").strip() for line in found.splitlines() if line.strip("\f")]

    def wait_for_mail(self, user: str, subject: str, folder: str = "INBOX", timeout: float = 15) -> None:
        """Wait until the mailbox holds a message with this subject; ServerError after `timeout` seconds."""
        wait_until(lambda: subject in self.subjects(user, folder), f"{subject!r} in {user}'s {folder}", timeout)


def letter(subject: str, *, sender: str = "bob@out.example", to: str = "", text: str = "Hello\n") -> EmailMessage:
    """Return a small message."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to or "undisclosed-recipients:;"
    message["Subject"] = subject
    message.set_content(text)
    return message
