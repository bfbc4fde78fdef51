"""Databases as versions of PostfixAdmin left them, made from facts about them, with rows that years leave behind.

A column is a name, a kind, and the first version that has it where that is not all of them.
"""

from dataclasses import dataclass

from tests.conftest import ENGINE
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.sqlite import SQLite

Server = MariaDB | Postgres | SQLite

# The number that `config` holds; None where there was no such table.
VERSIONS: dict[str, str | None] = {"2.1": None, "2.3": "740", "3.3": "1847", "4.0": "1851"}
# SQLite began with 3, and our facts about PostgreSQL with 2.3.
KNOWN_ON = {"mysql": list(VERSIONS), "postgres": ["2.3", "3.3", "4.0"], "sqlite": ["3.3", "4.0"]}

TABLES = """
admin: username key, password key, created date, modified date, active on, superadmin off 3.3, phone short 3.3,
  email_other empty 3.3, token empty 3.3, token_validity date 3.3, totp_secret maybe 4.0; primary username
alias: address key, goto text, domain key, created date, modified date, active on; primary address; key domain 2.3
alias_domain 2.3: alias_domain key, target_domain key, created date, modified date, active on; primary alias_domain;
  key active 2.3; key target_domain 2.3
config 2.3: id serial, name tiny, value tiny; primary id; unique name
dkim 4.0: id serial, domain_name key, description maybe, selector selector, private_key maybetext,
  public_key maybetext, created date, modified date; primary id; key domain_name,description
dkim_signing 4.0: id serial, author empty, dkim_id number, created date, modified date; primary id; key author;
  key dkim_id
domain: domain key, description utf8, aliases number, mailboxes number, maxquota big, quota big 2.3,
  transport transport,
  backupmx off, created date, modified date, active on, password_expiry days 3.3; primary domain
domain_admins: username key, domain key, created date, active on, id serial 3.3; key username; primary id 3.3
log: timestamp date, username key, domain key, action key, data text, id serial 3.3; key timestamp;
  key domain,timestamp 3.3; primary id 3.3
mailbox: username key, password key, name utf8, maildir key, quota big, local_part key 2.3, domain key, created date,
  modified date, active on, phone short 3.3, email_other empty 3.3, token empty 3.3, token_validity date 3.3,
  password_expiry date 3.3, totp_secret maybe 4.0, smtp_active on 4.0; primary username; key domain 2.3
mailbox_app_password 4.0: id serial, username maybe, description maybe, password_hash maybe; primary id
quota 2.3: username key, path hundred, current big; primary username,path
quota2 2.3: username hundred, bytes big, messages number; primary username
totp_exception_address 4.0: id serial, ip ip, username maybe, description maybe; primary id; unique ip,username
vacation: email key, subject utf8, body utf8text, cache text, domain key, created date, active on,
  modified stamp 3.3, activefrom from 3.3, activeuntil until 3.3, interval_time number 3.3; primary email
vacation_notification 2.3: on_vacation key, notified key, notified_at stamp; primary on_vacation,notified
"""

_KEY = "varchar(255) NOT NULL"
_KINDS = {
    "key": _KEY,
    "transport": _KEY,
    "empty": f"{_KEY} DEFAULT ''",
    "short": "varchar(30) NOT NULL DEFAULT ''",
    "tiny": "varchar(20) NOT NULL DEFAULT ''",
    "selector": "varchar(63) NOT NULL DEFAULT 'default'",
    "hundred": "varchar(100) NOT NULL",
    "ip": "varchar(46) NOT NULL",
    "maybe": "varchar(255) DEFAULT NULL",
    "maybetext": "text DEFAULT NULL",
    "utf8": "varchar(255) CHARACTER SET utf8mb3 NOT NULL",
    "utf8text": "text CHARACTER SET utf8mb3 NOT NULL",
    "text": "text NOT NULL",
    "number": "int(10) NOT NULL DEFAULT 0",
    "big": "bigint(20) NOT NULL DEFAULT 0",
    "days": "int(11) DEFAULT 0",
    "on": "tinyint(1) NOT NULL DEFAULT 1",
    "off": "tinyint(1) NOT NULL DEFAULT 0",
    "date": "datetime NOT NULL DEFAULT '2000-01-01 00:00:00'",
    "stamp": "timestamp NOT NULL DEFAULT current_timestamp()",
    "from": "timestamp NOT NULL DEFAULT '2000-01-01 00:00:00'",
    "until": "timestamp NOT NULL DEFAULT '2038-01-18 00:00:00'",
    "serial": "int(11) NOT NULL AUTO_INCREMENT",
}
_POSTGRES = {
    "transport": "varchar(255) DEFAULT NULL",
    "utf8": f"{_KEY} DEFAULT ''",
    "utf8text": "text NOT NULL DEFAULT ''",
    "number": "integer NOT NULL DEFAULT 0",
    "big": "bigint NOT NULL DEFAULT 0",
    "days": "integer DEFAULT 0",
    "on": "boolean NOT NULL DEFAULT true",
    "off": "boolean NOT NULL DEFAULT false",
    "date": "timestamp with time zone DEFAULT now()",
    "stamp": "timestamp with time zone DEFAULT now()",
    "from": "timestamp with time zone NOT NULL DEFAULT '2000-01-01 00:00:00'",
    "until": "timestamp with time zone NOT NULL DEFAULT '2038-01-18 00:00:00'",
    "serial": "serial",
}
_SQLITE = {
    "utf8": _KEY,
    "utf8text": "text NOT NULL",
    "date": "datetime NOT NULL DEFAULT '2000-01-01'",
    "stamp": "datetime NOT NULL DEFAULT CURRENT_TIMESTAMP",
    "from": "datetime NOT NULL DEFAULT '2000-01-01'",
    "until": "datetime NOT NULL DEFAULT '2038-01-18'",
    "serial": "integer PRIMARY KEY AUTOINCREMENT",
}


