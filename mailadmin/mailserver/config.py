"""Writing the configuration of Postfix and Dovecot."""

import grp
import os
import pwd
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS
from django.template.loader import render_to_string

from mailadmin.core.passwords import enabled_mechanisms
from mailadmin.mailserver import conf, lookups, older_readers, vacation_program
from mailadmin.mailserver.files import File
from mailadmin.mailserver.lookups import Lookup, Runner


def render(output: Path, *, using: str = DEFAULT_DB_ALIAS, dead_domains: Iterable[str] = ()) -> list[File]:
    """Return all files for the database in use.

    `output` is where they will be read from, unless MAILADMIN_DOVECOT_CONFIG names another directory for Dovecot's.
    `dead_domains` are those of vacation entries that lead to no program.
    Raises ImproperlyConfigured for a setting that is missing or cannot stand in a file.
    """
    server = conf.load()
    database = conf.database(server, using)
    _require_passwords(server, database)
    config = server.dovecot_config or str(output.resolve() / "dovecot")
    tls_cert, tls_key = certificate(server)
    common = {"server": server, "database": database, "config": config, "tls_cert": tls_cert, "tls_key": tls_key}
    common["vacation"] = vacation_program.postfix_settings(server, output, dead_domains)
    files = [*_postfix_files(common, server, database), *_dovecot_files(common, server, database)]
    if vacation_program.is_used():
        files += vacation_program.files(server, database)
    return files + (_older_files(common, server, database) if has_older_readers(server, database) else [])


def has_older_readers(server: conf.MailServer, database: conf.Database) -> bool:
    """Say whether Courier and saslauthd are to be served: they have a password, and can read the database."""
    return bool(server.reader_password) and database.engine == "mysql"


def certificate(server: conf.MailServer) -> tuple[str, str]:
    """Return the paths of the certificate and of its key; by default where certbot keeps them for the host's name."""
    live = f"/etc/letsencrypt/live/{server.hostname}"
    return server.tls_cert or f"{live}/fullchain.pem", server.tls_key or f"{live}/privkey.pem"


def _postfix_files(common: Mapping[str, Any], server: conf.MailServer, database: conf.Database) -> list[File]:
    proxied = database.engine != "sqlite"
    context = {
        **common,
        "proxied": proxied,
        "map_type": f"proxy:{database.engine}" if proxied else database.engine,
        "virtual_alias_maps": lookups.VIRTUAL_ALIAS_MAPS,
        "virtual_mailbox_maps": lookups.VIRTUAL_MAILBOX_MAPS,
        "sender_login_maps": lookups.SENDER_LOGIN_MAPS,
    }
    files = [File(f"postfix/{name}", _fill(name, context)) for name in ("main.cf", "master.cf")]
    secret_group = server.postfix_group if proxied else ""
    return files + [
        File(f"postfix/sql/{lookup.name}.cf", _map_file(lookup, common, database), secret_group)
        for lookup in lookups.ALL
        if lookup.runner is Runner.POSTFIX
    ]


def _map_file(lookup: Lookup, common: Mapping[str, Any], database: conf.Database) -> str:
    # A line that begins with blanks continues the one before.
    query = "\n".join(f"  {line}" for line in lookups.text(lookup, database.engine).splitlines())
    return _fill(
        "lookup.cf", {**common, "lookup": lookup, "query": query, "hosts": _postfix_hosts(common["server"], database)}
    )


def _postfix_hosts(server: conf.MailServer, database: conf.Database) -> str:
    if not database.is_local:
        return f"inet:{database.host}:{database.port}"
    if database.engine == "mysql" or database.port == conf.PORTS["pgsql"]:
        return f"unix:{database.host}"
    # A PostgreSQL socket has the port in its name, which Postfix can only be told by a URI.
    user, password = (quote(text, safe="") for text in (server.postfix_user, server.postfix_password))
    return f"postgresql://{user}:{password}@/{database.name}?host={database.host}&port={database.port}"


