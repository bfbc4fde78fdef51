"""The queries of Postfix and Dovecot beside a bare look-up by primary key; runs inside the panel, see inside.py."""

import statistics
import string
import time
from typing import Any

from django.db import connection

from aliases.limit import without_mailboxes
from aliases.models import Alias
from domains.models import AliasDomain, Domain
from mailadmin.mailserver.dialects import VENDOR_ENGINES
from mailadmin.mailserver.lookups import ALL, ITERATE_QUERY, bind, text
from mailboxes.models import Mailbox

BARE = "SELECT maildir FROM mailbox WHERE username = %s"
KEYS = 200


def measure(rounds: int) -> list[dict[str, Any]]:
    """Return the median microseconds of each query and of the bare one, asked in turn for the same keys."""
    mailboxes = _some(Mailbox.objects.filter(active=True, smtp_active=True), "username")
    aliases = _some(without_mailboxes(Alias.objects.filter(active=True)), "address")
    domains = _some(Domain.objects.real().filter(active=True), "domain")
    mirrors = dict(AliasDomain.objects.values_list("target_domain", "alias_domain")[:KEYS])
    at_mirrors = []
    for target, mirror in mirrors.items():
        for username in Mailbox.objects.filter(domain=target, active=True).values_list("username", flat=True)[:2]:
            at_mirrors.append(f"{username.partition('@')[0]}@{mirror}")
    asked = {"aliases": aliases, "domains": domains, "relay_domains": domains, "transport": domains}
    asked["relay_recipients"] = mailboxes
    engine = VENDOR_ENGINES[connection.vendor]
    connection.ensure_connection()
    cursor = connection.connection.cursor()
    mark = "?" if connection.vendor == "sqlite" else "%s"
    found = []
    for lookup in ALL:
        if lookup is ITERATE_QUERY:
            continue
        keys = at_mirrors if lookup.name.startswith("aliasdom") else asked.get(lookup.name, mailboxes)
        if lookup.name == "aliasdom_catchall":
            keys = [f"@{mirror}" for mirror in mirrors.values()]
        times: list[float] = []
        bare: list[float] = []
        answers = 0
        for number in range(rounds):
            key, name = keys[number % len(keys)], mailboxes[number % len(mailboxes)]
            local_part, _at, domain = key.rpartition("@")
            dovecot = lookup.runner == "dovecot"
            values = {"s": "imap" if dovecot else key, "u": key if dovecot else local_part, "d": domain, "c": "TLS"}
            sql, parameters = bind(text(lookup, engine), values)
            # In turn: whoever asks for a row first waits for it to come into the processor's cache.
            bare_first = (number + number // len(keys)) % 2
            if bare_first:
                bare.append(_ask(cursor, BARE.replace("%s", mark), [name])[0])
            spent, rows = _ask(cursor, sql.replace("%s", mark), parameters)
            times.append(spent)
            if not bare_first:
                bare.append(_ask(cursor, BARE.replace("%s", mark), [name])[0])
            answers += bool(rows)
        sql = text(lookup, engine)
        found.append(
            {
                "name": lookup.name,
                "tables": sql.count("JOIN ") + sql.count("FROM "),
                "micro": statistics.median(times) * 1e6,
                "bare": statistics.median(bare) * 1e6,
                "answered": answers / rounds,
            }
        )
    return found


def _some(rows: Any, column: str) -> list[str]:
    """Return names from all over the table."""
    names: list[str] = []
    for letter in string.ascii_lowercase:
        found = rows.filter(**{f"{column}__gte": letter}).order_by(column)
        names += found.values_list(column, flat=True)[: KEYS // 20]
    return names


def _ask(cursor: Any, sql: str, parameters: list[str] | None) -> tuple[float, int]:
    # Postfix and Dovecot fill the text in themselves, in C: not what is measured here.
    if hasattr(cursor, "mogrify"):
        sql, parameters = cursor.mogrify(sql, parameters), None
    started = time.perf_counter()
    cursor.execute(sql, parameters)
    rows = cursor.fetchall()
    return time.perf_counter() - started, len(rows)
