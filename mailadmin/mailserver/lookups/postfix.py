"""The lookup tables of Postfix, and the order of the maps they make."""

from mailadmin.mailserver.dialects import Dialect
from mailadmin.mailserver.lookups.form import postfix

REFUSAL = "550 5.1.1 This address is switched off"

DOMAINS = postfix(
    "domains",
    "a domain",
    "its name, if it is on and its mailboxes are here",
    lambda d: (
        f"""
SELECT d.domain
FROM domain d
WHERE d.domain = '%s' AND {d.on("d.active")} AND {d.off("d.backupmx")}"""
    ),
)

RELAY_DOMAINS = postfix(
    "relay_domains",
    "a domain",
    "its name, if it is on and this server is its backup MX",
    lambda d: (
        f"""
SELECT d.domain
FROM domain d
WHERE d.domain = '%s' AND {d.on("d.active")} AND {d.on("d.backupmx")}"""
    ),
)


def _ended(d: Dialect, key: str) -> str:
    """Return the JOIN that finds something where the alias `a` of the key is somebody's own and has ended.

    The row is of this alias, not of an earlier one of the name, if it remembers when that was made.
    """
    found = f"e.address = {key} AND e.alias_created = a.created AND e.ends <= {d.utc_now}"
    return f"LEFT JOIN mailadmin_own_alias e ON {found}"


# A backup MX domain without any alias row takes mail for every address, as PostfixAdmin's users know it. The condition
# said twice lets MariaDB drop the subquery unplanned for every key but `@domain`: a quarter of the query's time.
RELAY_RECIPIENTS = postfix(
    "relay_recipients",
    "an address, or `@domain`, of a backup MX domain",
    "something, if mail for it is taken: an alias row says so, or the domain lists no address at all",
    lambda d: (
        f"""
SELECT COALESCE(a.address, d.domain)
FROM domain d
LEFT JOIN alias a ON a.address = '%s' AND {d.on("a.active")}
{_ended(d, "'%s'")}
WHERE d.domain = '%d' AND {d.on("d.active")} AND {d.on("d.backupmx")}
  AND (a.address IS NOT NULL AND e.address IS NULL
    OR '%s' = '@%d' AND NOT EXISTS (SELECT 1 FROM alias x WHERE x.domain = '%d' AND '%s' = '@%d'))"""
    ),
)

MAILBOXES = postfix(
    "mailboxes",
    "an address",
    "the maildir of its mailbox, if the mailbox and its domain are on",
    lambda d: (
        f"""
SELECT m.maildir
FROM domain d
JOIN mailbox m ON m.username = '%s' AND {d.on("m.active")}
WHERE d.domain = '%d' AND {d.on("d.active")}"""
    ),
)


def _through_alias_domain(d: Dialect) -> str:
    """Return the FROM part that leads from an alias domain to its target, where all three rows are on."""
    return f"""FROM alias_domain ad
JOIN domain o ON o.domain = '%d' AND {d.on("o.active")}
JOIN domain t ON t.domain = ad.target_domain AND {d.on("t.active")}"""


def _at_target(d: Dialect) -> str:
    return d.join("'%u'", "'@'", "ad.target_domain")


ALIASDOM_MAILBOXES = postfix(
    "aliasdom_mailboxes",
    "an address of an alias domain",
    "the maildir of the mailbox of that local part at the target domain",
    lambda d: (
        f"""
SELECT m.maildir
{_through_alias_domain(d)}
JOIN mailbox m ON m.username = {_at_target(d)} AND {d.on("m.active")}
WHERE ad.alias_domain = '%d' AND {d.on("ad.active")}"""
    ),
)

# The row of a switched-off mailbox must not forward, even where some other program left its alias row on.
ALIASES = postfix(
    "aliases",
    "an address or `@domain`",
    "the targets of its alias row; of somebody's own alias, until it ends",
    lambda d: (
        f"""
SELECT a.goto
FROM domain d
JOIN alias a ON a.address = '%s' AND {d.on("a.active")}
LEFT JOIN mailbox m ON m.username = '%s' AND {d.off("m.active")}
{_ended(d, "'%s'")}
WHERE d.domain = '%d' AND {d.on("d.active")} AND m.username IS NULL AND e.address IS NULL"""
    ),
)

# '%u@%d' is the whole key again; %u keeps Postfix from asking for `@domain`, where an answer would take any address.
SELF = postfix(
    "self",
    "an address",
    "the address itself, if a mailbox or alias has it, on or off: so that it never falls to the catch-all",
    lambda d: (
        f"""
SELECT COALESCE(m.username, a.address)
FROM domain d
LEFT JOIN mailbox m ON m.username = '%u@%d'
LEFT JOIN alias a ON a.address = '%u@%d'
WHERE d.domain = '%d' AND {d.on("d.active")} AND COALESCE(m.username, a.address) IS NOT NULL"""
    ),
)

ALIASDOM_ALIASES = postfix(
    "aliasdom_aliases",
    "an address of an alias domain",
    "the targets of the alias of that local part at the target domain",
    lambda d: (
        f"""
SELECT a.goto
{_through_alias_domain(d)}
JOIN alias a ON a.address = {_at_target(d)} AND {d.on("a.active")}
LEFT JOIN mailbox m ON m.username = {_at_target(d)} AND {d.off("m.active")}
{_ended(d, _at_target(d))}
WHERE ad.alias_domain = '%d' AND {d.on("ad.active")} AND m.username IS NULL AND e.address IS NULL"""
    ),
)