def _dovecot_files(common: Mapping[str, Any], server: conf.MailServer, database: conf.Database) -> list[File]:
    context = {
        **common,
        "postmaster": server.postmaster or f"postmaster@{server.hostname}",
        "mail_user": _user_name(server.uid),
        # The panel and Dovecot must read a password that names no scheme in the same way.
        "default_scheme": settings.MAILADMIN_PASSWORD_DEFAULT_SCHEME or "CRYPT",
        "challenge_mechanisms": [name.lower() for name in enabled_mechanisms()],
        "connect": _dovecot_connect(server, database),
        "last_login_key": lookups.LAST_LOGIN_KEY,
    }
    asked = [lookup for lookup in lookups.DOVECOT_LOOKUPS if lookup is not lookups.APP_PASSWORD_QUERY]
    app_passwords, accounts = (
        {**context, "about": about, "dovecot_lookups": [_dovecot_query(lookup, database) for lookup in some]}
        for about, some in (
            ("Who signs in with an app password.", [lookups.APP_PASSWORD_QUERY]),
            ("Who may sign in, and where a user's mail is.", asked),
        )
    )
    quota = {**context, "tables": [lookups.QUOTA_DICT], "about": "Use of storage, written after each change."}
    scripts = [lookups.SIEVE_IDS, lookups.SIEVE_SCRIPTS]
    sieve = {**context, "tables": scripts, "about": "Vacation replies as Sieve scripts, from two views."}
    last_login = {**context, "tables": [lookups.LAST_LOGIN_DICT], "about": "When users last signed in, and from where."}
    secret_group = server.dovecot_group if database.engine != "sqlite" else ""
    return [
        File("dovecot/dovecot.conf", _fill("dovecot.conf", context)),
        File("dovecot/app-passwords.conf.ext", _fill("sql.conf.ext", app_passwords), secret_group),
        File("dovecot/sql.conf.ext", _fill("sql.conf.ext", accounts), secret_group),
        File("dovecot/dict-last-login.conf.ext", _fill("dict.conf.ext", last_login), secret_group),
        File("dovecot/dict-quota.conf.ext", _fill("dict.conf.ext", quota), secret_group),
        File("dovecot/dict-sieve.conf.ext", _fill("dict.conf.ext", sieve), secret_group),
    ]


def _dovecot_query(lookup: Lookup, database: conf.Database) -> dict[str, str]:
    # A backslash at the end of a line continues it.
    sql = " \\\n  ".join(lookups.text(lookup, database.engine).splitlines())
    # Each file of its own has one query to sign in by, under Dovecot's name for it.
    name = "password_query" if lookup is lookups.APP_PASSWORD_QUERY else lookup.name
    return {"name": name, "asked": lookup.asked, "answers": lookup.answers, "sql": sql}


def _dovecot_connect(server: conf.MailServer, database: conf.Database) -> str:
    if database.engine == "sqlite":
        return database.name
    port = "" if database.is_local and database.engine == "mysql" else f" port={database.port}"
    return (
        f"host={database.host}{port} dbname={database.name}"
        f" user={server.dovecot_user} password={server.dovecot_password}"
    )


def _older_files(common: Mapping[str, Any], server: conf.MailServer, database: conf.Database) -> list[File]:
    # A backslash at the end of a line continues it.
    query = " \\\n  ".join(older_readers.courier_query(server).splitlines())
    options = older_readers.pam_options(server, database)
    return [
        File("courier/authmysqlrc", _fill("authmysqlrc", {**common, "query": query}), server.courier_group),
        File("saslauthd/smtp", _fill("pam_mysql", {"options": options}), "root"),
    ]


def _fill(template: str, context: Mapping[str, Any]) -> str:
    return render_to_string(f"mailserver/{template}", dict(context)).strip() + "\n"


def _require_passwords(server: conf.MailServer, database: conf.Database) -> None:
    if database.engine == "sqlite":
        return
    needed = {
        "MAILADMIN_POSTFIX_DB_PASSWORD": server.postfix_password,
        "MAILADMIN_DOVECOT_DB_PASSWORD": server.dovecot_password,
    }
    if vacation_program.is_used():
        needed["MAILADMIN_VACATION_DB_PASSWORD"] = server.vacation_db_password
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise ImproperlyConfigured(f"Set {' and '.join(missing)}: each program needs a database user of its own.")
    needed["MAILADMIN_READER_DB_PASSWORD"] = server.reader_password
    if any(" " in value for value in needed.values()):
        raise ImproperlyConfigured(f"{' and '.join(needed)} may not hold blanks.")


def write(output: Path, files: list[File], *, force: bool) -> None:
    """Write the files below `output`, readable for all but those with passwords.

    Raises FileExistsError, before anything is written, for files that are there and `force` is not given.
    """
    present = [file.path for file in files if (output / file.path).exists()]
    if present and not force:
        raise FileExistsError(
            f"{output / present[0]} and {len(present) - 1} more exist already; --force overwrites them."
        )
    for file in files:
        _write_one(output / file.path, file)


def _write_one(path: Path, file: File) -> None:
    """Write by renaming: the file is never there half written, nor readable before its rights are set."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as stream:
        stream.write(file.text)
        os.fchmod(descriptor, 0o640 if file.secret_group else 0o644)
        group = _group_id(file.secret_group)
        if group is not None and os.geteuid() == 0:
            os.fchown(descriptor, 0, group)
    draft.replace(path)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


def _group_id(name: str) -> int | None:
    try:
        return grp.getgrnam(name).gr_gid if name else None
    except KeyError:
        return None
