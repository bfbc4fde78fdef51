"""Whether the database user may do what adopting does. Asked of the server, tried by no write."""

import os
import re
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from mailadmin.adopt.reading import Schema
from mailadmin.adopt.versions import POSTFIXADMIN
from mailadmin.mailserver.grants import PANEL_RIGHTS

_GRANT = re.compile(r"GRANT (?P<rights>.+?) ON (?P<scope>\S+) TO ")
_ALL = "ALL PRIVILEGES"


def missing_rights(connection: BaseDatabaseWrapper, schema: Schema) -> list[str]:
    """Return what is missing, a line each, with the statement that gives it; nothing where all is there."""
    if connection.vendor == "sqlite":
        return _sqlite(connection)
    with connection.cursor() as cursor:
        return _mysql(cursor) if connection.vendor == "mysql" else _postgresql(cursor, schema)


def _mysql(cursor: Any) -> list[str]:
    cursor.execute("SELECT CURRENT_USER(), DATABASE()")
    user, database = cursor.fetchone()
    cursor.execute("SHOW GRANTS")
    held = _held([row[0] for row in cursor.fetchall()], database)
    missing = [] if _ALL in held else [right for right in PANEL_RIGHTS.split(", ") if right not in held]
    if not missing:
        return []
    name, _at, host = user.rpartition("@")
    grant = f"GRANT {', '.join(missing)} ON `{database}`.* TO '{name}'@'{host}';"
    return [f"{user} lacks {', '.join(missing)}. As the server's administrator: {grant}"]


def _held(grants: list[str], database: str) -> set[str]:
    held: set[str] = set()
    for grant in grants:
        match = _GRANT.match(grant)
        if match and _covers(match["scope"], database):
            held.update(right.strip().upper() for right in match["rights"].split(","))
    return held


def _covers(scope: str, database: str) -> bool:
    """Return whether a grant's scope holds the whole database; its name there is a LIKE pattern."""
    if scope == "*.*":
        return True
    if not scope.endswith(".*"):
        return False
    pattern = scope.removesuffix(".*").strip("`")
    parts = re.split(r"(\\.|%|_)", pattern)
    wild = {"%": ".*", "_": "."}
    expression = "".join(wild.get(part) or re.escape(part[1:] if part.startswith("\\") else part) for part in parts)
    return re.fullmatch(expression, database) is not None


def _postgresql(cursor: Any, schema: Schema) -> list[str]:
    cursor.execute(
        "SELECT current_user, current_schema(), has_schema_privilege(current_user, current_schema(), 'CREATE')"
    )
    user, name, may_create = cursor.fetchone()
    missing = []
    if not may_create:
        missing.append(f'{user} may not create tables. As an administrator: GRANT CREATE ON SCHEMA {name} TO "{user}";')
    cursor.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname = ANY(%s)"
        " AND NOT pg_has_role(current_user, c.relowner, 'USAGE') ORDER BY c.relname",
        [sorted(POSTFIXADMIN & schema.tables.keys())],
    )
    for (table,) in cursor.fetchall():
        grant = f'ALTER TABLE "{table}" OWNER TO "{user}";'
        missing.append(f"{user} does not own {table}, so it cannot add columns. As an administrator: {grant}")
    return missing


def _sqlite(connection: BaseDatabaseWrapper) -> list[str]:
    path = Path(str(connection.settings_dict["NAME"]))
    places = [path, path.parent]
    return [f"{place} cannot be written." for place in places if place.exists() and not os.access(place, os.W_OK)]
