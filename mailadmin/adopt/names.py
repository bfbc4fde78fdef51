"""Keys that differ only by case, or are not in lower case, and dates of the year 0."""

from mailadmin.adopt.finding import Database, Finding
from mailadmin.adopt.versions import POSTFIXADMIN

KEYS = (("domain", "domain"), ("mailbox", "username"), ("alias", "address"), ("admin", "username"))


def duplicates_by_case(db: Database) -> list[Finding]:
    """Find keys that are the same name in lower case; a database that ignores case cannot have them."""
    found = []
    for table, column in KEYS:
        if not _tells_case_apart(db, table, column):
            continue
        # One of two that are the same has capitals: they are few, and all other rows need no sorting.
        capital = f"SELECT LOWER(one.{column}) AS k FROM {table} one WHERE one.{column} <> LOWER(one.{column})"
        small = f"{capital} AND EXISTS (SELECT 1 FROM {table} other WHERE other.{column} = LOWER(one.{column}))"
        both = f"{capital} GROUP BY LOWER(one.{column}) HAVING COUNT(*) > 1"
        source = f"({small} UNION {both}) same_name"
        answer = "Kept. Mail goes to the one in lower case; rename or delete the others."
        title = f"names in {table}.{column} that differ only by case"
        if finding := db.found(f"{table}_duplicates", title, answer, "k", source):
            found.append(finding)
    return found


def capitals(db: Database) -> list[Finding]:
    """Find keys that are not in lower case: PostfixAdmin writes none."""
    found = []
    for table, column in KEYS:
        different = f"{column} <> LOWER({column})"
        if db.schema.vendor == "mysql":
            different = f"CAST({column} AS BINARY) <> CAST(LOWER({column}) AS BINARY)"
        but_all = " AND domain <> 'ALL'" if table == "domain" else ""
        matters = _tells_case_apart(db, table, column)
        answer = "Kept. Found only as they are written." if matters else "Kept. Found in any case, as before."
        title = f"names in {table}.{column} with capitals"
        if finding := db.found(f"{table}_capitals", title, answer, column, f"{table} WHERE {different}{but_all}"):
            found.append(finding)
    return found


def _tells_case_apart(db: Database, table: str, column: str) -> bool:
    if db.schema.vendor != "mysql":
        return True
    return db.schema.collation_of(table, column).endswith(("_bin", "_cs"))


def zero_dates(db: Database) -> list[Finding]:
    """Find dates of the year 0, which MariaDB alone can hold."""
    if db.schema.vendor != "mysql":
        return []
    found: dict[str, int] = {}
    for name, table in db.schema.tables.items():
        columns = [c.name for c in table.columns.values() if c.type.startswith(("datetime", "timestamp"))]
        if name not in POSTFIXADMIN or not columns:
            continue
        # Compared as numbers: as dates, a strict server refuses the question.
        sums = ", ".join(f"SUM(`{column}` + 0 = 0)" for column in columns)
        counts = db.rows(f"SELECT {sums} FROM `{table.name}`")[0]
        found |= {f"{name}.{column}": int(count) for column, count in zip(columns, counts, strict=True) if count}
    if not found:
        return []
    answer = 'Kept. They read as "not set".'
    examples = tuple(f"{count:,} in {column}" for column, count in found.items())
    return [Finding("zero_dates", "dates of the year 0", sum(found.values()), examples, answer)]
