"""Every query that Postfix and Dovecot run on the tables, once.

The configuration writer renders these into `.cf` and `.conf.ext` files, `run` asks them through Django, and the tests
compare the answers with real `postmap` and `doveadm`. What each rule is for stands in docs/mailserver.md.

Placeholders are those of the program that runs the query: Postfix's in mysql_table(5), Dovecot's variables in
`Variables` of its wiki. They stand only inside quoted literals, which is what lets `run` bind them as parameters.
Columns of the big tables are compared as they are, with constants on the other side, so each query uses the key.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from mailadmin.core.fields import live_key_collation
from mailadmin.mailserver import conf
from mailadmin.mailserver.dialects import DIALECTS, VENDOR_ENGINES, Dialect

SIEVE_LOCATION = "dict:proxy::sieve;name=vacation;bindir=~/sieve-bin"
"""Where Dovecot's Sieve finds the vacation reply: the `sieve` dictionary, which reads our view."""

REFUSAL = "550 5.1.1 This address is switched off"


class Runner(StrEnum):
    POSTFIX = "postfix"
    DOVECOT = "dovecot"


@dataclass(frozen=True)
class Lookup:
    """A query: what it is asked, what it answers, and its SQL per engine (mysql, pgsql, sqlite).

    `sql` may hold `{uid}`, `{gid}` and `{mail_base}`, filled in from the settings when it is rendered or run.
    """

    name: str
    runner: Runner
    asked: str
    answers: str
    sql: Mapping[str, str]


Writer = Callable[[Dialect], str]


def _postfix(name: str, asked: str, answers: str, write: Writer) -> Lookup:
    return _lookup(name, Runner.POSTFIX, asked, answers, write)


def _dovecot(name: str, asked: str, answers: str, write: Writer) -> Lookup:
    return _lookup(name, Runner.DOVECOT, asked, answers, write)


def _lookup(name: str, runner: Runner, asked: str, answers: str, write: Writer) -> Lookup:
    sql = {engine: write(dialect).strip() for engine, dialect in DIALECTS.items()}
    return Lookup(name, runner, asked, answers, sql)


DOMAINS = _postfix(
    "domains",
    "a domain",
    "its name, if it is on and its mailboxes are here",
    lambda d: (
        f"""
SELECT d.domain
FROM domain d
WHERE d.domain = '%s' AND {d.on("d.active")} AND {d.off("d.backupmx")}"""
    ),
)

RELAY_DOMAINS = _postfix(
    "relay_domains",
    "a domain",
    "its name, if it is on and this server is its backup MX",
    lambda d: (
        f"""
SELECT d.domain
FROM domain d
WHERE d.domain = '%s' AND {d.on("d.active")} AND {d.on("d.backupmx")}"""
    ),
)

# A backup MX domain without any alias row takes mail for every address, as PostfixAdmin's users know it.
RELAY_RECIPIENTS = _postfix(
    "relay_recipients",
    "an address, or `@domain`, of a backup MX domain",
    "something, if mail for it is taken: an alias row says so, or the domain lists no address at all",
    lambda d: (
        f"""
SELECT COALESCE(a.address, d.domain)
FROM domain d
LEFT JOIN alias a ON a.address = '%s' AND {d.on("a.active")}
WHERE d.domain = '%d' AND {d.on("d.active")} AND {d.on("d.backupmx")}
  AND (a.address IS NOT NULL
    OR '%s' = '@%d' AND NOT EXISTS (SELECT 1 FROM alias x WHERE x.domain = '%d'))"""
    ),
)

MAILBOXES = _postfix(
    "mailboxes",
    "an address",
    "the maildir of its mailbox, if the mailbox and its domain are on",
    lambda d: (
        f"""
SELECT m.maildir
FROM domain d
JOIN mailbox m ON m.username = '%s' AND {d.on("m.active")}
WHERE d.domain = '%d' AND {d.on("d.active")}"""
    ),
)