ALIASDOM_SELF = postfix(
    "aliasdom_self",
    "an address of an alias domain",
    "the same local part at the target domain, if a mailbox or alias has it, on or off",
    lambda d: (
        f"""
SELECT COALESCE(m.username, a.address)
{_through_alias_domain(d)}
LEFT JOIN mailbox m ON m.username = {_at_target(d)}
LEFT JOIN alias a ON a.address = {_at_target(d)}
WHERE ad.alias_domain = '%d' AND {d.on("ad.active")} AND COALESCE(m.username, a.address) IS NOT NULL"""
    ),
)

# Postfix asks for the full address before `@domain`; answering the former would take mail from existing addresses.
ALIASDOM_CATCHALL = postfix(
    "aliasdom_catchall",
    "`@domain` of an alias domain",
    "the targets of the target domain's catch-all",
    lambda d: (
        f"""
SELECT a.goto
{_through_alias_domain(d)}
JOIN alias a ON a.address = {d.join("'@'", "ad.target_domain")} AND {d.on("a.active")}
WHERE ad.alias_domain = '%d' AND {d.on("ad.active")} AND '%s' = '@%d'"""
    ),
)

# Rows at the alias domain itself count first, as in the maps; a mailbox decides before its alias row. Two halves rather
# than one chain of outer joins: MariaDB scans the table after an outer join that found nothing.
SWITCHED_OFF = postfix(
    "switched_off",
    "a recipient's address",
    "a refusal, if it is switched off; DUNNO, if it is on",
    lambda d: (
        f"""
SELECT CASE WHEN {d.on("COALESCE(m.active, a.active)")} AND e.address IS NULL THEN 'DUNNO' ELSE '{REFUSAL}' END
FROM domain d
LEFT JOIN mailbox m ON m.username = '%u@%d'
LEFT JOIN alias a ON a.address = '%u@%d'
{_ended(d, "'%u@%d'")}
WHERE d.domain = '%d' AND {d.on("d.active")} AND COALESCE(m.username, a.address) IS NOT NULL
UNION ALL
SELECT CASE WHEN {d.on("COALESCE(m.active, a.active)")} AND e.address IS NULL THEN 'DUNNO' ELSE '{REFUSAL}' END
{_through_alias_domain(d)}
LEFT JOIN mailbox m ON m.username = {_at_target(d)}
LEFT JOIN alias a ON a.address = {_at_target(d)}
{_ended(d, _at_target(d))}
WHERE ad.alias_domain = '%d' AND {d.on("ad.active")} AND COALESCE(m.username, a.address) IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM mailbox x WHERE x.username = '%u@%d')
  AND NOT EXISTS (SELECT 1 FROM alias x WHERE x.address = '%u@%d')"""
    ),
)

TRANSPORT = postfix(
    "transport",
    "a domain",
    "its transport, where it is not the ordinary one",
    lambda d: (
        f"""
SELECT d.transport
FROM domain d
WHERE d.domain = '%s' AND {d.on("d.active")} AND d.transport NOT IN ('', 'virtual')"""
    ),
)

# A mailbox's address is its user's alone: a forward does not let its receiver send in the user's name.
SENDER_LOGINS = postfix(
    "sender_logins",
    "a sender's address or `@domain`",
    "the users that may send with it: of a mailbox its user, of an alias its targets",
    lambda d: (
        f"""
SELECT COALESCE(m.username, a.goto)
FROM domain d
LEFT JOIN mailbox m ON m.username = '%s'
LEFT JOIN alias a ON a.address = '%s' AND {d.on("a.active")}
{_ended(d, "'%s'")}
WHERE d.domain = '%d' AND {d.on("d.active")}
  AND (m.username IS NULL AND a.address IS NOT NULL AND e.address IS NULL
    OR {d.on("m.active")} AND {d.on("m.smtp_active")})"""
    ),
)

ALIASDOM_SENDER_LOGINS = postfix(
    "aliasdom_sender_logins",
    "a sender's address at an alias domain",
    "the users that may send with that local part at the target domain",
    lambda d: (
        f"""
SELECT COALESCE(m.username, a.goto)
{_through_alias_domain(d)}
LEFT JOIN mailbox m ON m.username = {_at_target(d)}
LEFT JOIN alias a ON a.address = {_at_target(d)} AND {d.on("a.active")}
{_ended(d, _at_target(d))}
WHERE ad.alias_domain = '%d' AND {d.on("ad.active")}
  AND (m.username IS NULL AND a.address IS NOT NULL AND e.address IS NULL
    OR {d.on("m.active")} AND {d.on("m.smtp_active")})"""
    ),
)

MAILBOX_LIMITS = postfix(
    "mailbox_limits",
    "an address",
    "the quota of its mailbox in bytes, 0 for unlimited: for servers that deliver with virtual(8)",
    lambda d: (
        f"""
SELECT {d.at_least_zero("m.quota")}
FROM mailbox m
WHERE m.username = '%s' AND {d.on("m.active")}"""
    ),
)

POSTFIX_LOOKUPS = (
    DOMAINS,
    RELAY_DOMAINS,
    RELAY_RECIPIENTS,
    MAILBOXES,
    ALIASDOM_MAILBOXES,
    ALIASES,
    SELF,
    ALIASDOM_ALIASES,
    ALIASDOM_SELF,
    ALIASDOM_CATCHALL,
    SWITCHED_OFF,
    TRANSPORT,
    SENDER_LOGINS,
    ALIASDOM_SENDER_LOGINS,
    MAILBOX_LIMITS,
)

VIRTUAL_ALIAS_MAPS = (ALIASES, SELF, ALIASDOM_ALIASES, ALIASDOM_SELF, ALIASDOM_CATCHALL)
VIRTUAL_MAILBOX_MAPS = (MAILBOXES, ALIASDOM_MAILBOXES)
SENDER_LOGIN_MAPS = (SENDER_LOGINS, ALIASDOM_SENDER_LOGINS)
"""The maps in the order in which main.cf names them; the order decides (docs/mailserver.md)."""
