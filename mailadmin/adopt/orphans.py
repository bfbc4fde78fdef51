"""Rows that refer to something that is not there."""

from mailadmin.adopt.finding import Database, Finding

ALL = "'ALL'"


def rows_of_missing_domains(db: Database) -> list[Finding]:
    """Find mailboxes, aliases, alias domains and grants of domains that are not there."""
    looked_at = [
        ("mailbox", "domain", "username", "mailboxes of domains that are not there"),
        ("alias", "domain", "address", "aliases of domains that are not there"),
        ("alias_domain", "target_domain", "alias_domain", "alias domains whose target is not there"),
        ("alias_domain", "alias_domain", "alias_domain", "alias domains that are not among the domains"),
        ("domain_admins", "domain", "domain", "grants of domains that are not there"),
    ]
    found = []
    for table, column, shown, title in looked_at:
        if not db.schema.has(table, column):
            continue
        there = db.same(f"{table}.{column}", "domain.domain")
        # Only the mark of a superadmin stands for no row of its own.
        but_all = f" AND {table}.{column} <> {ALL}" if table == "domain_admins" else ""
        source = f"{table} LEFT JOIN domain ON {there} WHERE domain.domain IS NULL{but_all}"
        answer = "Kept. Superadmins see and can delete them; mail for them is not taken."
        name = f"{table}_{column}_missing"
        if finding := db.found(name, title, answer, f"{table}.{shown}", source):
            found.append(finding)
    return found


def grants_of_missing_admins(db: Database) -> list[Finding]:
    """Find grants to admins that are not there."""
    there = db.same("domain_admins.username", "admin.username")
    source = f"domain_admins LEFT JOIN admin ON {there} WHERE admin.username IS NULL"
    answer = "Kept. Nobody can sign in with them."
    title = "grants to admins that are not there"
    finding = db.found("grants_without_admin", title, answer, "domain_admins.username", source)
    return [finding] if finding else []


def mailboxes_without_alias(db: Database) -> list[Finding]:
    """Find mailboxes that lack the alias row of their own that PostfixAdmin wants."""
    there = db.same("mailbox.username", "alias.address")
    source = f"mailbox LEFT JOIN alias ON {there} WHERE alias.address IS NULL"
    answer = "Kept. Mail arrives; the row is made when the mailbox is changed here. PostfixAdmin cannot change them."
    title = "mailboxes without the alias row of their own"
    finding = db.found("mailboxes_without_alias", title, answer, "mailbox.username", source)
    return [finding] if finding else []
