"""A mail server as a guide of 2009 builds it: two tables, reversible passwords, Postfix and Dovecot reading both."""

import imaplib
import os
import poplib
import smtplib
from pathlib import Path
from typing import Any, Self

from tests.servers.dovecot import Dovecot
from tests.servers.mariadb import MariaDB
from tests.servers.postfix import Postfix
from tests.servers.processes import HOST, Server
from tests.servers.sink import Sink

SCHEMA = """
CREATE TABLE user (
  domain varchar(255) NOT NULL, username varchar(255) NOT NULL, password varchar(255), quota int DEFAULT 0,
  active tinyint DEFAULT 1, admin tinyint DEFAULT 0, PRIMARY KEY (username, domain)
) DEFAULT CHARSET latin1;
CREATE TABLE alias (
  address varchar(255) NOT NULL, goto varchar(255) NOT NULL, active tinyint DEFAULT 1, PRIMARY KEY (address, goto)
) DEFAULT CHARSET latin1;
"""
MAPS = {
    "alias": "table = alias\nselect_field = goto\nwhere_field = address",
    "domains": "table = user\nselect_field = domain\nwhere_field = domain",
    "mailboxes": "query = SELECT concat(username,'/') FROM user WHERE username='%s' AND active=1",
}
MAIL_ID = 8
"""User and group `mail` on Debian."""

MASTER_CF = """
smtp inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


class Tables:
    """The database: rows are added by hand, as the guide has it.

    key: of all passwords.
    """

    def __init__(self, database: MariaDB, name: str, key: str) -> None:
        self.database = database
        self.name = name
        self.key = key
        self.url = database.create_database(name)
        database.load(name, SCHEMA)

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.database.sql(statement, parameters, self.name)

    def user(
        self,
        username: str,
        password: str,
        *,
        domain: str = "",
        quota: int = 0,
        active: bool = True,
        admin: bool = False,
    ) -> None:
        self.sql(
            "INSERT INTO user VALUES (%s, %s, HEX(AES_ENCRYPT(%s, %s)), %s, %s, %s)",
            *(domain or username.rpartition("@")[2], username, password, self.key, quota, active, admin),
        )

    def alias(self, address: str, *targets: str, active: bool = True) -> None:
        for target in targets:
            self.sql("INSERT INTO alias VALUES (%s, %s, %s)", address, target, active)


class OldServer(Server):
    """Postfix and Dovecot on the tables, without TLS. `mail_dir` has a maildir of each address."""

    def __init__(self, tables: Tables, sink: Sink) -> None:
        super().__init__()
        self.tables = tables
        self.mail_dir = self.dir / "mail"
        self.config = self.dir / "config"
        self._write()
        self.dovecot = Dovecot(self.config)
        auth = {"smtpd_sasl_path": str(self.dovecot.auth_socket)}
        self.postfix = Postfix(self.config, sink.port, overrides=auth)

    def _write(self) -> None:
        for name in ("postfix/sql", "dovecot"):
            (self.config / name).mkdir(parents=True)
        self.mail_dir.mkdir(mode=0o770)
        os.chown(self.mail_dir, MAIL_ID, MAIL_ID)
        where = f"user = root\nhosts = inet:{HOST}:{self.tables.database.port}\ndbname = {self.tables.name}\n"
        for name, asked in MAPS.items():
            (self.config / "postfix/sql" / f"{name}.cf").write_text(f"{where}{asked}\n")
        (self.config / "postfix/master.cf").write_text(MASTER_CF)
        (self.config / "postfix/main.cf").write_text(self._main_cf())
        (self.config / "dovecot/dovecot.conf").write_text(self._dovecot_conf())
        (self.config / "dovecot/sql.conf.ext").write_text(self._sql_conf())

    def _main_cf(self) -> str:
        return f"""
compatibility_level = 2
myhostname = old.test.example
mydestination =
virtual_alias_maps = mysql:/etc/postfix/sql/alias.cf
virtual_mailbox_domains = mysql:/etc/postfix/sql/domains.cf
virtual_mailbox_maps = mysql:/etc/postfix/sql/mailboxes.cf
virtual_mailbox_base = {self.mail_dir}
virtual_transport = virtual
virtual_uid_maps = static:{MAIL_ID}
virtual_gid_maps = static:{MAIL_ID}
virtual_minimum_uid = {MAIL_ID}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
broken_sasl_auth_clients = yes
smtpd_recipient_restrictions = permit_sasl_authenticated, reject_unauth_destination
"""

    def _dovecot_conf(self) -> str:
        return f"""
protocols = imap pop3
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login digest-md5 cram-md5
mail_location = maildir:{self.mail_dir}/%u
first_valid_uid = {MAIL_ID}
pop3_uidl_format = %08Xu%08Xv
passdb {{
  driver = sql
  args = /etc/dovecot/sql.conf.ext
}}
userdb {{
  driver = static
  args = uid={MAIL_ID} gid={MAIL_ID} home={self.mail_dir}/%u
}}
"""

    def _sql_conf(self) -> str:
        return f"""
driver = mysql
connect = host={HOST} port={self.tables.database.port} user=root dbname={self.tables.name}
default_pass_scheme = PLAIN
password_query = SELECT username AS user, AES_DECRYPT(UNHEX(password),'{self.tables.key}') AS password FROM user \\
  WHERE username = '%u' AND active = 1
"""

    def start(self) -> Self:
        self.dovecot.start()
        self.postfix.start()
        return self

    def stop(self) -> None:
        self.postfix.stop()
        self.dovecot.stop()

    def close(self) -> None:
        self.postfix.close()
        self.dovecot.close()
        super().close()

    def imap(self) -> imaplib.IMAP4:
        return self.dovecot.imap()

    def pop3(self) -> poplib.POP3:
        return poplib.POP3(HOST, self.dovecot.pop3_port, timeout=30)

    def smtp(self) -> smtplib.SMTP:
        return self.postfix.client()

    def files_of(self, address: str) -> list[Path]:
        """Return the messages in the maildir of an address."""
        return [path for part in ("new", "cur") for path in (self.mail_dir / address / part).glob("*")]
