"""Reading the two tables."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from mailadmin.core.errors import Invalid

_USERS = "SELECT domain, username, password, quota, active, admin FROM user"
_ALIASES = "SELECT address, goto, active FROM alias"
_SECONDS = 20


@dataclass(frozen=True, slots=True)
class SourceUser:
    """A row of `user`. Nothing is said there about the unit of `quota`."""

    domain: str
    username: str
    password: str
    quota: int
    active: bool
    admin: bool


@dataclass(frozen=True, slots=True)
class SourceAlias:
    """A row of `alias`: one of the address's targets, or several with commas."""

    address: str
    goto: str
    active: bool


@dataclass(frozen=True, slots=True)
class Source:
    """Both tables, in an order that does not depend on the server."""

    users: list[SourceUser]
    aliases: list[SourceAlias]


def read_source(url: str, password: str | None = None) -> Source:
    """Return what the database at `mysql://user[:password]@host[:port]/database[?unix_socket=PATH]` holds.

    `password` takes the place of the URL's. Nothing is written there. Raises Invalid, which never quotes the URL.
    """
    # Not installed where the panel itself needs no MariaDB.
    import MySQLdb

    options = parse_url(url)
    if password is not None:
        options["password"] = password
    try:
        connection = MySQLdb.Connect(charset="utf8mb4", connect_timeout=_SECONDS, **options)
        try:
            return _read(connection)
        finally:
            connection.close()
    except (MySQLdb.Error, ValueError) as error:
        raise Invalid.of("from", f"The source database says: {error.args[-1] if error.args else error}") from None


def parse_url(url: str) -> dict[str, Any]:
    """Return the driver's options for a URL; raises Invalid."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    database = unquote(parts.path.strip("/"))
    if parts.scheme != "mysql" or not parts.username or not database:
        raise Invalid.of("from", "Enter a URL such as mysql://user@localhost/mail.")
    options: dict[str, Any] = {"user": unquote(parts.username), "database": database}
    found = {"host": parts.hostname, "port": port, "password": parts.password and unquote(parts.password)}
    options |= {name: value for name, value in found.items() if value}
    if socket := parse_qs(parts.query).get("unix_socket"):
        options |= {"unix_socket": socket[0], "host": "localhost"}
    return options


def _read(connection: Any) -> Source:
    cursor = connection.cursor()
    if cursor.execute("SHOW TABLES LIKE 'mailadmin\\_domain'"):
        raise Invalid.of("from", "That is a database of the panel; the two tables must be in another.")
    # One moment for both, where the tables know transactions.
    cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
    cursor.execute(_USERS)
    users = [
        SourceUser(_text(domain), _text(username), _text(password), int(quota or 0), bool(active), bool(admin))
        for domain, username, password, quota, active, admin in cursor.fetchall()
    ]
    cursor.execute(_ALIASES)
    aliases = [SourceAlias(_text(address), _text(goto), bool(active)) for address, goto, active in cursor.fetchall()]
    return Source(
        sorted(users, key=lambda user: (user.username, user.domain)),
        sorted(aliases, key=lambda alias: (alias.address, alias.goto)),
    )


def _text(value: str | bytes | None) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value or ""
