"""Which panel, and which version of it, a database was made by."""

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

from mailadmin.adopt.reading import Column, Schema
from mailadmin.core import adoption

POSTFIXADMIN = frozenset(
    {
        "admin",
        "admin_preferences",
        "alias",
        "alias_domain",
        "config",
        "dkim",
        "dkim_signing",
        "domain",
        "domain_admins",
        "fetchmail",
        "log",
        "mailbox",
        "mailbox_app_password",
        "quota",
        "quota2",
        "totp_exception_address",
        "vacation",
        "vacation_notification",
    }
)
"""The tables of PostfixAdmin's newest version."""
NEEDED = ("admin", "alias", "domain", "domain_admins", "log", "mailbox")
"""The tables that even its oldest version has."""
NEWEST_ROW = 1856
_LAST_OF_2 = 740
_FIRST_OF_4 = 1848


@dataclass(frozen=True, slots=True)
class Version:
    """What made the database: `family` is postfixadmin, two-table, prefixed or none; `row` is config's number or None.

    `problem` says why it cannot be adopted as it is, "" where it can.
    """

    family: str
    name: str
    row: int | None
    problem: str = ""

    def __str__(self) -> str:
        if self.family != "postfixadmin":
            return self.name
        source = "told by its columns" if self.row is None else f"config.version {self.row}"
        return f"PostfixAdmin {self.name} ({source})"


def find_version(connection: BaseDatabaseWrapper, schema: Schema) -> Version:
    """Return what made the database."""
    missing = [table for table in NEEDED if table not in schema.tables]
    if not missing:
        row = _config_row(connection, schema)
        problem = _views_problem(schema) or _collations_problem(schema)
        # Once adopted, it has all columns.
        known = next((line.name for line in adoption.recorded(connection) if line.kind == "version"), "")
        name = known or (_by_row(row) if row else _by_columns(schema))
        return Version("postfixadmin", name, row, problem)
    if schema.has("user", "username", "password") and schema.has("alias", "address", "goto"):
        problem = "This database has the two tables user and alias; manage.py import_two_table takes their rows over."
        return Version("two-table", "two tables, user and alias", None, problem)
    if prefix := _prefix(schema):
        problem = f"Its tables are called {prefix}mailbox and so on. Rename them without {prefix} first."
        return Version("prefixed", f"PostfixAdmin with the table prefix {prefix}", None, problem)
    if adoption.MARKS & schema.tables.keys():
        problem = f"It has some of PostfixAdmin's tables, but not {', '.join(missing)}."
        return Version("none", "unknown", None, problem)
    problem = "There is nothing to adopt: none of PostfixAdmin's tables is here. manage.py migrate makes them."
    return Version("none", "no mail tables", None, problem)


def _config_row(connection: BaseDatabaseWrapper, schema: Schema) -> int | None:
    if not schema.has("config", "name", "value"):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM config WHERE name = %s", ["version"])
        row = cursor.fetchone()
    return int(row[0]) if row and str(row[0]).isdecimal() and int(row[0]) else None


def _by_row(row: int) -> str:
    if row <= _LAST_OF_2:
        return "2.2 or 2.3"
    if row < _FIRST_OF_4:
        return "3.x"
    return "4.x" if row <= NEWEST_ROW else "newer than 4.x"


def _by_columns(schema: Schema) -> str:
    if "dkim" in schema.tables or schema.has("mailbox", "totp_secret"):
        return "4.x"
    if schema.has("admin", "superadmin"):
        return "3.x"
    return "2.2 or 2.3" if schema.has("domain", "quota") or "alias_domain" in schema.tables else "2.1"


def _views_problem(schema: Schema) -> str:
    views = sorted(table for table in POSTFIXADMIN & schema.tables.keys() if schema.tables[table].is_view)
    return f"These are views, not tables: {', '.join(views)}." if views else ""


def _collations_problem(schema: Schema) -> str:
    """Say which columns MariaDB refuses to compare with mailbox.username, and how to give them its collation."""
    if schema.vendor != "mysql":
        return ""
    wanted = schema.collation_of("mailbox", "username")
    charset = wanted.partition("_")[0]
    mend = [
        f"ALTER TABLE {table} MODIFY {_declared(schema.tables[table].columns[column], wanted)};"
        for table, columns in _COMPARED.items()
        for column in columns
        # A column of another charset is converted, which is slow, but answers.
        if schema.has(table, column)
        and (collation := schema.collation_of(table, column)) != wanted
        and collation.partition("_")[0] == charset
    ]
    if not mend:
        return ""
    return (
        "Columns of addresses and domains differ in collation, and MariaDB refuses to compare them: lookups and pages"
        f" would fail. Make a backup and give all the collation of mailbox.username first: {' '.join(mend)}"
    )


_COMPARED = {
    "admin": ("username",),
    "alias": ("address", "domain"),
    "alias_domain": ("alias_domain", "target_domain"),
    "domain": ("domain",),
    "domain_admins": ("username", "domain"),
    "fetchmail": ("mailbox", "domain"),
    "mailbox": ("domain",),
    "quota2": ("username",),
    "vacation": ("email", "domain"),
}
"""Columns that are compared with others: by lookups, by pages, or by what looks for orphans."""


def _declared(column: Column, collation: str) -> str:
    default = "" if column.default in (None, "NULL") else f" DEFAULT {column.default}"
    return f"{column.name} {column.type} COLLATE {collation}{'' if column.null else ' NOT NULL'}{default}"


def _prefix(schema: Schema) -> str:
    prefixes = (name.removesuffix("mailbox") for name in sorted(schema.tables) if name.endswith("mailbox"))
    return next((p for p in prefixes if p and all(p + table in schema.tables for table in NEEDED)), "")
