"""The rights of the database users, as statements to run as the database's administrator.

Postfix reads the columns of its lookups and never a password. Dovecot reads what signing in, delivery and vacation
replies need, and writes the use of storage and the times of sign-ins. Neither sees Django's tables, the log, or ours
but for the end of own aliases, two views, what app passwords need, and, while a challenge mechanism is on, the
second credentials.
Courier and pam_mysql, where they are used, read what signing in needs.
"""

from mailadmin.core.passwords import enabled_mechanisms
from mailadmin.mailserver import conf, lookups, vacation_program
from mailadmin.mailserver.sieve import READ_VIEWS

POSTFIX_READS = {
    "domain": ("domain", "active", "backupmx", "transport"),
    "mailbox": ("username", "maildir", "quota", "active", "smtp_active"),
    "alias": ("address", "goto", "domain", "active", "created"),
    "alias_domain": ("alias_domain", "target_domain", "active"),
    "mailadmin_own_alias": ("address", "alias_created", "ends"),
}
DOVECOT_READS = {
    "domain": ("domain", "active", "password_expiry"),
    "mailbox": (
        "username",
        "password",
        "maildir",
        "quota",
        "domain",
        "active",
        "smtp_active",
        "created",
        "password_expiry",
    ),
    "vacation": ("email", "active", "activefrom", "activeuntil"),
    "mailadmin_app_password": ("id", "username", "digest", "made_for", "imap", "pop3", "smtp", "sieve", "ends"),
    "mailadmin_app_passwords_only": ("username", "made_for"),
}
CREDENTIAL_READS = {"mailadmin_credential": ("username", "mechanism", "secret", "made_for")}
"""What Dovecot reads besides while a challenge mechanism is switched on."""
READER_READS = {
    "domain": ("domain", "active"),
    "mailbox": ("username", "password", "name", "maildir", "quota", "domain", "active", "smtp_active"),
}
RESPONDER_READS = {
    "vacation": ("email", "subject", "body", "active", "activefrom", "activeuntil", "interval_time"),
    "mailadmin_vacation": ("email", "inside_body"),
    "mailbox": ("username", "name", "active"),
    "alias": ("address", "goto", "active"),
    "alias_domain": ("alias_domain", "target_domain", "active"),
}
"""What the program that sends vacation replies reads, where Postfix starts one."""
RESPONDER_WRITES = "vacation_notification"
PANEL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW"
DOVECOT_WRITES = (lookups.QUOTA_DICT.table,)
SIGN_INS = lookups.LAST_LOGIN_DICT.table
"""Dovecot adds rows and changes their times, which takes the right to read them, and deletes none."""


def statements(server: conf.MailServer, database: conf.Database, panel_user: str) -> list[str]:
    """Return the statements for the engine; none for SQLite, where the file's group decides."""
    if database.engine == "mysql":
        return _mysql(server, database, panel_user)
    return _pgsql(server, database, panel_user) if database.engine == "pgsql" else []


def _dovecot_reads() -> dict[str, tuple[str, ...]]:
    return DOVECOT_READS | (CREDENTIAL_READS if enabled_mechanisms() else {})


