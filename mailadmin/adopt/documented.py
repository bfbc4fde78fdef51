"""What Postfix and Dovecot ask of PostfixAdmin's tables on a server set up as PostfixAdmin's documentation tells.

The answers of these are what `mailserver.lookups` is compared with after an adoption. They look at one table at a time:
a switched-off domain, for one, stops neither its aliases nor its users' sign-in. `smtp_active` is asked as its newer
versions tell; a table that gets the column by adoption has everybody on.
"""

from mailadmin.mailserver.dialects import DIALECTS, Dialect
from mailadmin.mailserver.lookups import Lookup, Runner, Writer


def _postfix(name: str, answers: str, write: Writer) -> Lookup:
    return _lookup(name, Runner.POSTFIX, "a name", answers, write)


def _lookup(name: str, runner: Runner, asked: str, answers: str, write: Writer) -> Lookup:
    sql = {engine: write(dialect).strip() for engine, dialect in DIALECTS.items()}
    return Lookup(name, runner, asked, answers, sql)


ALIAS = _postfix(
    "documented_alias",
    "the targets of its alias row",
    lambda d: (
        f"""
SELECT a.goto
FROM alias a
WHERE a.address = '%s' AND {d.on("a.active")}"""
    ),
)


def _alias_at_target(d: Dialect, address: str) -> str:
    return f"""
SELECT a.goto
FROM alias_domain ad
JOIN alias a ON a.address = {address} AND {d.on("a.active")}
WHERE ad.alias_domain = '%d' AND {d.on("ad.active")}"""


ALIAS_DOMAIN_ALIAS = _postfix(
    "documented_alias_domain",
    "the targets of the alias at the target domain",
    lambda d: _alias_at_target(d, d.join("'%u'", "'@'", "ad.target_domain")),
)

ALIAS_DOMAIN_CATCHALL = _postfix(
    "documented_alias_domain_catchall",
    "the targets of the target domain's catch-all",
    lambda d: _alias_at_target(d, d.join("'@'", "ad.target_domain")),
)

MAILBOX = _postfix(
    "documented_mailbox",
    "the maildir",
    lambda d: (
        f"""
SELECT m.maildir
FROM mailbox m
WHERE m.username = '%s' AND {d.on("m.active")}"""
    ),
)

ALIAS_DOMAIN_MAILBOX = _postfix(
    "documented_alias_domain_mailbox",
    "the maildir of the mailbox at the target domain",
    lambda d: (
        f"""
SELECT m.maildir
FROM alias_domain ad
JOIN mailbox m ON m.username = {d.join("'%u'", "'@'", "ad.target_domain")} AND {d.on("m.active")}
WHERE ad.alias_domain = '%d' AND {d.on("ad.active")}"""
    ),
)

# With the maps for transports, a domain that is handed on to another server is a relay domain.
_HANDED_ON = "(d.transport LIKE 'smtp%%' OR d.transport LIKE 'relay%%')"

DOMAIN = _postfix(
    "documented_domain",
    "its name, if its mailboxes are here",
    lambda d: (
        f"""
SELECT d.domain
FROM domain d
WHERE d.domain = '%s' AND {d.on("d.active")} AND {d.off("d.backupmx")} AND NOT {_HANDED_ON}"""
    ),
)

RELAY_DOMAIN = _postfix(
    "documented_relay_domain",
    "its name, if its mail is handed on",
    lambda d: (
        f"""
SELECT d.domain
FROM domain d
WHERE d.domain = '%s' AND {d.on("d.active")} AND ({d.on("d.backupmx")} OR {_HANDED_ON})"""
    ),
)

TRANSPORT = _postfix(
    "documented_transport",
    "its transport",
    lambda d: (
        f"""
SELECT d.transport
FROM domain d
WHERE d.domain = '%s' AND {d.on("d.active")}"""
    ),
)

SENDER_LOGIN = _postfix(
    "documented_sender_login",
    "the user of the mailbox",
    lambda d: (
        f"""
SELECT m.username
FROM mailbox m
WHERE m.username = '%s' AND {d.on("m.active")}"""
    ),
)

PASSWORD_QUERY = _lookup(
    "documented_password_query",
    Runner.DOVECOT,
    "a user name and the service",
    "the stored password",
    lambda d: (
        f"""
SELECT m.username AS user, m.password AS password
FROM mailbox m
WHERE m.username = '%u' AND {d.on("m.active")} AND ('%s' <> 'smtp' OR {d.on("m.smtp_active")})"""
    ),
)

USER_QUERY = _lookup(
    "documented_user_query",
    Runner.DOVECOT,
    "a user name",
    "home and quota",
    lambda d: (
        f"""
SELECT {{uid}} AS uid, {{gid}} AS gid, {d.join("'{mail_base}/'", "m.maildir")} AS home,
  {d.join("'*:bytes='", "m.quota")} AS quota_rule
FROM mailbox m
WHERE m.username = '%u' AND {d.on("m.active")}"""
    ),
)

VIRTUAL_ALIAS_MAPS = (ALIAS, ALIAS_DOMAIN_ALIAS, ALIAS_DOMAIN_CATCHALL)
VIRTUAL_MAILBOX_MAPS = (MAILBOX, ALIAS_DOMAIN_MAILBOX)
"""The maps in the order in which main.cf names them; Postfix takes the first that answers."""

ALL = (
    *VIRTUAL_ALIAS_MAPS,
    *VIRTUAL_MAILBOX_MAPS,
    DOMAIN,
    RELAY_DOMAIN,
    TRANSPORT,
    SENDER_LOGIN,
    PASSWORD_QUERY,
    USER_QUERY,
)
