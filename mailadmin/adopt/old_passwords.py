"""Passwords whose period is over: PostfixAdmin writes the dates, and on most servers nothing goes by them."""

from mailadmin.adopt.finding import Database, Finding
from mailadmin.mailserver.dialects import DIALECTS, VENDOR_ENGINES


def old_passwords(db: Database) -> list[Finding]:
    """Return the mailboxes that Dovecot will refuse, where it did not look at the date before."""
    if not (db.schema.has("domain", "password_expiry") and db.schema.has("mailbox", "password_expiry")):
        return []
    now = DIALECTS[VENDOR_ENGINES[db.schema.vendor]].now
    finding = db.found(
        "old_passwords",
        "mailboxes with a password older than their domain lets it be",
        "Dovecot refuses them as soon as it asks our query. `manage.py password_expiry --restart DOMAIN` lets them"
        " last for one more period, and the rules of a domain can let passwords last for ever.",
        "mailbox.username",
        f"mailbox JOIN domain ON {db.same('mailbox.domain', 'domain.domain')}"
        f" WHERE domain.password_expiry > 0 AND mailbox.password_expiry BETWEEN '2000-01-03' AND {now}",
    )
    return [finding] if finding else []