def _through_alias_domain(d: Dialect) -> str:
    """Return the FROM part that leads from an alias domain to its target, where all three rows are on."""
    return f"""FROM alias_domain ad
JOIN domain o ON o.domain = '%d' AND {d.on("o.active")}
JOIN domain t ON t.domain = ad.target_domain AND {d.on("t.active")}"""


def _at_target(d: Dialect) -> str:
    return d.join("'%u'", "'@'", "ad.target_domain")


ALIASDOM_MAILBOXES = _postfix(
    "aliasdom_mailboxes",
    "an address of an alias domain",
    "the maildir of the mailbox of that local part at the target domain",
    lambda d: (
        f"""
SELECT m.maildir
{_through_alias_domain(d)}
JOIN mailbox m ON m.username = {_at_target(d)} AND {d.on("m.active")}
WHERE ad.alias_domain = '%d' AND {d.on("ad.active")}"""
    ),
)

# The row of a switched-off mailbox must not forward, even where some other program left its alias row on.
ALIASES = _postfix(
    "aliases",
    "an address or `@domain`",
    "the targets of its alias row",
    lambda d: (
        f"""
SELECT a.goto
FROM domain d
JOIN alias a ON a.address = '%s' AND {d.on("a.active")}
LEFT JOIN mailbox m ON m.username = '%s' AND {d.off("m.active")}
WHERE d.domain = '%d' AND {d.on("d.active")} AND m.username IS NULL"""
    ),
)

# '%u@%d' is the whole key again; %u keeps Postfix from asking for `@domain`, where an answer would take any address.
SELF = _postfix(
    "self",
    "an address",
    "the address itself, if a mailbox or alias has it, on or off: so that it never falls to the catch-all",
    lambda d: (
        f"""
SELECT COALESCE(m.username, a.address)
FROM domain d
LEFT JOIN mailbox m ON m.username = '%u@%d'
LEFT JOIN alias a ON a.address = '%u@%d'
WHERE d.domain = '%d' AND {d.on("d.active")} AND COALESCE(m.username, a.address) IS NOT NULL"""
    ),
)

ALIASDOM_ALIASES = _postfix(
    "aliasdom_aliases",
    "an address of an alias domain",
    "the targets of the alias of that local part at the target domain",
    lambda d: (
        f"""
SELECT a.goto
{_through_alias_domain(d)}
JOIN alias a ON a.address = {_at_target(d)} AND {d.on("a.active")}
LEFT JOIN mailbox m ON m.username = {_at_target(d)} AND {d.off("m.active")}
WHERE ad.alias_domain = '%d' AND {d.on("ad.active")} AND m.username IS NULL"""
    ),
)

ALIASDOM_SELF = _postfix(
    "aliasdom_self",
    "an address of an alias domain",
    "the same local part at the target domain, if a mailbox or alias has it, on or off",
    lambda d: (
        f"""
SELECT COALESCE(m.username, a.address)
{_through_alias_domain(d)}
LEFT JOIN mailbox m ON m.username = {_at_target(d)}
LEFT JOIN alias a ON a.address = {_at_target(d)}
WHERE ad.alias_domain = '%d' AND {d.on("ad.active")} AND COALESCE(m.username, a.address) IS NOT NULL"""
    ),
)

# Postfix asks for the full address before `@domain`; answering the former would take mail from existing addresses.
ALIASDOM_CATCHALL = _postfix(
    "aliasdom_catchall",
    "`@domain` of an alias domain",
    "the targets of the target domain's catch-all",
    lambda d: (
        f"""
SELECT a.goto
{_through_alias_domain(d)}
JOIN alias a ON a.address = {d.join("'@'", "ad.target_domain")} AND {d.on("a.active")}
WHERE ad.alias_domain = '%d' AND {d.on("ad.active")} AND '%s' = '@%d'"""
    ),
)

