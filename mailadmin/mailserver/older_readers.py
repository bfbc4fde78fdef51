"""What Courier and saslauthd are given: programs of before Dovecot that read the same tables.

Neither knows a `{SCHEME}` prefix: they need passwords in bare crypt(3) form (docs/mailserver.md).
"""

from django.core.exceptions import ImproperlyConfigured

from mailadmin.core.passwords import parse_write_scheme
from mailadmin.mailserver import conf

# Columns in Courier's order: name, hash, clear password, uid, gid, home, maildir, quota, full name, options. Its
# variables stand inside quoted literals, which it escapes. A user may type capitals; the tables hold none.
_COURIER_QUERY = """
SELECT m.username, m.password, '', '{uid}', '{gid}', CONCAT('{mail_base}/', m.maildir), '{maildir}',
  CASE WHEN m.quota > 0 THEN CONCAT(m.quota, 'S') ELSE '' END, m.name, ''
FROM mailbox m
JOIN domain d ON d.domain = m.domain AND d.active = 1
WHERE m.username = LOWER('$(local_part)@$(domain)') AND m.active = 1
  AND ('$(service)' NOT IN ('smtp', 'esmtp') OR m.smtp_active = 1)"""


def courier_query(server: conf.MailServer) -> str:
    """Return Courier's query. Raises ImproperlyConfigured where mail does not lie in maildirs. Source: authmysqlrc."""
    kind, _colon, path = server.mail_location.partition(":")
    inside_home = path.split(":")[0].removeprefix("~").strip("/")
    if kind != "maildir" or not path.startswith("~"):
        raise ImproperlyConfigured(
            "Courier reads maildirs in the users' homes alone: MAILADMIN_MAIL_LOCATION must begin with maildir:~."
        )
    return _COURIER_QUERY.format(
        uid=server.uid, gid=server.gid, mail_base=server.mail_base, maildir=f"./{inside_home}"
    ).strip()


def pam_options(server: conf.MailServer, database: conf.Database) -> str:
    """Return the options of pam_mysql, for pam.d; those with blanks stand in brackets. Source: pam_mysql's README."""
    host = database.host if database.is_local else f"{database.host}:{database.port}"
    return " ".join(
        [
            f"host={host} db={database.name} user={server.reader_user} passwd={server.reader_password}",
            "[table=mailbox JOIN domain ON domain.domain = mailbox.domain]",
            "usercolumn=mailbox.username passwdcolumn=mailbox.password crypt=1",
            "[where=mailbox.active = 1 AND mailbox.smtp_active = 1 AND domain.active = 1]",
        ]
    )


def unreadable(scheme: str) -> str:
    """Return what to change, for the administrator, where these readers could not read new passwords; else ""."""
    write = parse_write_scheme(scheme)
    if write.bare and write.name in ("CRYPT", "SHA512-CRYPT", "SHA256-CRYPT", "BLF-CRYPT", "MD5-CRYPT"):
        return ""
    return (
        f"Courier and pam_mysql cannot read passwords in {scheme}: set MAILADMIN_PASSWORD_SCHEME=SHA512-CRYPT:bare."
        " Passwords that are stored already must be set again."
    )