def _mysql(server: conf.MailServer, database: conf.Database, panel_user: str) -> list[str]:
    client = server.db_client or ("localhost" if database.is_local else "%")
    postfix, dovecot = (f"'{name}'@'{client}'" for name in (server.postfix_user, server.dovecot_user))
    panel = f"'{panel_user}'@'{client}'"
    schema = f"`{database.name}`"
    return [
        "-- The panel: its own tables, and the views.",
        f"GRANT {PANEL_RIGHTS} ON {schema}.* TO {panel};",
        "-- Postfix: reads its lookups, no password.",
        f"CREATE USER IF NOT EXISTS {postfix} IDENTIFIED BY '{server.postfix_password}';",
        *(_read(f"{schema}.`{table}`", columns, postfix, "`") for table, columns in POSTFIX_READS.items()),
        "-- Dovecot: reads accounts and vacation replies, writes the use of storage and the times of sign-ins.",
        f"CREATE USER IF NOT EXISTS {dovecot} IDENTIFIED BY '{server.dovecot_password}';",
        *(_read(f"{schema}.`{table}`", columns, dovecot, "`") for table, columns in _dovecot_reads().items()),
        # MariaDB checks a grant on a view's columns as if the view's owner gave it, who may not; this is all of them.
        *(f"GRANT SELECT ON {schema}.`{view}` TO {dovecot};" for view in READ_VIEWS),
        *(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.`{table}` TO {dovecot};" for table in DOVECOT_WRITES),
        f"GRANT SELECT, INSERT, UPDATE ON {schema}.`{SIGN_INS}` TO {dovecot};",
        *(_reader(server, f"'{server.reader_user}'@'{client}'", schema) if server.reader_password else ()),
        *(_responder(server, f"'{server.vacation_db_user}'@'{client}'", schema) if vacation_program.is_used() else ()),
    ]


def _responder(server: conf.MailServer, responder: str, schema: str) -> list[str]:
    return [
        "-- The vacation program: reads the replies and who is written to, writes down whom it answered.",
        f"CREATE USER IF NOT EXISTS {responder} IDENTIFIED BY '{server.vacation_db_password}';",
        *(_read(f"{schema}.`{table}`", columns, responder, "`") for table, columns in RESPONDER_READS.items()),
        f"GRANT SELECT, INSERT, UPDATE ON {schema}.`{RESPONDER_WRITES}` TO {responder};",
    ]


def _reader(server: conf.MailServer, reader: str, schema: str) -> list[str]:
    return [
        "-- Courier and pam_mysql: read what signing in needs.",
        f"CREATE USER IF NOT EXISTS {reader} IDENTIFIED BY '{server.reader_password}';",
        *(_read(f"{schema}.`{table}`", columns, reader, "`") for table, columns in READER_READS.items()),
    ]


def _pgsql(server: conf.MailServer, database: conf.Database, panel_user: str) -> list[str]:
    postfix, dovecot, panel = (f'"{name}"' for name in (server.postfix_user, server.dovecot_user, panel_user))
    return [
        "-- The panel: owns its tables and views.",
        f'GRANT CONNECT ON DATABASE "{database.name}" TO {panel};',
        f"GRANT USAGE, CREATE ON SCHEMA public TO {panel};",
        "-- Postfix: reads its lookups, no password.",
        _make_pgsql_user(server.postfix_user, server.postfix_password),
        f"GRANT USAGE ON SCHEMA public TO {postfix};",
        *(_read(f'"{table}"', columns, postfix, '"') for table, columns in POSTFIX_READS.items()),
        "-- Dovecot: reads accounts and vacation replies, writes the use of storage and the times of sign-ins.",
        _make_pgsql_user(server.dovecot_user, server.dovecot_password),
        f"GRANT USAGE ON SCHEMA public TO {dovecot};",
        *(_read(f'"{table}"', columns, dovecot, '"') for table, columns in _dovecot_reads().items()),
        *(f'GRANT SELECT ON "{view}" TO {dovecot};' for view in READ_VIEWS),
        *(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {dovecot};' for table in DOVECOT_WRITES),
        f'GRANT SELECT, INSERT, UPDATE ON "{SIGN_INS}" TO {dovecot};',
        *(_pgsql_responder(server) if vacation_program.is_used() else ()),
    ]


def _pgsql_responder(server: conf.MailServer) -> list[str]:
    responder = f'"{server.vacation_db_user}"'
    return [
        "-- The vacation program: reads the replies and who is written to, writes down whom it answered.",
        _make_pgsql_user(server.vacation_db_user, server.vacation_db_password),
        f"GRANT USAGE ON SCHEMA public TO {responder};",
        *(_read(f'"{table}"', columns, responder, '"') for table, columns in RESPONDER_READS.items()),
        f'GRANT SELECT, INSERT, UPDATE ON "{RESPONDER_WRITES}" TO {responder};',
    ]


def _make_pgsql_user(name: str, password: str) -> str:
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}')"
        f" THEN CREATE USER \"{name}\" PASSWORD '{password}'; END IF; END $$;"
    )


def _read(table: str, columns: tuple[str, ...], user: str, quote: str) -> str:
    return f"GRANT SELECT ({_named(columns, quote)}) ON {table} TO {user};"


def _named(columns: tuple[str, ...], quote: str) -> str:
    return ", ".join(f"{quote}{column}{quote}" for column in columns)
