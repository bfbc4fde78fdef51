"""Asking a lookup through Django what Postfix or Dovecot would be answered."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from mailadmin.core.fields import live_key_collation
from mailadmin.core.passwords import enabled_mechanisms
from mailadmin.mailserver import conf
from mailadmin.mailserver.dialects import VENDOR_ENGINES
from mailadmin.mailserver.lookups.dovecot import CREDENTIAL, NO_CREDENTIAL, USER_QUERY_WITHOUT_REPLY
from mailadmin.mailserver.lookups.form import Lookup, Runner


def text(lookup: Lookup, engine: str) -> str:
    """Return the query for an engine, with the settings filled in."""
    if lookup.name == USER_QUERY_WITHOUT_REPLY.name and settings.MAILADMIN_VACATION == "transport":
        lookup = USER_QUERY_WITHOUT_REPLY
    sql = lookup.sql[engine]
    if lookup.runner is Runner.POSTFIX:
        return sql
    server = conf.load()
    values = {"uid": str(server.uid), "gid": str(server.gid), "mail_base": server.mail_base}
    values |= CREDENTIAL if enabled_mechanisms() else NO_CREDENTIAL
    return re.sub(r"\{(uid|gid|mail_base|password|credential)\}", lambda name: values[name.group(1)], sql)


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
    lookup: Lookup,
    user: str = "",
    *,
    service: str = "imap",
    tls: bool = True,
    mechanism: str = "PLAIN",
    password: str = "",
    using: str = DEFAULT_DB_ALIAS,
) -> list[dict[str, str]]:
    """Ask a Dovecot query as Dovecot would for a user of a service, and return its rows without the NULL fields."""
    folded = fold(user)
    if not _is_text(user) or not can_be_stored(user, using):
        return []
    values = {"u": folded, "d": folded.partition("@")[2], "s": service, "c": "TLS" if tls else "", "m": mechanism}
    values[PASSWORD_DIGEST] = hashlib.sha256(password.encode()).hexdigest()
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


PASSWORD_DIGEST = "{sha256:password}"
"""Dovecot's variable of the digest of what was typed, as `bind` takes it."""

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
        parameters.append(_fill(literal, values))
        return "%s"

    return re.sub(r"'([^']*)'", take, decide(sql, values)), parameters


def decide(sql: str, values: Mapping[str, str]) -> str:
    """Return the query with Dovecot's conditionals decided, by the values that they ask about."""
    return re.sub(
        r"%\{if;([^;}]*);~;([^;}]*);([^;}]*);([^;}]*)\}",
        lambda match: match[3] if re.search(match[2], _fill(match[1], values)) else match[4],
        sql,
    )


def _fill(text: str, values: Mapping[str, str]) -> str:
    return re.sub("%([sudcm]|{sha256:password})", lambda placeholder: values.get(placeholder.group(1), ""), text)
