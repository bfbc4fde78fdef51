"""Vacations that PostfixAdmin wrote into aliases, for its program."""

from mailadmin.adopt.finding import Database, Finding


def vacation_entries(db: Database) -> list[Finding]:
    """Find mailboxes whose alias row hands their mail to a vacation program, each example with its domain."""
    if "vacation" not in db.schema.tables:
        return []
    there = db.same("vacation.email", "alias.address")
    source = f"vacation JOIN alias ON {there} WHERE alias.goto LIKE '%%#%%@%%'"
    title = "vacations that an alias hands to PostfixAdmin's vacation program"
    answer = (
        "Kept. Set MAILADMIN_VACATION=transport, and MAILADMIN_VACATION_DOMAIN to the domain after the @, while that"
        " program or ours replies; with sieve, Postfix's new files discard this mail and Dovecot replies."
    )
    finding = db.found("vacation_entries", title, answer, "alias.goto", source)
    return [finding] if finding else []