# Rows at the alias domain itself count first, as in the maps; a mailbox decides before its alias row. Two halves rather
# than one chain of outer joins: MariaDB scans the table after an outer join that found nothing.
SWITCHED_OFF = _postfix(
    "switched_off",
    "a recipient's address",
    "a refusal, if it is switched off; DUNNO, if it is on",
    lambda d: (
        f"""
SELECT CASE WHEN {d.on("COALESCE(m.active, a.active)")} THEN 'DUNNO' ELSE '{REFUSAL}' END
FROM domain d
LEFT JOIN mailbox m ON m.username = '%u@%d'
LEFT JOIN alias a ON a.address = '%u@%d'
WHERE d.domain = '%d' AND {d.on("d.active")} AND COALESCE(m.username, a.address) IS NOT NULL
UNION ALL
SELECT CASE WHEN {d.on("COALESCE(m.active, a.active)")} THEN 'DUNNO' ELSE '{REFUSAL}' END
{_through_alias_domain(d)}
LEFT JOIN mailbox m ON m.username = {_at_target(d)}
LEFT JOIN alias a ON a.address = {_at_target(d)}
WHERE ad.alias_domain = '%d' AND {d.on("ad.active")} AND COALESCE(m.username, a.address) IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM mailbox x WHERE x.username = '%u@%d')
  AND NOT EXISTS (SELECT 1 FROM alias x WHERE x.address = '%u@%d')"""
    ),
)

TRANSPORT = _postfix(
    "transport",
    "a domain",
    "its transport, where it is not the ordinary one",
    lambda d: (
        f"""
SELECT d.transport
FROM domain d
WHERE d.domain = '%s' AND {d.on("d.active")} AND d.transport NOT IN ('', 'virtual')"""
    ),
)

# A mailbox's address is its user's alone: a forward does not let its receiver send in the user's name.
SENDER_LOGINS = _postfix(
    "sender_logins",
    "a sender's address or `@domain`",
    "the users that may send with it: of a mailbox its user, of an alias its targets",
    lambda d: (
        f"""
SELECT COALESCE(m.username, a.goto)
FROM domain d
LEFT JOIN mailbox m ON m.username = '%s'
LEFT JOIN alias a ON a.address = '%s' AND {d.on("a.active")}
WHERE d.domain = '%d' AND {d.on("d.active")}
  AND (m.username IS NULL AND a.address IS NOT NULL OR {d.on("m.active")} AND {d.on("m.smtp_active")})"""
    ),
)

ALIASDOM_SENDER_LOGINS = _postfix(
    "aliasdom_sender_logins",
    "a sender's address at an alias domain",
    "the users that may send with that local part at the target domain",
    lambda d: (
        f"""
SELECT COALESCE(m.username, a.goto)
{_through_alias_domain(d)}
LEFT JOIN mailbox m ON m.username = {_at_target(d)}
LEFT JOIN alias a ON a.address = {_at_target(d)} AND {d.on("a.active")}
WHERE ad.alias_domain = '%d' AND {d.on("ad.active")}
  AND (m.username IS NULL AND a.address IS NOT NULL OR {d.on("m.active")} AND {d.on("m.smtp_active")})"""
    ),
)

MAILBOX_LIMITS = _postfix(
    "mailbox_limits",
    "an address",
    "the quota of its mailbox in bytes, 0 for unlimited: for servers that deliver with virtual(8)",
    lambda d: (
        f"""
SELECT {d.at_least_zero("m.quota")}
FROM mailbox m
WHERE m.username = '%s' AND {d.on("m.active")}"""
    ),
)


def _home(d: Dialect) -> str:
    return d.join("'{mail_base}/'", "m.maildir")


def _quota_rule(d: Dialect) -> str:
    # A negative quota would make Dovecot put off every delivery.
    return d.join("'*:bytes='", d.at_least_zero("m.quota"))


