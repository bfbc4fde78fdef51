"""Domains that have more than their limits allow already."""

from typing import Any

from django.conf import settings

from mailadmin.adopt.finding import EXAMPLES, Database, Finding

_QUOTAS = "COUNT(*), SUM(CASE WHEN quota > 0 THEN quota * 1.0 ELSE 0 END), MAX(quota)"


def limits_exceeded(db: Database) -> list[Finding]:
    """Find domains beyond their number of mailboxes or aliases, or the quotas they may promise."""
    has_quota = db.schema.has("domain", "quota")
    rows = db.rows(f"SELECT domain, {_QUOTAS} FROM mailbox WHERE domain IS NOT NULL GROUP BY domain")
    mailboxes = {row[0].lower(): row[1:] for row in rows}
    rows = db.rows("SELECT domain, COUNT(*) FROM alias WHERE domain IS NOT NULL GROUP BY domain")
    aliases = {row[0].lower(): row[1] for row in rows}
    columns = f"domain, mailboxes, aliases, maxquota, {'quota' if has_quota else '0'}"
    over = []
    for row in db.rows(f"SELECT {columns} FROM domain WHERE domain <> 'ALL' ORDER BY domain"):
        name = row[0].lower()
        if told := _beyond(row[1:], mailboxes.get(name, (0, 0, 0)), aliases.get(name, 0)):
            over.append(f"{row[0]} ({', '.join(told)})")
    if not over:
        return []
    title = "domains beyond their limits"
    answer = "Kept. Nothing is taken away; nothing can be added until they are below."
    return [Finding("limits_exceeded", title, len(over), tuple(over[:EXAMPLES]), answer)]


def _beyond(limits: tuple[int, ...], mailboxes: tuple[Any, ...], aliases: int) -> list[str]:
    most_mailboxes, most_aliases, largest, promised = limits
    count, quotas, quota = mailboxes[0], mailboxes[1] or 0, mailboxes[2] or 0
    unit = settings.MAILADMIN_QUOTA_MULTIPLIER
    told = [
        ("mailboxes", count, most_mailboxes, 1),
        # Each mailbox has an alias row of its own, which does not count.
        ("aliases", aliases - count, most_aliases, 1),
        ("largest quota", quota, largest, unit),
        ("sum of quotas", quotas, promised, unit),
    ]
    return [name for name, used, limit, size in told if limit and used > max(limit, 0) * size]
