"""A population that grows by set-based SQL: the same shape at any size, half of it in one domain."""

import datetime as dt
from string import Template
from typing import Any

from django.db import connection

from mailadmin.sweep.services import sweep_all

BIG = "big.example"
GRANTED = 200
"""How many domains the domain admin has: BIG and the small ones."""

SUPERADMIN, ADMIN = "alice@ops.example", "bob@ops.example"
USER = f"u1000002@{BIG}"
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

# Of the number n: even ones live in BIG, odd ones in one of the small domains. States are spread evenly, two fifths
# each; what is rare has three rows at every size. Of domains, alias domains and admins there are fewer, and a
# domain's alias domains and admins do not become more.
_DOMAIN = f"CASE WHEN n % 2 = 0 THEN '{BIG}' ELSE concat('small', n / 2 % {GRANTED - 1}, '.example') END"
_FEW = "FROM $numbers WHERE n % 20 < 8"
_STATEMENTS = [
    f"""INSERT INTO domain
    (domain, description, aliases, mailboxes, maxquota, quota, transport, backupmx, created, modified, active)
    SELECT concat('d', 1000000 + n, '.example'), concat('Customer ', n * 7919 % 1000003), 0, 0, 0, 0, 'virtual',
        n < 3, $now, $now, n % 20 <> 3
    {_FEW}""",
    """INSERT INTO mailbox
    (username, password, name, maildir, quota, local_part, domain, created, modified, active, phone, email_other, token,
        smtp_active)
    SELECT concat('u', 1000000 + n, '@', $domain), 'x', concat('Person ', n * 7919 % 1000003),
        concat($domain, '/', n, '/'), (1 + n * 7919 % 5003) * 1048576, concat('u', 1000000 + n), $domain, $now, $now,
        n % 20 NOT BETWEEN 4 AND 11, '', '', '', n NOT IN (12, 14, 16)
    FROM $numbers""",
    """INSERT INTO quota2 (username, bytes, messages)
    SELECT concat('u', 1000000 + n, '@', $domain),
        (1 + n * 7919 % 5003) * CASE WHEN n % 20 >= 12 THEN 1040000 ELSE 100000 END, n % 977
    FROM $numbers""",
    # A mailbox's own row, then its neighbour in the order of addresses, an alias.
    """INSERT INTO alias (address, goto, domain, created, modified, active, description)
    SELECT concat('u', 1000000 + n, '@', $domain), concat('u', 1000000 + n, '@', $domain), $domain, $now, $now, $yes, ''
    FROM $numbers""",
    """INSERT INTO alias (address, goto, domain, created, modified, active, description)
    SELECT concat('u', 1000000 + n, '-team@', $domain), concat('u', 1000000 + n, '@', $domain), $domain, $now, $now,
        n % 20 NOT BETWEEN 4 AND 11, concat('Team ', n)
    FROM $numbers""",
    """INSERT INTO mailadmin_alias_target (target, target_domain, address)
    SELECT concat('u', 1000000 + n, '@', $domain), $domain, concat('u', 1000000 + n, '@', $domain) FROM $numbers""",
    """INSERT INTO mailadmin_alias_target (target, target_domain, address)
    SELECT concat('u', 1000000 + n, '@', $domain), $domain, concat('u', 1000000 + n, '-team@', $domain)
    FROM $numbers""",
    f"""INSERT INTO alias_domain (alias_domain, target_domain, created, modified, active, description)
    SELECT concat('d', 1000000 + n, '.example'),
        CASE WHEN n <= 1000 THEN $domain ELSE concat('small', n % {GRANTED - 1}, '.example') END,
        $now, $now, n % 40 < 20, '' FROM $numbers WHERE n % 20 < 4""",
    """INSERT INTO vacation (email, subject, body, cache, domain, created, active)
    SELECT concat('u', 1000000 + n, '@', $domain), 'Away', 'Back soon.', '', $domain, $now, n % 20 < 10
    FROM $numbers WHERE n % 10 < 2""",
    f"""INSERT INTO admin
    (username, password, created, modified, active, superadmin, phone, email_other, token)
    SELECT concat('adm', 1000000 + n, '@ops.example'), 'x', $now, $now, n % 40 < 20, n % 20 = 1, '', '', '' {_FEW}""",
    f"""INSERT INTO domain_admins (username, domain, created, active)
    SELECT concat('adm', 1000000 + n, '@ops.example'),
        CASE WHEN n <= 1000 THEN $domain ELSE concat('small', n % {GRANTED - 1}, '.example') END, $now, $yes {_FEW}""",
    f"""INSERT INTO mailadmin_account (login, row_created, must_change_password, last_login, language, time_zone)
    SELECT concat('admin:adm', 1000000 + n, '@ops.example'), $now, $no, $now, '', '' {_FEW}""",
    """INSERT INTO log (timestamp, username, domain, action, data)
    SELECT $now, '$superadmin (192.0.2.1)', $domain, 'edit_mailbox', 'x' FROM $numbers""",
    """INSERT INTO mailadmin_audit_event
    (time, actor_kind, actor, via, ip, request_id, batch_id, action, target, domain, repeats)
    SELECT $moment, CASE WHEN n % 5 = 4 THEN 'superadmin' ELSE 'admin' END,
        CASE WHEN n % 5 = 4 THEN '$superadmin' WHEN n % 5 = 3 THEN '$admin'
            ELSE concat('adm', 1000000 + n % 40, '@ops.example') END, 'web', '192.0.2.1', '', '',
        CASE WHEN n % 20 = 4 THEN 'edit_alias' WHEN n % 20 = 5 THEN 'sign_in_failed' WHEN n % 20 = 8 THEN 'sign_in'
            WHEN n IN (11, 13, 15) THEN 'delete_domain' ELSE 'edit_mailbox' END,
        CASE WHEN n % 10 = 8 THEN '$user' ELSE concat('u', 1000000 + n, '@', $domain) END, $domain, 1
    FROM $numbers""",
    f"""INSERT INTO mailadmin_job
    (batch_id, kind, domain, actor_kind, actor, actor_since, via, ip, request_id, language, arguments, state, done,
        total, message, cancel_requested, attempts, token, created)
    SELECT concat('job-', 1000000 + n), 'mailboxes_off', '$big', 'admin', '$admin', $now, 'web', '', '', 'en',
        '{{"values": {{}}}}', 'done', 300, 300, '', $no, 1, '', $now {_FEW}""",
]


