"""One look at a database: everything that `manage.py adopt` tells before it does anything."""

from dataclasses import dataclass, field

from django.db.backends.base.base import BaseDatabaseWrapper

from mailadmin.adopt import limits, names, old_passwords, orphans, pointing, structure, vacations
from mailadmin.adopt.finding import Database, Finding
from mailadmin.adopt.passwords import count_schemes
from mailadmin.adopt.people import Superadmins, find_superadmins
from mailadmin.adopt.plan import Plan, make_plan
from mailadmin.adopt.reading import Schema, count_rows, only_reading, read_schema
from mailadmin.adopt.rights import missing_rights
from mailadmin.adopt.scheme import dominant
from mailadmin.adopt.versions import Version, find_version

LOOKS = (
    structure.engines,
    structure.collations,
    structure.narrow_numbers,
    orphans.rows_of_missing_domains,
    orphans.grants_of_missing_admins,
    orphans.mailboxes_without_alias,
    pointing.aliases_pointing_nowhere,
    names.duplicates_by_case,
    names.capitals,
    names.zero_dates,
    limits.limits_exceeded,
    old_passwords.old_passwords,
    vacations.vacation_entries,
)


@dataclass(slots=True)
class Inspection:
    """What was found. `rows` and `schemes` are by table, `rights` are those that are missing."""

    schema: Schema
    version: Version
    rows: dict[str, int] = field(default_factory=dict)
    schemes: dict[str, dict[str, int]] = field(default_factory=dict)
    superadmins: Superadmins = field(default_factory=Superadmins)
    findings: list[Finding] = field(default_factory=list)
    plan: Plan = field(default_factory=Plan)
    rights: list[str] = field(default_factory=list)

    @property
    def scheme(self) -> str:
        """The scheme that new passwords will take: that of most mailboxes."""
        return dominant(self.schemes.get("mailbox", {}))


def inspect(connection: BaseDatabaseWrapper) -> Inspection:
    """Look at the database; the server refuses every write meanwhile."""
    with only_reading(connection):
        schema = read_schema(connection)
        found = Inspection(schema, find_version(connection, schema))
        if found.version.problem:
            return found
        db = Database(connection, schema)
        found.rows = {name: count_rows(connection, table.name) for name, table in schema.tables.items()}
        found.schemes = {table: count_schemes(db, table) for table in ("mailbox", "admin")}
        found.superadmins = find_superadmins(db)
        found.findings = [finding for look in LOOKS for finding in look(db)]
        found.plan = make_plan(connection, schema)
        found.rights = missing_rights(connection, schema)
    return found
