"""The settings of the mail server part, with their defaults; docs/mailserver.md says what each is for."""

import re
import socket
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

import environ
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections

from mailadmin.mailserver.dialects import VENDOR_ENGINES

# What a computer is called where nobody gave it a name that others can find.
_LOCAL = (".localdomain", ".localhost", ".local", ".internal", ".lan", ".home.arpa")
_DOMAIN_NAME = re.compile(r"(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*", re.IGNORECASE)


def _setting(name: str, default: str | int) -> Any:
    return field(default=default, metadata={"name": name})


@dataclass(frozen=True)
class MailServer:
    """What the generated files are filled in with. Sizes in bytes, ages in days, ports as TCP port numbers."""

    hostname: str = _setting("MAILADMIN_MAIL_HOSTNAME", "")
    imap_host: str = _setting("MAILADMIN_IMAP_HOST", "")
    pop3_host: str = _setting("MAILADMIN_POP3_HOST", "")
    smtp_host: str = _setting("MAILADMIN_SMTP_HOST", "")
    postmaster: str = _setting("MAILADMIN_POSTMASTER", "")
    tls_cert: str = _setting("MAILADMIN_TLS_CERT", "")
    tls_key: str = _setting("MAILADMIN_TLS_KEY", "")
    tls_ca_path: str = _setting("MAILADMIN_TLS_CA_PATH", "/etc/ssl/certs")

    mail_base: str = _setting("MAILADMIN_MAIL_BASE", "/var/vmail")
    mail_location: str = _setting("MAILADMIN_MAIL_LOCATION", "maildir:~/Maildir")
    uid: int = _setting("MAILADMIN_VMAIL_UID", 5000)
    gid: int = _setting("MAILADMIN_VMAIL_GID", 5000)
    compression: str = _setting("MAILADMIN_COMPRESSION", "zstd")
    message_size_limit: int = _setting("MAILADMIN_MESSAGE_SIZE_LIMIT", 52428800)
    trash_days: int = _setting("MAILADMIN_TRASH_DAYS", 30)
    junk_days: int = _setting("MAILADMIN_JUNK_DAYS", 30)

    smtp_port: int = _setting("MAILADMIN_SMTP_PORT", 25)
    submission_port: int = _setting("MAILADMIN_SUBMISSION_PORT", 587)
    submissions_port: int = _setting("MAILADMIN_SUBMISSIONS_PORT", 465)
    imap_port: int = _setting("MAILADMIN_IMAP_PORT", 143)
    imaps_port: int = _setting("MAILADMIN_IMAPS_PORT", 993)
    pop3_port: int = _setting("MAILADMIN_POP3_PORT", 110)
    pop3s_port: int = _setting("MAILADMIN_POP3S_PORT", 995)
    sieve_port: int = _setting("MAILADMIN_SIEVE_PORT", 4190)
    inet_interfaces: str = _setting("MAILADMIN_INET_INTERFACES", "all")
    dovecot_listen: str = _setting("MAILADMIN_DOVECOT_LISTEN", "*, ::")
    mynetworks: str = _setting("MAILADMIN_MYNETWORKS", "")
    relayhost: str = _setting("MAILADMIN_RELAYHOST", "")
    submission_host: str = _setting("MAILADMIN_SUBMISSION_HOST", "")

    dovecot_run: str = _setting("MAILADMIN_DOVECOT_RUN", "/run/dovecot")
    dovecot_config: str = _setting("MAILADMIN_DOVECOT_CONFIG", "")

    db_host: str = _setting("MAILADMIN_DB_HOST_FOR_MAIL", "")
    db_port: int = _setting("MAILADMIN_DB_PORT_FOR_MAIL", 0)
    db_socket: str = _setting("MAILADMIN_DB_SOCKET", "")
    db_client: str = _setting("MAILADMIN_DB_GRANT_HOST", "")
    postfix_user: str = _setting("MAILADMIN_POSTFIX_DB_USER", "postfix")
    postfix_password: str = _setting("MAILADMIN_POSTFIX_DB_PASSWORD", "")
    dovecot_user: str = _setting("MAILADMIN_DOVECOT_DB_USER", "dovecot")
    dovecot_password: str = _setting("MAILADMIN_DOVECOT_DB_PASSWORD", "")
    postfix_group: str = _setting("MAILADMIN_POSTFIX_GROUP", "postfix")
    dovecot_group: str = _setting("MAILADMIN_DOVECOT_GROUP", "dovecot")
    reader_user: str = _setting("MAILADMIN_READER_DB_USER", "reader")
    reader_password: str = _setting("MAILADMIN_READER_DB_PASSWORD", "")
    courier_group: str = _setting("MAILADMIN_COURIER_GROUP", "courier")

    vacation_domain: str = _setting("MAILADMIN_VACATION_DOMAIN", "")
    vacation_user: str = _setting("MAILADMIN_VACATION_USER", "vacation")
    vacation_group: str = _setting("MAILADMIN_VACATION_GROUP", "vacation")
    vacation_python: str = _setting("MAILADMIN_VACATION_PYTHON", "/usr/bin/python3")
    vacation_sendmail: str = _setting("MAILADMIN_VACATION_SENDMAIL", "/usr/sbin/sendmail")
    vacation_db_user: str = _setting("MAILADMIN_VACATION_DB_USER", "vacation")
    vacation_db_password: str = _setting("MAILADMIN_VACATION_DB_PASSWORD", "")

    def told_host(self, name: str) -> str:
        """Return the host that people are told, `name` or else this server's; "" where it has none that others know."""
        if name or getattr(settings, "MAILADMIN_MAIL_HOSTNAME", ""):
            return name or self.hostname
        return "" if not _DOMAIN_NAME.fullmatch(self.hostname) or self.hostname.endswith(_LOCAL) else self.hostname


