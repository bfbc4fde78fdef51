"""The report of an inspection, for people and for programs."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from mailadmin.adopt import structure
from mailadmin.adopt.finding import EXAMPLES, Finding
from mailadmin.adopt.inspecting import Inspection
from mailadmin.adopt.passwords import dovecot_refuses
from mailadmin.adopt.plan import Plan
from mailadmin.adopt.reading import ENGINES
from mailadmin.adopt.versions import POSTFIXADMIN
from mailadmin.core.commands.printing import plain
from mailadmin.core.passwords import is_weak

_WIDTH = 100


def as_text(found: Inspection) -> Iterator[str]:
    """Yield the lines of the report."""
    schema = found.schema
    told = [f"{ENGINES[schema.vendor]} {schema.server}", *([schema.collation] if schema.collation else [])]
    yield f"Database  {', '.join(told)}"
    yield f"Made by   {found.version}"
    if found.version.problem:
        yield ""
        yield found.version.problem
        return
    yield from _section("Tables", _tables(found))
    yield from _section("Kept as it is, though not PostfixAdmin's", _kept(found))
    yield from _section("Columns that differ from the newest version, and stay so", structure.differing_columns(schema))
    yield from _section("Passwords", _passwords(found))
    yield from _section("Superadmins", _superadmins(found))
    yield from _section("Found in the rows", _findings(found.findings))
    yield from _section("What --apply adds", _plan(found.plan))
    yield from _section("Rights that are missing", [plain(line) for line in found.rights])
    yield ""
    yield _next_step(found)


def as_json(found: Inspection) -> dict[str, Any]:
    """Return the same for programs."""
    schema = found.schema
    unknown = set(structure.unknown_tables(schema))
    return {
        "database": {"engine": ENGINES[schema.vendor], "server": schema.server, "collation": schema.collation},
        "version": asdict(found.version),
        "tables": {
            name: {
                "rows": found.rows.get(name),
                "engine": table.engine,
                "collation": table.collation,
                "known": name not in unknown,
                "lacks": found.plan.columns.get(name, []),
            }
            for name, table in sorted(schema.tables.items())
        },
        "unknown_columns": structure.unknown_columns(schema),
        "differing_columns": structure.differing_columns(schema),
        "passwords": {
            table: [
                {"scheme": scheme, "rows": rows, "weak": is_weak(scheme), "dovecot_refuses": dovecot_refuses(scheme)}
                for scheme, rows in counts.items()
            ]
            for table, counts in found.schemes.items()
        },
        "new_passwords": found.scheme,
        "superadmins": asdict(found.superadmins),
        "findings": [asdict(finding) for finding in found.findings],
        "plan": asdict(found.plan),
        "missing_rights": found.rights,
    }


def _section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    listed = list(lines)
    if listed:
        yield ""
        yield heading
        yield from (f"  {line}".rstrip() for line in listed)


def _tables(found: Inspection) -> Iterator[str]:
    rows = [("", "rows", "engine", "collation", "lacks")] if found.schema.vendor == "mysql" else []
    for name, table in sorted(found.schema.tables.items()):
        if name in POSTFIXADMIN:
            lacks = ", ".join(found.plan.columns.get(name, []))
            rows.append((name, f"{found.rows[name]:,}", table.engine, table.collation, lacks))
    widths = [max(len(row[place]) for row in rows) for place in range(4)]
    for name, number, engine, collation, lacks in rows:
        parts = [f"{name:{widths[0]}}", f"{number:>{widths[1]}}"]
        parts += [f"{engine:{widths[2]}}", f"{collation:{widths[3]}}"] if found.schema.vendor == "mysql" else []
        yield "  ".join([*parts, f"lacks {lacks}" if lacks and lacks != "lacks" else ""])


def _kept(found: Inspection) -> Iterator[str]:
    for name in structure.unknown_tables(found.schema):
        kind = "view" if found.schema.tables[name].is_view else "table"
        rows = found.rows[name]
        yield plain(f"{kind} {name}, {rows:,} row{'' if rows == 1 else 's'}")
    for column in structure.unknown_columns(found.schema):
        yield plain(f"column {column}")


def _passwords(found: Inspection) -> Iterator[str]:
    rows = [(table, name, rows) for table, counts in found.schemes.items() for name, rows in counts.items()]
    width = max((len(name) for _table, name, _rows in rows), default=0)
    for table, name, count in rows:
        refused = "  Dovecot refuses them" if table == "mailbox" and dovecot_refuses(name) else ""
        weak = "  weak" if is_weak(name) else ""
        yield f"{table:7}  {name:{width}}  {count:>9,}{weak}{refused}"
    if found.scheme:
        yield (
            f"New passwords will be written as {found.scheme}, because of what most mailboxes have, until you say "
            "--old-panel-gone or set MAILADMIN_PASSWORD_SCHEME."
        )


def _superadmins(found: Inspection) -> Iterator[str]:
    people = found.superadmins
    for names, mark in (
        (people.both, ""),
        (people.only_column, "  only by admin.superadmin; PostfixAdmin treats them as half a superadmin"),
        (people.only_grant, "  only by the grant of ALL, as version 2 marks them"),
    ):
        yield from (plain(name) + mark for name in names)
    if not people.all:
        yield "none: make one with manage.py admin_user create NAME --superadmin"


def _findings(findings: list[Finding]) -> Iterator[str]:
    for finding in findings:
        examples = ", ".join(plain(example) for example in finding.examples)
        more = ", ..." if examples and len(finding.examples) == EXAMPLES < finding.count else ""
        yield f"{finding.count:>9,}  {finding.title}{f': {examples}{more}' if examples else ''}"
        yield f"{'':9}  {finding.answer}"


def _plan(plan: Plan) -> Iterator[str]:
    if plan.is_empty:
        yield "nothing: all of it is there"
        return
    yield from _wrapped("tables", plan.tables)
    for table, columns in sorted(plan.columns.items()):
        yield from _wrapped(f"columns of {table}", columns)
    for table, indexes in sorted(plan.indexes.items()):
        yield from _wrapped(f"indexes of {table}", indexes)
    yield from _wrapped("views", plan.views)
    yield from _wrapped("triggers", plan.triggers)


def _wrapped(heading: str, names: list[str]) -> Iterator[str]:
    line = heading + ":"
    for number, name in enumerate(names):
        part = f" {name}{',' if number < len(names) - 1 else ''}"
        if len(line) + len(part) > _WIDTH:
            yield line
            line = "   "
        line += part
    if names:
        yield line


def _next_step(found: Inspection) -> str:
    if found.rights:
        return "Nothing was written. Give the rights first; --apply does nothing without them."
    if found.plan.is_empty:
        return "Nothing was written. The database is adopted: manage.py adopt --verify compares the answers."
    return "Nothing was written. Make a backup of the database, then: manage.py adopt --apply"
