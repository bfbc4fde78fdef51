"""The vacation reply as a Sieve script that Dovecot reads from a view.

`vacation` is the one truth: no file, no process, no alias entry, nothing left after the end date. Dovecot's dictionary
asks for the id of a user's script with each delivery, and for its text when the id changed. The script is one line:
Dovecot's newer dictionaries read no more. What Dovecot's own rules let through (RFC 5230, 4.5 and 4.6) and nobody waits
at is tested for in the script.

Sources: RFC 5228 (2.4.2.4 encoded-character, 5.4 envelope), RFC 5230 (vacation), RFC 6131 (vacation-seconds),
Pigeonhole's `dict` script storage.
"""

import hashlib

from mailadmin.core.automatic_mail import AUTOMATIC, ROBOTS, SENDER_HEADERS
from mailadmin.mailserver.dialects import DIALECTS, Dialect

SCRIPT_VIEW = "mailadmin_vacation_script"
ID_VIEW = "mailadmin_vacation_id"
TEXT_VIEW = "mailadmin_vacation_text"
READ_VIEWS = (ID_VIEW, SCRIPT_VIEW)
"""What Dovecot reads: with each delivery the id, which is quickly found, and the script when the id is new."""
VIEWS = (SCRIPT_VIEW, ID_VIEW, TEXT_VIEW)
REVISION_TABLE = "mailadmin_vacation_revision"
SCRIPT_NAME = "vacation"
_NAME = f"'{SCRIPT_NAME}' AS script_name"

ONCE = 31536000
"""Seconds between two replies to one sender where `interval_time` says "once": a year, as RFC 6131 has no "never"."""

EVERY_MESSAGE = 1
"""What `interval_time` holds where every message is answered, as PostfixAdmin's users know it."""

# Each change of these tables can change a script; the triggers are named for the second word. SQLite has no digest
# function that Dovecot could ask for.
WATCHED = {
    "vacation": "vacation",
    "mailadmin_vacation": "more",
    "alias": "alias",
    "alias_domain": "alias_domain",
    "mailadmin_alias_target": "alias_target",
}


INSIDE_BODY = "COALESCE(m.inside_body, '')"
OWN_ADDRESSES = '[""]'
"""Stands for the list of own addresses while the script is put together: to find them takes longer than all the rest,
so it is done once. No text of the user can hold this, for each of its quotes follows a backslash."""


def create_statements(engine: str) -> list[str]:
    """Return the statements that make or remake the views, for mysql, pgsql or sqlite."""
    d = DIALECTS[engine]
    revision = _revision_statements() if engine == "sqlite" else []
    return [*drop_views(), *revision, _text_view(d), _id_view(d), _script_view(d)]


def drop_statements(engine: str) -> list[str]:
    """Return the statements that take away all that create_statements makes."""
    triggers = [f"DROP TRIGGER IF EXISTS {name}" for name in trigger_names()]
    revision = [*triggers, f"DROP TABLE IF EXISTS {REVISION_TABLE}"] if engine == "sqlite" else []
    return [*drop_views(), *revision]


def trigger_names() -> list[str]:
    """Return the names of SQLite's triggers."""
    return [_trigger(table, event) for table, event in _watched_events()]


def drop_views() -> list[str]:
    return [f"DROP VIEW IF EXISTS {view}" for view in VIEWS]


def _text_view(d: Dialect) -> str:
    """Return the view with one script for each vacation that is on and due now."""
    return _view(d, TEXT_VIEW, f"SELECT v.email AS username, {_script(d)} AS script_data\n{_due(d)}")


def _id_view(d: Dialect) -> str:
    """Return the view of the scripts' names, each change of a script being another name.

    MariaDB takes five times as long for the script as for all that it is made of, and finds it even where a query does
    not ask for it. SQLite has no digest.
    """
    found = {"mysql": f"md5({_stamp(d)})", "sqlite": f"'r' || (SELECT r.revision FROM {REVISION_TABLE} r)"}
    if d.engine in found:
        return _view(d, ID_VIEW, f"SELECT v.email AS username, {_NAME}, {found[d.engine]} AS id\n{_due(d)}")
    return _view(d, ID_VIEW, f"SELECT username, {_NAME}, md5(script_data) AS id FROM {TEXT_VIEW}")