@dataclass(frozen=True)
class Table:
    name: str
    columns: dict[str, str]
    primary: str
    unique: list[str]
    keys: list[str]


def tables(version: str) -> list[Table]:
    """Return the tables of a version."""
    found = []
    for entry in TABLES.strip().replace("\n  ", " ").splitlines():
        head, _colon, rest = entry.partition(": ")
        name, _space, since = head.partition(" ")
        if since > version:
            continue
        columns, *extra = rest.split("; ")
        parts = [part.split() for part in columns.split(", ")]
        kept = {part[0]: part[1] for part in parts if part[2:] <= [version]}
        keys = [part.split() for part in extra]
        of = {kind: [key[1] for key in keys if key[0] == kind and key[2:] <= [version]] for kind, *_ in keys}
        primary = (of.get("primary") or [""])[0]
        found.append(Table(name, kept, primary, of.get("unique", []), of.get("key", [])))
    return found


def schema(version: str, engine: str = ENGINE) -> str:
    """Return the statements that make the tables of a version."""
    # The foreign keys of some engines want their parents first.
    ordered = sorted(tables(version), key=lambda table: (table.name != "domain", table.name))
    return "\n".join(_RENDERERS[engine](table, version) for table in ordered)


def _mysql(table: Table, version: str) -> str:
    lines = [f"`{name}` {_mysql_kind(kind, version)}" for name, kind in table.columns.items()]
    lines += [f"PRIMARY KEY ({table.primary})"] if table.primary else []
    lines += [f"UNIQUE KEY ({columns})" for columns in table.unique]
    lines += [f"KEY ({columns})" for columns in table.keys]
    if table.name == "vacation_notification":
        lines.append("FOREIGN KEY (on_vacation) REFERENCES vacation (email) ON DELETE CASCADE")
    old = version < "3"
    engine = "MyISAM" if old and not table.name.startswith("vacation") else "InnoDB"
    collation = "latin1_swedish_ci" if old else "latin1_general_ci"
    # These follow the database's default instead.
    if table.name in {"mailbox_app_password", "totp_exception_address"}:
        collation = "utf8mb4_general_ci"
    return f"CREATE TABLE `{table.name}` ({', '.join(lines)}) ENGINE={engine} COLLATE={collation};"


def _mysql_kind(kind: str, version: str) -> str:
    if version < "3" and kind == "date":
        return "datetime NOT NULL DEFAULT '0000-00-00 00:00:00'"
    oldest = {"big": "int(10) NOT NULL DEFAULT 0", "transport": "varchar(255) DEFAULT NULL"}
    return oldest.get(kind, _KINDS[kind]) if version == "2.1" else _KINDS[kind]


def _postgres(table: Table, _version: str) -> str:
    kinds = _KINDS | _POSTGRES
    # PostgreSQL has no such column.
    lines = [f'"{name}" {kinds[kind]}' for name, kind in table.columns.items() if name != "cache"]
    lines += [f"PRIMARY KEY ({table.primary})"] if table.primary else []
    lines += [f"UNIQUE ({columns})" for columns in table.unique]
    if table.name in {"alias", "mailbox", "domain_admins"}:
        lines.append("FOREIGN KEY (domain) REFERENCES domain (domain)")
    keys = [f"CREATE INDEX ON {table.name} ({columns});" for columns in table.keys]
    return "\n".join([f'CREATE TABLE "{table.name}" ({", ".join(lines)});', *keys])


def _sqlite(table: Table, _version: str) -> str:
    kinds = _KINDS | _SQLITE
    columns = {name: kind for name, kind in table.columns.items() if (table.name, name) != ("domain_admins", "id")}
    lines = [f"`{name}` {kinds[kind]}" for name, kind in columns.items()]
    lines += [f"PRIMARY KEY ({table.primary})"] if table.primary not in {"", "id"} else []
    return f"CREATE TABLE `{table.name}` ({', '.join(lines)});"


