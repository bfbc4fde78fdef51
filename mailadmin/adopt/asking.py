"""Asking a lookup for thousands of keys with one statement.

The query stays the one that Postfix or Dovecot runs; only its placeholders stand for columns of a temporary table of
keys, which is joined before all else. What `lookups.run` and `run_dovecot` answer key by key, this answers at once.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from types import TracebackType
from typing import Any, Self

from django.db import connection

from mailadmin.core.batches import in_batches
from mailadmin.core.fields import live_key_collation
from mailadmin.mailserver import lookups
from mailadmin.mailserver.dialects import DIALECTS, VENDOR_ENGINES
from mailadmin.mailserver.lookups import Lookup, Runner

TABLE = "mailadmin_asked"
# STRAIGHT_JOIN, and SQLite's CROSS JOIN, keep the keys in front: each of them finds its rows by their key.
_FIRST = {"mysql": "STRAIGHT_JOIN", "pgsql": "CROSS JOIN", "sqlite": "CROSS JOIN"}
_COLUMNS = {Runner.POSTFIX: {"s": "k.s", "u": "k.u", "d": "k.d"}, Runner.DOVECOT: {"u": "k.s", "d": "k.r"}}
"""What the placeholders stand for: the key, its local part, its domain, and all after its first @."""
_INSERTED = 200
"""Keys in one INSERT: four parameters each, within SQLite's 999."""


class Asking:
    """The temporary table of keys; `ask` fills it, `answers` and `rows` ask for all keys in it.

    alias_domains: the names of all alias domains, where they are known: queries that begin with them are spared where
    no key is at one, for they could answer nothing.
    """

    def __init__(self, alias_domains: Collection[str] | None = None) -> None:
        self.engine = VENDOR_ENGINES[connection.vendor]
        self._alias_domains = alias_domains
        self._spares_alias_domains = False
        self._keys: list[str] = []
        self._analyzed = False

    def __enter__(self) -> Self:
        text = "text"
        if self.engine == "mysql":
            collation = live_key_collation(connection)
            charset = collation.partition("_")[0]
            text = f"varchar(255) CHARACTER SET {charset} COLLATE {collation} NOT NULL"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE {TABLE} (s {text}, u {text}, d {text}, r {text})")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        temporary = "TEMPORARY " if self.engine == "mysql" else ""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP {temporary}TABLE IF EXISTS {TABLE}")

    def ask(self, keys: Iterable[str]) -> None:
        """Take these keys, folded as Postfix and Dovecot fold them, in place of the ones before."""
        folded = dict.fromkeys(lookups.fold(key) for key in keys)
        self._keys = [key for key in folded if len(key) <= 255 and lookups.can_be_stored(key, "default")]
        if self._alias_domains is not None:
            names = {key.rpartition("@")[2] for key in self._keys}
            self._spares_alias_domains = names.isdisjoint(self._alias_domains)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {TABLE}")
            for batch in in_batches(self._keys, _INSERTED):
                values = ", ".join(["(%s, %s, %s, %s)"] * len(batch))
                cursor.execute(f"INSERT INTO {TABLE} (s, u, d, r) VALUES {values}", _columns(batch))
            if self.engine == "pgsql" and not self._analyzed:
                cursor.execute(f"ANALYZE {TABLE}")
                self._analyzed = True

    def answers(self, lookup: Lookup) -> dict[str, list[str]]:
        """Return what a lookup of Postfix answers, by key; keys without an answer are absent."""
        found: dict[str, list[str]] = defaultdict(list)
        for _names, rows in self._run(lookup, {}):
            for key, *values in rows:
                if lookups.can_be_asked(lookup, key):
                    found[key] += [str(value) for value in values if value not in (None, "")]
        return {key: values for key, values in found.items() if values}

    def rows(self, lookup: Lookup, *, service: str = "imap") -> dict[str, list[dict[str, str]]]:
        """Return the rows of a Dovecot query without their NULL fields, by user, for a service over TLS."""
        found: dict[str, list[dict[str, str]]] = defaultdict(list)
        for names, rows in self._run(lookup, {"s": service, "c": "TLS"}):
            for key, *values in rows:
                told = {name: str(value) for name, value in zip(names, values, strict=True) if value is not None}
                found[key].append(told)
        return dict(found)

    def _run(self, lookup: Lookup, constants: dict[str, str]) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
        """Yield the names of the columns beside the key, and the rows, of each part of the query."""
        # MySQL opens a temporary table once in a statement.
        for part in lookups.text(lookup, self.engine).split("UNION ALL"):
            if self._spares_alias_domains and re.search(r"^FROM alias_domain\b", part, re.MULTILINE):
                continue
            with connection.cursor() as cursor:
                cursor.execute(for_all_keys(part, lookup.runner, self.engine, constants))
                yield [column[0] for column in cursor.description][1:], cursor.fetchall()


def for_all_keys(sql: str, runner: Runner, engine: str, constants: dict[str, str]) -> str:
    """Return the query over the table of keys, each key in its first column; `constants` are other placeholders."""
    columns = _COLUMNS[runner] | {name: f"'{text}'" for name, text in constants.items()}

    def written(match: re.Match[str]) -> str:
        pieces = re.split("%([sudc])", match.group(1))
        if len(pieces) == 1:
            return match.group()
        parts = [columns[piece] if at % 2 else f"'{piece}'" for at, piece in enumerate(pieces) if at % 2 or piece]
        return parts[0] if len(parts) == 1 else DIALECTS[engine].join(*parts)

    sql = re.sub(r"'([^']*)'", written, lookups.decide(sql.strip(), constants))
    sql = re.sub(r"\ASELECT ", "SELECT k.s AS asked, ", sql)
    return re.sub(r"^FROM ", f"FROM {TABLE} k {_FIRST[engine]} ", sql, count=1, flags=re.MULTILINE)


def _columns(keys: list[str]) -> list[str]:
    values: list[str] = []
    for key in keys:
        local_part, at, domain = key.rpartition("@")
        values += [key, local_part if at else key, domain, key.partition("@")[2]]
    return values