def _script_view(d: Dialect) -> str:
    tables = f"{ID_VIEW} i JOIN {TEXT_VIEW} t ON t.username = i.username"
    return _view(d, SCRIPT_VIEW, f"SELECT i.username, i.script_name, i.id, t.script_data FROM {tables}")


def _view(d: Dialect, name: str, query: str) -> str:
    return f"CREATE {'SQL SECURITY DEFINER ' if d.engine == 'mysql' else ''}VIEW {name} AS\n{query}"


def _due(d: Dialect) -> str:
    # A NUL cannot stand in a script; SQLite cannot replace one either, so such a reply is not sent at all.
    texts = f"v.subject || v.body || {INSIDE_BODY}"
    no_nul = f" AND instr({texts}, {d.char(0)}) = 0" if d.engine == "sqlite" else ""
    return f"""FROM vacation v
LEFT JOIN mailadmin_vacation m ON m.email = v.email
WHERE {d.on("v.active")} AND {d.now} BETWEEN v.activefrom AND v.activeuntil{no_nul}"""


def _stamp(d: Dialect) -> str:
    """Return MariaDB's expression of all that a script is made of.

    The addresses are in it as their number and a checksum in which their order does not count.
    """
    form = hashlib.sha256(_script(d).encode()).hexdigest()[:16]
    address = "CONCAT(a.address, ' ', COALESCE(ad.alias_domain, ''))"
    aliases = f"""(SELECT CONCAT(COUNT(*), ' ', BIT_XOR(CRC32({address}))) FROM mailadmin_alias_target g
  JOIN alias a ON a.address = g.address AND {d.on("a.active")}
  LEFT JOIN alias_domain ad ON ad.target_domain = a.domain AND {d.on("ad.active")} WHERE g.target = v.email)"""
    domains = f"(SELECT CONCAT(COUNT(*), ' ', BIT_XOR(CRC32(ad.alias_domain))) {_own_alias_domains(d)})"
    texts = f"v.modified, v.interval_time, v.subject, v.body, {INSIDE_BODY}"
    return f"CONCAT_WS({d.char(0)}, '{form}', {texts}, {aliases}, {domains})"


def _revision_statements() -> list[str]:
    """Return the one-row table that counts changes, and its triggers."""
    columns = "(id integer PRIMARY KEY CHECK (id = 1), revision integer NOT NULL)"
    table = f"CREATE TABLE IF NOT EXISTS {REVISION_TABLE} {columns}"
    row = f"INSERT OR IGNORE INTO {REVISION_TABLE} (id, revision) VALUES (1, 1)"
    triggers = [
        f"CREATE TRIGGER IF NOT EXISTS {_trigger(table, event)} AFTER {event} ON {table}"
        f" BEGIN UPDATE {REVISION_TABLE} SET revision = revision + 1; END"
        for table, event in _watched_events()
    ]
    return [table, row, *triggers]


def _watched_events() -> list[tuple[str, str]]:
    return [(table, event) for table in WATCHED for event in ("INSERT", "UPDATE", "DELETE")]


def _trigger(table: str, event: str) -> str:
    return f"mailadmin_vacation_{WATCHED[table]}_{event.lower()}"


def _script(d: Dialect) -> str:
    """Return the expression of a whole script.

    The reply goes to the envelope sender, so its domain decides who reads the text for people inside: a From would let
    everybody ask for it.
    """
    inside = d.join(
        _text('if envelope :domain "from" ['),
        *_inside_domains(d),
        _text("] {"),
        _vacation(d, INSIDE_BODY),
        _text("} else {"),
        _vacation(d, "v.body"),
        _text("}"),
    )
    script = d.join(
        _text('require ["vacation","vacation-seconds","encoded-character","envelope"]; if not anyof ('),
        _text(f'{_automatic()}, envelope "from" {OWN_ADDRESSES}, address "from" {OWN_ADDRESSES}, '),
        _text('envelope :matches "from" '),
        _string(d, d.join(d.local_part("v.email"), "'+*@'", d.domain("v.email")), ""),
        _text(") {"),
        f"CASE WHEN {INSIDE_BODY} = '' THEN {_vacation(d, 'v.body')} ELSE {inside} END",
        _text("}"),
    )
    return f"REPLACE({script}, {_text(OWN_ADDRESSES)}, {_own_addresses(d)})"


