"""Who is a superadmin, by which of PostfixAdmin's two marks."""

from dataclasses import dataclass, field

from mailadmin.adopt.finding import Database


@dataclass(frozen=True, slots=True)
class Superadmins:
    """Names of admins by their marks: `admin.superadmin`, a grant of 'ALL', or both."""

    both: list[str] = field(default_factory=list)
    only_column: list[str] = field(default_factory=list)
    only_grant: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        return sorted([*self.both, *self.only_column, *self.only_grant])


def find_superadmins(db: Database) -> Superadmins:
    """Return the superadmins; either mark makes one here, as it did in one version of PostfixAdmin or another."""
    known = {str(row[0]).lower(): str(row[0]) for row in db.rows("SELECT username FROM admin")}
    granted = {str(row[0]).lower() for row in db.rows("SELECT username FROM domain_admins WHERE domain = 'ALL'")}
    marked: set[str] = set()
    if db.schema.has("admin", "superadmin"):
        rows = db.rows(f"SELECT username FROM admin WHERE {db.is_on('superadmin')}")
        marked = {str(row[0]).lower() for row in rows}
    granted &= known.keys()
    return Superadmins(*(sorted(known[name] for name in names) for names in _split(marked, granted)))


def _split(marked: set[str], granted: set[str]) -> tuple[set[str], set[str], set[str]]:
    return marked & granted, marked - granted, granted - marked