def from_environment(env: environ.Env) -> dict[str, str | int]:
    """Read every setting of the mail server from the environment, for mailadmin/settings.py.

    Raises ImproperlyConfigured for a number that is none, and for a host that people are told and none can find.
    """
    values = {item.metadata["name"]: _read(env, item.metadata["name"], item.default) for item in fields(MailServer)}
    for name in ("MAILADMIN_IMAP_HOST", "MAILADMIN_POP3_HOST", "MAILADMIN_SMTP_HOST"):
        if values[name] and not _DOMAIN_NAME.fullmatch(str(values[name])):
            raise ImproperlyConfigured(
                f"{name} must be a host name such as mail.example.com: {values[name]!r} is none."
            )
    return values


def _read(env: environ.Env, name: str, default: Any) -> str | int:
    try:
        return env.int(name, default=default) if isinstance(default, int) else str(env.str(name, default=default))
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number.") from None


def load() -> MailServer:
    """Return the settings in force.

    Raises ImproperlyConfigured, naming the setting, for a value that would break out of its line in a file.
    """
    values: dict[str, Any] = {
        item.name: getattr(settings, item.metadata["name"], item.default) for item in fields(MailServer)
    }
    for item in fields(MailServer):
        _require_plain(item.metadata["name"], str(values[item.name]))
    values["hostname"] = values["hostname"] or _full_name()
    return MailServer(**values)


@cache
def _full_name() -> str:
    # May ask the DNS.
    return socket.getfqdn()


def _require_plain(name: str, value: str) -> None:
    """Refuse what neither Postfix nor Dovecot can quote: a line break, a quote, a backslash, a `$`, `#` or `%`."""
    if re.search(r"""[\x00-\x1f\x7f"'\\#$%`{}]""", value) or not value.isascii():
        raise ImproperlyConfigured(
            f"{name} may hold printable ASCII only, without quotes, backslashes, braces, and the characters $ # % `."
        )


@dataclass(frozen=True)
class Database:
    """How Postfix and Dovecot reach the database; `host` is a name, an address or the path of a socket."""

    engine: str
    name: str
    host: str
    port: int

    @property
    def is_local(self) -> bool:
        return self.host.startswith("/")


_SOCKETS = {"mysql": "/run/mysqld/mysqld.sock", "pgsql": "/var/run/postgresql"}
PORTS = {"mysql": 3306, "pgsql": 5432}


def database(server: MailServer, using: str = DEFAULT_DB_ALIAS) -> Database:
    """Return where the panel's database is for the mail server: as the panel reaches it, unless a setting differs."""
    connection = connections[using]
    engine = VENDOR_ENGINES[connection.vendor]
    values = connection.settings_dict
    name = str(values["NAME"])
    _require_plain("The database's name", name)
    if engine == "sqlite":
        return Database(engine, name, "", 0)
    host = server.db_host or str(values["HOST"])
    if host in ("", "localhost"):
        host = server.db_socket or str(values["OPTIONS"].get("unix_socket", "")) or _SOCKETS[engine]
    _require_plain("The database's host", host)
    port = server.db_port or int(values["PORT"] or PORTS[engine])
    return Database(engine, name, host, port)