def _automatic() -> str:
    """Return the tests of what nobody waits at, the same for everybody."""
    headers = [f"header :matches {_list(names)} {_list(_folded(patterns))}" for names, patterns in AUTOMATIC]
    robots = _list(ROBOTS)
    return ", ".join(
        [
            *headers,
            f'envelope :localpart :matches "from" {robots}',
            f"address :localpart :matches {_list(SENDER_HEADERS)} {robots}",
        ]
    )


def _folded(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the patterns, and those of a value that begins on the line after its header: Dovecot leaves it a blank."""
    return (*patterns, *(f" {pattern}" for pattern in patterns if not pattern.startswith("*")))


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ",".join(f'"{text}"' for text in texts) + "]"


def _vacation(d: Dialect, body: str) -> str:
    """Return the expression of the command that replies with a text.

    The handle holds when the vacation was last changed: each change starts a new list of senders already answered, as
    PostfixAdmin's users know it.
    """
    interval = f"CASE WHEN v.interval_time < 1 THEN {ONCE} WHEN v.interval_time = {EVERY_MESSAGE} THEN 0"
    subject = f"CASE WHEN v.subject = '' THEN '' ELSE {d.join(_text(' :subject '), _string(d, 'v.subject', ' '))} END"
    return d.join(
        _text("vacation :seconds "),
        f"CAST({interval} ELSE v.interval_time END AS {'CHAR' if d.engine == 'mysql' else 'varchar'})",
        _text(' :handle "'),
        d.moment("v.modified"),
        _text('" :from '),
        _string(d, "v.email", ""),
        _text(f" :addresses {OWN_ADDRESSES}"),
        subject,
        _text(" "),
        _string(d, body, "${hex:0d 0a}"),
        _text(";"),
    )


def _inside_domains(d: Dialect) -> list[str]:
    """Return the expressions of the domain itself and of its alias domains, each of those as `,"domain"`."""
    others = f"SELECT {d.gather(_listed(d, 'ad.alias_domain'))} {_own_alias_domains(d)}"
    return [_string(d, d.domain("v.email"), ""), _or_empty(f"({others})")]


def _own_addresses(d: Dialect) -> str:
    """Return the expression of the list of addresses that are the user's own: mail to them is answered.

    The mailbox's; the aliases that lead to it; its own local part at alias domains; the aliases' local parts there.
    """
    aliases = f"""FROM mailadmin_alias_target g
  JOIN alias a ON a.address = g.address AND {d.on("a.active")} AND a.address NOT LIKE '@%'"""
    not_itself = "WHERE g.target = v.email AND g.address <> v.email"
    own_elsewhere = d.join(d.local_part("v.email"), "'@'", "ad.alias_domain")
    alias_elsewhere = d.join(d.local_part("a.address"), "'@'", "ad.alias_domain")
    alias_domains = f"JOIN alias_domain ad ON ad.target_domain = a.domain AND {d.on('ad.active')}"
    return d.join(
        _text("["),
        _string(d, "v.email", ""),
        _or_empty(f"(SELECT {d.gather(_listed(d, 'a.address'))} {aliases} {not_itself})"),
        _or_empty(f"(SELECT {d.gather(_listed(d, own_elsewhere))} {_own_alias_domains(d)})"),
        _or_empty(f"(SELECT {d.gather(_listed(d, alias_elsewhere))} {aliases} {alias_domains} {not_itself})"),
        _text("]"),
    )


def _own_alias_domains(d: Dialect) -> str:
    return f"FROM alias_domain ad WHERE ad.target_domain = {d.domain('v.email')} AND {d.on('ad.active')}"


def _listed(d: Dialect, expression: str) -> str:
    return d.join("','", _string(d, expression, ""))


def _or_empty(expression: str) -> str:
    return f"COALESCE({expression}, '')"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _string(d: Dialect, expression: str, line_break: str) -> str:
    r"""Return the expression of a Sieve string that reads back as the given one, with its line breaks replaced.

    In a quoted string only `"` and `\` are special; encoded-character makes `${` special too, and lets a line break in.
    """
    steps = [
        (d.char(13), "''"),
        ("'${'", "'${hex:24}{'"),
        (d.char(92), d.join(d.char(92), d.char(92))),
        ("'\"'", d.join(d.char(92), "'\"'")),
        (d.char(10), f"'{line_break}'"),
    ]
    if d.engine == "mysql":
        steps.insert(0, (d.char(0), "''"))
    for old, new in steps:
        expression = f"REPLACE({expression}, {old}, {new})"
    return d.join("'\"'", expression, "'\"'")
