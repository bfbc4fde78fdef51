"""What the tables themselves are like: engines, collations, columns that differ, and what is not PostfixAdmin's."""

from django.apps import apps

from mailadmin.adopt.finding import Database, Finding
from mailadmin.adopt.reading import Schema, Table
from mailadmin.adopt.versions import POSTFIXADMIN
from mailadmin.core.adoption import OWN_PREFIX


def unknown_tables(schema: Schema) -> list[str]:
    """Return the tables and views that are neither PostfixAdmin's nor ours."""
    return sorted(name for name in schema.tables if name not in POSTFIXADMIN and not is_ours(name))


def is_ours(table: str) -> bool:
    """Return whether the table is one that the panel makes beside PostfixAdmin's."""
    return table.startswith(OWN_PREFIX) or table in {"django_migrations", *_model_tables()} - POSTFIXADMIN


def _model_tables() -> set[str]:
    return {model._meta.db_table for model in apps.get_models(include_auto_created=True)}


def unknown_columns(schema: Schema) -> list[str]:
    """Return the columns of PostfixAdmin's tables that it does not know, as table.column."""
    found = []
    for model in apps.get_models():
        table = schema.tables.get(model._meta.db_table)
        if table is not None and model._meta.db_table in POSTFIXADMIN:
            known = {str(field.column).lower() for field in model._meta.local_concrete_fields}
            found += [f"{table.name}.{column}" for column in table.columns if column not in known]
    return sorted(found)


def collations(db: Database) -> list[Finding]:
    """Find key columns that another charset than utf8mb4 holds, and that are not all of one collation."""
    if db.schema.vendor != "mysql":
        return []
    by_collation: dict[str, list[str]] = {}
    for table in _postfixadmins(db.schema):
        for column in table.columns.values():
            if column.collation and column.name in _KEYS:
                by_collation.setdefault(column.collation, []).append(f"{table.name}.{column.name}")
    found = []
    narrow = {name: columns for name, columns in by_collation.items() if not name.startswith("utf8")}
    if narrow:
        title = f"columns of addresses and domains in {', '.join(sorted(narrow))}"
        answer = "Kept. Our own tables take the collation of mailbox.username. Other letters than it has match nothing."
        columns = [column for names in narrow.values() for column in names]
        found.append(Finding("narrow_charset", title, len(columns), (), answer))
    if len(by_collation) > 1:
        title = f"different collations of addresses and domains: {', '.join(sorted(by_collation))}"
        rare = min(by_collation.values(), key=len)
        answer = "Kept. What compares such columns is slower; giving all the same collation mends it."
        found.append(Finding("mixed_collations", title, len(by_collation), tuple(rare[:5]), answer))
    return found


_KEYS = frozenset({"username", "domain", "address", "alias_domain", "target_domain", "email", "goto"})


def engines(db: Database) -> list[Finding]:
    """Find tables without transactions."""
    if db.schema.vendor != "mysql":
        return []
    names = [table.name for table in _postfixadmins(db.schema) if not table.is_view and table.engine != "InnoDB"]
    if not names:
        return []
    answer = "Kept. A change that fails halfway is not taken back there. To mend it: ALTER TABLE ... ENGINE=InnoDB."
    return [Finding("not_innodb", "tables without transactions", len(names), tuple(names), answer)]


def narrow_numbers(db: Database) -> list[Finding]:
    """Find quota columns that hold less than ours: 2 GB at most in a mailbox of version 2.1."""
    if db.schema.vendor != "mysql":
        return []
    wanted = [("mailbox", "quota"), ("domain", "quota"), ("domain", "maxquota")]
    names = [
        f"{table}.{column}"
        for table, column in wanted
        if db.schema.has(table, column) and db.schema.tables[table].columns[column].type.startswith("int")
    ]
    if not names:
        return []
    answer = "Kept. A quota in bytes above 2 GB does not fit; to mend it: ALTER TABLE ... MODIFY ... bigint NOT NULL."
    return [Finding("narrow_numbers", "quota columns of 32 bits", len(names), tuple(names), answer)]


def differing_columns(schema: Schema) -> list[str]:
    """Return NULL where the newest version has none, a line for each column."""
    found = []
    for model in apps.get_models():
        table = schema.tables.get(model._meta.db_table)
        if table is None or model._meta.db_table not in POSTFIXADMIN:
            continue
        for field in model._meta.local_concrete_fields:
            column = table.columns.get(str(field.column).lower())
            if column is not None and column.null and not field.null and not field.primary_key:
                found.append(f"{table.name}.{column.name} may be NULL")
    return sorted(found)


def _postfixadmins(schema: Schema) -> list[Table]:
    return [table for name, table in sorted(schema.tables.items()) if name in POSTFIXADMIN]
