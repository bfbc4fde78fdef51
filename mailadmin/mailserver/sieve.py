"""The vacation reply as a Sieve script that Dovecot reads from a view.

`vacation` is the one truth: no file, no process, no alias entry, nothing left after the end date. Dovecot's dictionary
asks for the id of a user's script with each delivery, and for its text when the id changed. The script is one line:
Dovecot's newer dictionaries read no more.

Sources: RFC 5228 (2.4.2.4 encoded-character), RFC 5230 (vacation), RFC 6131 (vacation-seconds), Pigeonhole's `dict`
script storage.
"""

from mailadmin.mailserver.dialects import DIALECTS, Dialect

SCRIPT_VIEW = "mailadmin_vacation_script"
TEXT_VIEW = "mailadmin_vacation_text"
REVISION_TABLE = "mailadmin_vacation_revision"
SCRIPT_NAME = "vacation"

ONCE = 31536000
"""Seconds between two replies to one sender where `interval_time` says "once": a year, as RFC 6131 has no "never"."""

# Each change of these can change a script. SQLite has no digest function that Dovecot could ask for.
WATCHED = ("vacation", "alias", "alias_domain", "mailadmin_alias_target")


def create_statements(engine: str) -> list[str]:
    """Return the statements that make or remake the views, for mysql, pgsql or sqlite."""
    d = DIALECTS[engine]
    statements = [*drop_views(), _text_view(d)]
    if engine == "sqlite":
        return [*statements, *_revision_statements(), _sqlite_script_view()]
    return [*statements, _script_view(d)]


def drop_statements(engine: str) -> list[str]:
    """Return the statements that take away all that create_statements makes."""
    triggers = [f"DROP TRIGGER IF EXISTS {name}" for name in trigger_names()]
    revision = [*triggers, f"DROP TABLE IF EXISTS {REVISION_TABLE}"] if engine == "sqlite" else []
    return [*drop_views(), *revision]


def trigger_names() -> list[str]:
    """Return the names of SQLite's triggers."""
    return [_trigger(table, event) for table, event in _watched_events()]


def drop_views() -> list[str]:
    return [f"DROP VIEW IF EXISTS {view}" for view in (SCRIPT_VIEW, TEXT_VIEW)]


def _text_view(d: Dialect) -> str:
    """Return the view with one script for each vacation that is on and due now."""
    # A NUL cannot stand in a script; SQLite cannot replace one either, so such a reply is not sent at all.
    no_nul = f" AND instr(v.subject || v.body, {d.char(0)}) = 0" if d.engine == "sqlite" else ""
    security = "SQL SECURITY DEFINER " if d.engine == "mysql" else ""
    return f"""
CREATE {security}VIEW {TEXT_VIEW} AS
SELECT v.email AS username, {_script(d)} AS script_data
FROM vacation v
WHERE {d.on("v.active")} AND {d.now} BETWEEN v.activefrom AND v.activeuntil{no_nul}""".strip()


def _script_view(d: Dialect) -> str:
    """Return the view that Dovecot reads: the id is a digest of the text, so every change makes a new one."""
    security = "SQL SECURITY DEFINER " if d.engine == "mysql" else ""
    return f"""
CREATE {security}VIEW {SCRIPT_VIEW} AS
SELECT username, '{SCRIPT_NAME}' AS script_name, md5(script_data) AS id, script_data FROM {TEXT_VIEW}""".strip()


def _sqlite_script_view() -> str:
    return f"""
CREATE VIEW {SCRIPT_VIEW} AS
SELECT t.username, '{SCRIPT_NAME}' AS script_name, 'r' || r.revision AS id, t.script_data
FROM {TEXT_VIEW} t, {REVISION_TABLE} r""".strip()


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
    return f"mailadmin_vacation_{table.removeprefix('mailadmin_')}_{event.lower()}"


def _script(d: Dialect) -> str:
    """Return the expression of a whole script.

    The handle holds when the vacation was last changed: each change starts a new list of senders already answered, as
    PostfixAdmin's users know it.
    """
    interval = f"CASE WHEN v.interval_time < 1 THEN {ONCE} ELSE v.interval_time END"
    subject = f"CASE WHEN v.subject = '' THEN '' ELSE {d.join(_text(' :subject '), _string(d, 'v.subject', ' '))} END"
    return d.join(
        _text('require ["vacation","vacation-seconds","encoded-character"]; vacation :seconds '),
        f"CAST({interval} AS {'CHAR' if d.engine == 'mysql' else 'varchar'})",
        _text(' :handle "'),
        d.moment("v.modified"),
        _text('" :from '),
        _string(d, "v.email", ""),
        _text(" :addresses ["),
        _string(d, "v.email", ""),
        *(_or_empty(addresses) for addresses in _other_addresses(d)),
        _text("]"),
        subject,
        _text(" "),
        _string(d, "v.body", "${hex:0d 0a}"),
        _text(";"),
    )


def _other_addresses(d: Dialect) -> list[str]:
    """Return three scalar subqueries, each a text of `,"address"`: mail to these addresses is answered as well.

    The aliases that lead to the mailbox; its own local part at alias domains; the aliases' local parts there.
    """
    aliases = f"""FROM mailadmin_alias_target g
  JOIN alias a ON a.address = g.address AND {d.on("a.active")} AND a.address NOT LIKE '@%'"""
    not_itself = "WHERE g.target = v.email AND g.address <> v.email"
    own_elsewhere = d.join(d.local_part("v.email"), "'@'", "ad.alias_domain")
    alias_elsewhere = d.join(d.local_part("a.address"), "'@'", "ad.alias_domain")
    own_domains = f"FROM alias_domain ad WHERE ad.target_domain = {d.domain('v.email')} AND {d.on('ad.active')}"
    alias_domains = f"JOIN alias_domain ad ON ad.target_domain = a.domain AND {d.on('ad.active')}"
    return [
        f"(SELECT {d.gather(_listed(d, 'a.address'))} {aliases} {not_itself})",
        f"(SELECT {d.gather(_listed(d, own_elsewhere))} {own_domains})",
        f"(SELECT {d.gather(_listed(d, alias_elsewhere))} {aliases} {alias_domains} {not_itself})",
    ]


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
