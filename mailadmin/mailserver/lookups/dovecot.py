"""The queries of Dovecot, and the tables that it reads and writes itself."""

from dataclasses import dataclass

from mailadmin.mailserver.dialects import Dialect
from mailadmin.mailserver.lookups.form import dovecot

SIEVE_LOCATION = "dict:proxy::sieve;name=vacation;bindir=~/sieve-bin"
"""Where Dovecot's Sieve finds the vacation reply: the `sieve` dictionary, which reads our view."""


def _home(d: Dialect) -> str:
    return d.join("'{mail_base}/'", "m.maildir")


def _quota_rule(d: Dialect) -> str:
    # A negative quota would make Dovecot put off every delivery.
    return d.join("'*:bytes='", d.at_least_zero("m.quota"))


def chosen(value: str, pattern: str, then: str, otherwise: str) -> str:
    """Return Dovecot's conditional, which it decides before it sends the query: what fits the pattern is `then`.

    pattern: a POSIX extended regular expression that Python reads alike. Source: `Variables` of Dovecot's wiki.
    """
    return f"%{{if;{value};~;{pattern};{then};{otherwise}}}"


# Only the submission services ask about smtp_active, so the user still reads mail.
_SWITCH = chosen("%s", "^(smtp|submission)$", "smtp_active", "active")
# %c is TLS for a connection that has it: Dovecot itself would take a clear one from its own host for secure, Postfix
# sees to its own (smtpd_tls_auth_only).
_SECURITY = chosen("%s", "^(imap|pop3|sieve)$", "%c", "TLS")


def _is_not_too_old(d: Dialect) -> str:
    """Return the condition that the password lasts; a date that no row has, as of PostfixAdmin's "not set", ends none.

    PostfixAdmin writes its 2000-01-01 in whichever zone it runs.
    """
    return f"(d.password_expiry > 0 AND m.password_expiry BETWEEN '2000-01-03' AND {d.now}) IS NOT TRUE"


def _same_age(d: Dialect, table: str) -> str:
    """Return the condition that a row of ours was made for this mailbox, as mailadmin.core.same_row finds."""
    # A mailbox whose `created` was never set has one of several dates that say so.
    never = "< '2000-01-03'"
    remembered, made = d.whole_second(f"{table}.made_for"), d.whole_second("m.created")
    return f"({remembered} = {made} OR {table}.made_for {never} AND m.created {never})"


# The userdb_ fields spare a second query. Dovecot decides what it can by itself: a condition on constants is a tenth of
# the query's time.
PASSWORD_QUERY = dovecot(
    "password_query",
    "a user name, the service, whether the connection has TLS, and the mechanism",
    "what the mechanism checks the password by, and what user_query answers",
    lambda d: (
        f"""
SELECT m.username AS user, {{password}} AS password,
  {_home(d)} AS userdb_home, {_quota_rule(d)} AS userdb_quota_rule
FROM domain d
JOIN mailbox m ON m.username = '%u' AND {d.on("m.active")}{{credential}}
LEFT JOIN mailadmin_app_passwords_only o ON o.username = '%u' AND {_same_age(d, "o")}
WHERE d.domain = '%d' AND {d.on("d.active")} AND {d.on(f"m.{_SWITCH}")} AND '{_SECURITY}' = 'TLS'
  AND o.username IS NULL AND {_is_not_too_old(d)}"""
    ),
)


def _protocol(d: Dialect) -> str:
    # Postfix asks as smtp, Dovecot's own submission service under its name. Dovecot leaves one column of the four.
    services = {"imap": "imap", "pop3": "pop3", "sieve": "sieve", "smtp": "(smtp|submission)"}
    columns = [d.on(chosen("%s", f"^{service}$", f"p.{column}", "FALSE")) for column, service in services.items()]
    return f"({' OR '.join(columns)})"


