"""Every query that Postfix and Dovecot run on the tables, once.

The configuration writer renders these into `.cf` and `.conf.ext` files, `run` asks them through Django, and the tests
compare the answers with real `postmap` and `doveadm`. What each rule is for stands in docs/mailserver.md.
"""

from mailadmin.mailserver.lookups.asking import bind, can_be_asked, can_be_stored, decide, fold, run, run_dovecot, text
from mailadmin.mailserver.lookups.dovecot import (
    APP_PASSWORD_QUERY,
    DOVECOT_LOOKUPS,
    ITERATE_QUERY,
    LAST_LOGIN_DICT,
    LAST_LOGIN_KEY,
    PASSWORD_QUERY,
    QUOTA_DICT,
    SIEVE_IDS,
    SIEVE_LOCATION,
    SIEVE_SCRIPTS,
    USER_QUERY,
)
from mailadmin.mailserver.lookups.form import Lookup, Runner, Writer
from mailadmin.mailserver.lookups.postfix import (
    ALIASDOM_ALIASES,
    ALIASDOM_CATCHALL,
    ALIASDOM_MAILBOXES,
    ALIASDOM_SELF,
    ALIASDOM_SENDER_LOGINS,
    ALIASES,
    DOMAINS,
    MAILBOX_LIMITS,
    MAILBOXES,
    POSTFIX_LOOKUPS,
    REFUSAL,
    RELAY_DOMAINS,
    RELAY_RECIPIENTS,
    SELF,
    SENDER_LOGIN_MAPS,
    SENDER_LOGINS,
    SWITCHED_OFF,
    TRANSPORT,
    VIRTUAL_ALIAS_MAPS,
    VIRTUAL_MAILBOX_MAPS,
)

ALL = (*POSTFIX_LOOKUPS, *DOVECOT_LOOKUPS)
LOOKUPS = {lookup.name: lookup for lookup in ALL}

__all__ = [
    "ALIASDOM_ALIASES",
    "ALIASDOM_CATCHALL",
    "ALIASDOM_MAILBOXES",
    "ALIASDOM_SELF",
    "ALIASDOM_SENDER_LOGINS",
    "ALIASES",
    "ALL",
    "APP_PASSWORD_QUERY",
    "DOMAINS",
    "DOVECOT_LOOKUPS",
    "ITERATE_QUERY",
    "LAST_LOGIN_DICT",
    "LAST_LOGIN_KEY",
    "LOOKUPS",
    "MAILBOXES",
    "MAILBOX_LIMITS",
    "PASSWORD_QUERY",
    "POSTFIX_LOOKUPS",
    "QUOTA_DICT",
    "REFUSAL",
    "RELAY_DOMAINS",
    "RELAY_RECIPIENTS",
    "SELF",
    "SENDER_LOGINS",
    "SENDER_LOGIN_MAPS",
    "SIEVE_IDS",
    "SIEVE_LOCATION",
    "SIEVE_SCRIPTS",
    "SWITCHED_OFF",
    "TRANSPORT",
    "USER_QUERY",
    "VIRTUAL_ALIAS_MAPS",
    "VIRTUAL_MAILBOX_MAPS",
    "Lookup",
    "Runner",
    "Writer",
    "bind",
    "can_be_asked",
    "can_be_stored",
    "decide",
    "fold",
    "run",
    "run_dovecot",
    "text",
]