# Only the submission services ask about smtp_active, so the user still reads mail. %c is TLS for a connection that has
# it: Dovecot itself would take a clear one from its own host for secure, Postfix sees to its own (smtpd_tls_auth_only).
# The userdb_ fields spare a second query.
PASSWORD_QUERY = _dovecot(
    "password_query",
    "a user name, the service, and whether the connection has TLS",
    "the stored password, and what user_query answers",
    lambda d: (
        f"""
SELECT m.username AS user, m.password AS password,
  {{uid}} AS userdb_uid, {{gid}} AS userdb_gid, {_home(d)} AS userdb_home, {_quota_rule(d)} AS userdb_quota_rule
FROM domain d
JOIN mailbox m ON m.username = '%u' AND {d.on("m.active")}
WHERE d.domain = '%d' AND {d.on("d.active")}
  AND ('%s' NOT IN ('smtp', 'submission') OR {d.on("m.smtp_active")})
  AND ('%s' NOT IN ('imap', 'pop3', 'sieve') OR '%c' = 'TLS')"""
    ),
)

# The scalar subquery is NULL for everybody who is not on vacation: they cost no Sieve lookup, and a broken view holds
# up only the mail of people who are.
USER_QUERY = _dovecot(
    "user_query",
    "a user name",
    "user and group id, home, quota, and the vacation script where one is due now",
    lambda d: (
        f"""
SELECT {{uid}} AS uid, {{gid}} AS gid, {_home(d)} AS home, {_quota_rule(d)} AS quota_rule,
  (SELECT '{SIEVE_LOCATION}' FROM vacation v
   WHERE v.email = '%u' AND {d.on("v.active")} AND {d.now} BETWEEN v.activefrom AND v.activeuntil) AS sieve_before
FROM domain d
JOIN mailbox m ON m.username = '%u' AND {d.on("m.active")}
WHERE d.domain = '%d' AND {d.on("d.active")}"""
    ),
)

ITERATE_QUERY = _dovecot(
    "iterate_query",
    "nothing",
    "every user that may sign in, for `doveadm -A`",
    lambda d: (
        f"""
SELECT m.username AS user
FROM mailbox m
JOIN domain d ON d.domain = m.domain AND {d.on("d.active")}
WHERE {d.on("m.active")}"""
    ),
)

ALL = (
    DOMAINS,
    RELAY_DOMAINS,
    RELAY_RECIPIENTS,
    MAILBOXES,
    ALIASDOM_MAILBOXES,
    ALIASES,
    SELF,
    ALIASDOM_ALIASES,
    ALIASDOM_SELF,
    ALIASDOM_CATCHALL,
    SWITCHED_OFF,
    TRANSPORT,
    SENDER_LOGINS,
    ALIASDOM_SENDER_LOGINS,
    MAILBOX_LIMITS,
    PASSWORD_QUERY,
    USER_QUERY,
    ITERATE_QUERY,
)
LOOKUPS = {lookup.name: lookup for lookup in ALL}


@dataclass(frozen=True)
class Table:
    """A table that Dovecot reads and writes as a dictionary: `maps` are (pattern, value column, fields)."""

    name: str
    table: str
    maps: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]


QUOTA_DICT = Table(
    "quota",
    "quota2",
    (("priv/quota/storage", "bytes", ()), ("priv/quota/messages", "messages", ())),
)
SIEVE_DICT = Table(
    "sieve",
    "mailadmin_vacation_script",
    (
        ("priv/sieve/name/$script_name", "id", (("script_name", "$script_name"),)),
        ("priv/sieve/data/$id", "script_data", (("id", "$id"),)),
    ),
)

VIRTUAL_ALIAS_MAPS = (ALIASES, SELF, ALIASDOM_ALIASES, ALIASDOM_SELF, ALIASDOM_CATCHALL)
VIRTUAL_MAILBOX_MAPS = (MAILBOXES, ALIASDOM_MAILBOXES)
SENDER_LOGIN_MAPS = (SENDER_LOGINS, ALIASDOM_SENDER_LOGINS)
"""The maps in the order in which main.cf names them; the order decides (docs/mailserver.md)."""