# Asked before the password query, by the digest of what was typed: whom no app password fits goes on to that one.
# The digest is unique and random, so that most are answered from one look into its index.
APP_PASSWORD_QUERY = dovecot(
    "app_password_query",
    "a user name, the service, whether the connection has TLS, and SHA-256 of the password",
    "that an app password fits, which one, and what user_query answers",
    lambda d: (
        f"""
SELECT m.username AS user, NULL AS password, 'Y' AS nopassword,
  {_home(d)} AS userdb_home, {_quota_rule(d)} AS userdb_quota_rule, p.id AS userdb_app_password
FROM mailadmin_app_password p
JOIN domain d ON d.domain = '%d' AND {d.on("d.active")}
JOIN mailbox m ON m.username = '%u' AND {d.on("m.active")}
WHERE p.digest = '%{{sha256:password}}' AND p.username = '%u' AND {_protocol(d)}
  AND (p.ends IS NULL OR p.ends > {d.utc_now}) AND {_same_age(d, "p")}
  AND {d.on(f"m.{_SWITCH}")} AND '{_SECURITY}' = 'TLS'"""
    ),
)

# A second credential counts while the mailbox has the password that it was made for.
CREDENTIAL = {
    "password": "COALESCE(c.secret, m.password)",
    "credential": """
LEFT JOIN mailadmin_credential c ON c.username = '%u' AND c.mechanism = '%m' AND c.made_for = m.password""",
}
NO_CREDENTIAL = {"password": "m.password", "credential": ""}
"""What the password query is filled in with, with challenge mechanisms and without."""


def _on_vacation(d: Dialect) -> str:
    return f"{d.on('v.active')} AND {d.now} BETWEEN v.activefrom AND v.activeuntil"


# NULL for everybody who is not on vacation: they cost no Sieve lookup, and a broken view holds up only the mail of
# people who are. A join, because a subquery takes MariaDB longer.
USER_QUERY = dovecot(
    "user_query",
    "a user name",
    "home, quota, and the vacation script where one is due now",
    lambda d: (
        f"""
SELECT {_home(d)} AS home, {_quota_rule(d)} AS quota_rule,
  {d.when(_on_vacation(d), f"'{SIEVE_LOCATION}'")} AS sieve_before
FROM domain d
JOIN mailbox m ON m.username = '%u' AND {d.on("m.active")}
LEFT JOIN vacation v ON v.email = '%u'
WHERE d.domain = '%d' AND {d.on("d.active")}"""
    ),
)

# Where a program of Postfix sends the replies.
USER_QUERY_WITHOUT_REPLY = dovecot(
    "user_query",
    "a user name",
    "home and quota",
    lambda d: (
        f"""
SELECT {_home(d)} AS home, {_quota_rule(d)} AS quota_rule
FROM domain d
JOIN mailbox m ON m.username = '%u' AND {d.on("m.active")}
WHERE d.domain = '%d' AND {d.on("d.active")}"""
    ),
)

ITERATE_QUERY = dovecot(
    "iterate_query",
    "nothing",
    "every user that may sign in, for `doveadm -A`",
    lambda d: (
        f"""
SELECT m.username AS user
FROM mailbox m
JOIN domain d ON d.domain = m.domain AND {d.on("d.active")}
WHERE {d.on("m.active")}"""
    ),
)

DOVECOT_LOOKUPS = (APP_PASSWORD_QUERY, PASSWORD_QUERY, USER_QUERY, ITERATE_QUERY)


@dataclass(frozen=True)
class Table:
    """A table that Dovecot reads or writes as a dictionary: `maps` are (pattern, value column, fields)."""

    name: str
    table: str
    maps: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]


QUOTA_DICT = Table(
    "quota",
    "quota2",
    (("priv/quota/storage", "bytes", ()), ("priv/quota/messages", "messages", ())),
)
SIEVE_IDS = Table(
    "sieve",
    "mailadmin_vacation_id",
    (("priv/sieve/name/$script_name", "id", (("script_name", "$script_name"),)),),
)
SIEVE_SCRIPTS = Table(
    "sieve",
    "mailadmin_vacation_script",
    (("priv/sieve/data/$id", "script_data", (("id", "$id"),)),),
)

# The user's name comes last: what ends a pattern may hold slashes.
LAST_LOGIN_DICT = Table(
    "last_login",
    "mailadmin_mail_sign_in",
    (
        (
            "shared/last-login/$service/$ip/$app_password/$user",
            "last_login",
            (("username", "$user"), ("service", "$service"), ("ip", "$ip"), ("app_password", "$app_password")),
        ),
    ),
)
LAST_LOGIN_KEY = "last-login/%s/%r/%{userdb:app_password:0}/%u"
"""What Dovecot writes the time of a sign-in under: service, address, number of the app password or 0, user."""