def fill(first: int, last: int) -> None:
    """Add the rows of the numbers from `first` to `last`, then the statistics and a sweep."""
    values: dict[str, Any] = {
        "numbers": _numbers(first, last),
        "domain": _integer_division(_DOMAIN),
        "now": "'2026-01-01 00:00:00'",
        "moment": _moment(),
        "yes": "true",
        "no": "false",
        "superadmin": SUPERADMIN,
        "admin": ADMIN,
        "user": USER,
        "big": BIG,
    }
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            connection.connection.create_function("concat", -1, lambda *parts: "".join(map(str, parts)))
        for statement in _STATEMENTS:
            cursor.execute(Template(statement).substitute(values))
        tables = sorted({statement.split()[2] for statement in _STATEMENTS} | {"mailadmin_domain"})
        if connection.vendor == "mysql":
            cursor.execute(f"ANALYZE TABLE {', '.join(tables)}")
        else:
            cursor.execute("ANALYZE")
    sweep_all()


def _numbers(first: int, last: int) -> str:
    match connection.vendor:
        case "mysql":
            return f"(SELECT seq AS n FROM seq_{first}_to_{last}) AS numbers"
        case "postgresql":
            return f"generate_series({first}, {last}) AS numbers(n)"
    series = f"SELECT {first} AS n UNION ALL SELECT n + 1 FROM series WHERE n < {last}"
    return f"(WITH RECURSIVE series AS ({series}) SELECT n FROM series) AS numbers"


def _integer_division(sql: str) -> str:
    return sql.replace("n / 2", "n DIV 2") if connection.vendor == "mysql" else sql


def _moment() -> str:
    """Return one minute more for each number: events in the order of their keys."""
    match connection.vendor:
        case "mysql":
            return "'2026-01-01 00:00:00' + INTERVAL n MINUTE"
        case "postgresql":
            return "timestamptz '2026-01-01 00:00:00+00' + n * interval '1 minute'"
    return "datetime('2026-01-01 00:00:00', concat('+', n, ' minutes'))"