def text(lookup: Lookup, engine: str) -> str:
    """Return the query for an engine, with the settings filled in."""
    sql = lookup.sql[engine]
    if lookup.runner is Runner.POSTFIX:
        return sql
    server = conf.load()
    return sql.format(uid=server.uid, gid=server.gid, mail_base=server.mail_base)


def run(lookup: Lookup, key: str, *, using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Ask a lookup of Postfix as Postfix would, and return the values of its answer; `postmap` prints them with commas.

    Source: db_common(3) of Postfix for the placeholders, mysql_table(5), pgsql_table(5), sqlite_table(5).
    """
    if not can_be_asked(lookup, key) or not can_be_stored(key, using):
        return []
    folded = fold(key)
    local_part, at, domain = folded.rpartition("@")
    values = {"s": folded, "u": local_part if at else folded, "d": domain}
    return [str(value) for row in _rows(lookup, values, using) for value in row.values() if value not in (None, "")]


def run_dovecot(
    lookup: Lookup, user: str = "", *, service: str = "imap", tls: bool = True, using: str = DEFAULT_DB_ALIAS
) -> list[dict[str, str]]:
    """Ask a Dovecot query as Dovecot would for a user of a service, and return its rows without the NULL fields."""
    folded = fold(user)
    if not _is_text(user) or not can_be_stored(user, using):
        return []
    values = {"u": folded, "d": folded.partition("@")[2], "s": service, "c": "TLS" if tls else ""}
    return [
        {name: str(value) for name, value in row.items() if value is not None} for row in _rows(lookup, values, using)
    ]


def can_be_asked(lookup: Lookup, key: str) -> bool:
    """Say whether Postfix would send the query: where it has %d, not without a domain; %u, not without a local part."""
    sql = lookup.sql["mysql"]
    at = key.rfind("@")
    has_domain = 0 <= at < len(key) - 1
    return bool(key) and _is_text(key) and (has_domain or "%d" not in sql) and (at != 0 or "%u" not in sql)


def _is_text(key: str) -> bool:
    """Say whether the key can reach a database at all: Postfix and Dovecot drop bytes that are not UTF-8 themselves."""
    try:
        return "\0" not in key and key.encode() is not None
    except UnicodeEncodeError:
        return False


_CODECS = {"latin1": "cp1252", "ascii": "ascii"}
"""What MariaDB calls them, and Python."""


def can_be_stored(key: str, using: str) -> bool:
    """Say whether the key columns could hold the text: MariaDB would answer with an error, not with no match.

    Postfix and Dovecot do not come this far: their configuration refuses what is not ASCII.
    """
    if key.isascii() or connections[using].vendor != "mysql":
        return True
    charset = live_key_collation(connections[using]).partition("_")[0]
    try:
        return bool(key.encode(_CODECS.get(charset, "utf-8"))) and (charset == "utf8mb4" or max(key) < "\U00010000")
    except UnicodeEncodeError:
        return False


def fold(key: str) -> str:
    """Fold as Postfix does with smtputf8_enable=no, and Dovecot with %Lu: the ASCII letters only."""
    return re.sub(r"[A-Z]+", lambda match: match.group().lower(), key)


def _rows(lookup: Lookup, values: Mapping[str, str], using: str) -> list[dict[str, Any]]:
    connection = connections[using]
    sql, parameters = bind(text(lookup, VENDOR_ENGINES[connection.vendor]), values)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def bind(sql: str, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the query with `%s` for each quoted literal that has placeholders, and the parameters to bind there."""
    parameters: list[str] = []

    def take(match: re.Match[str]) -> str:
        literal = match.group(1)
        if "%" not in literal:
            return match.group()
        parameters.append(re.sub("%([sudc])", lambda placeholder: values[placeholder.group(1)], literal))
        return "%s"

    return re.sub(r"'([^']*)'", take, sql), parameters