_RENDERERS = {"mysql": _mysql, "postgres": _postgres, "sqlite": _sqlite}

DOMAINS = ["ALL", "old.example", "shop.example", "full.example", "backup.example"]
PASSWORDS = ["$1$abcdefgh$tA7Oe4RbT9nd0QfnJWcMZ0", "$1$hgfedcba$0yZ8oYzwCr1DnKyDq6hxg0", "{SSHA}x", "ab1deFGhiJkLm", ""]


def rows(version: str, engine: str = ENGINE) -> list[str]:
    """Return the statements of the rows: ordinary ones, and what years leave behind."""
    yes, no = ("TRUE", "FALSE") if engine == "postgres" else ("1", "0")
    made = [
        f"INSERT INTO domain (domain, description, aliases, mailboxes, transport, backupmx) VALUES ('{name}', 'Café',"
        f" {1 if name == 'full.example' else 0}, {1 if name == 'full.example' else 0}, 'virtual',"
        f" {yes if name == 'backup.example' else no})"
        for name in DOMAINS
    ]
    boxes = [f"m{number}@old.example" for number in range(10)] + ["one@full.example", "two@full.example"]
    made += [_mailbox(name, PASSWORDS[number % 5], version) for number, name in enumerate(boxes)]
    made += [_alias(name, name) for name in boxes if name != "m9@old.example"]
    made += [
        _alias("sales@shop.example", "m1@old.example,gone@old.example"),
        _alias("info@shop.example", "M2@old.example, far@else.example"),
        _alias("@shop.example", "m3@old.example"),
    ]
    made += [
        f"INSERT INTO admin (username, password) VALUES ('{name}', '$1$abcdefgh$tA7Oe4RbT9nd0QfnJWcMZ0')"
        for name in ("root@old.example", "bob@old.example")
    ]
    made += [
        "INSERT INTO domain_admins (username, domain) VALUES ('root@old.example', 'ALL')",
        "INSERT INTO domain_admins (username, domain) VALUES ('bob@old.example', 'shop.example')",
        "INSERT INTO domain_admins (username, domain) VALUES ('nobody@old.example', 'shop.example')",
        "INSERT INTO log (username, domain, action, data) VALUES ('root', 'old.example', 'create_domain', 'x')",
        "CREATE TABLE x_own (id int PRIMARY KEY, told varchar(20))",
        "INSERT INTO x_own VALUES (1, 'mine')",
        "ALTER TABLE domain ADD COLUMN x_colour varchar(9) NOT NULL DEFAULT 'red'",
    ]
    if version > "2.1":
        made.append("INSERT INTO alias_domain (alias_domain, target_domain) VALUES ('backup.example', 'old.example')")
        made.append(f"INSERT INTO config (name, value) VALUES ('version', '{VERSIONS[version]}')")
    if engine != "postgres":
        made += [_mailbox("lost@gone.example", "{SSHA}x", version), _alias("lost@gone.example", "lost@gone.example")]
    cache, value = ("", "") if engine == "postgres" else (", cache", ", ''")
    made.append(
        f"INSERT INTO vacation (email, subject, body, domain{cache})"
        f" VALUES ('m1@old.example', 'Weg', 'Bin weg', 'old.example'{value})"
    )
    return made


def _mailbox(name: str, password: str, version: str) -> str:
    local_part, _at, domain = name.partition("@")
    column, value = (", local_part", f", '{local_part}'") if version > "2.1" else ("", "")
    return (
        f"INSERT INTO mailbox (username, password, name, maildir, quota, domain{column}) VALUES"
        f" ('{name}', '{password}', 'Zoë', '{domain}/{local_part}/', 1024000, '{domain}'{value})"
    )


def _alias(address: str, goto: str) -> str:
    domain = address.partition("@")[2]
    return f"INSERT INTO alias (address, goto, domain) VALUES ('{address}', '{goto}', '{domain}')"


def make(server: Server, name: str, version: str) -> str:
    """Make a database as the version left it, and return its URL."""
    if isinstance(server, MariaDB):
        url = server.create_database(name, charset="latin1")
        # As a server of those days took it: dates of the year 0, and no strictness.
        script = "SET NAMES utf8mb4; SET sql_mode = '';\n" + schema(version, "mysql")
        server.load(name, script + ";\n".join(["", *rows(version, "mysql"), ""]))
        return url
    engine = "postgres" if isinstance(server, Postgres) else "sqlite"
    url = server.create_database(name)
    statements = [*schema(version, engine).splitlines(), *rows(version, engine)]
    for statement in statements:
        server.sql(statement, database=name)
    return url
