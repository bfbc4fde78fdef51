"""The database, asked through the client library that Postfix's own maps use: its Python packages take longer to load
than all the rest, psycopg ten times as long, and a mail server need not have them.

A statement has `%s` for each value. All columns are returned as texts.
"""

from __future__ import annotations

import ctypes

from mailadmin.responder.errors import TryLater

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Config = dict[str, str]
    Row = tuple[str, ...]

TIMEOUT = 20
"""Seconds to connect, and for an answer."""

_POINTER = ctypes.c_void_p
_TEXT = ctypes.c_char_p


def connect(config: Config) -> MySQL | PgSQL | SQLite:
    """Return a connection to the database; raises TryLater when there is none to be had."""
    kinds: dict[str, type[MySQL | PgSQL | SQLite]] = {"mysql": MySQL, "pgsql": PgSQL, "sqlite": SQLite}
    return kinds[config["engine"]](config)


def _library(*names: str) -> Any:
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise TryLater(f"none of these libraries is installed: {', '.join(names)}")


def _declare(library: Any, name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments
    return function


class MySQL:
    """MariaDB and MySQL."""

    _CONNECT_TIMEOUT, _CHARSET, _READ_TIMEOUT, _WRITE_TIMEOUT = 0, 7, 11, 12

    def __init__(self, config: Config) -> None:
        names = ("libmariadb.so.3", "libmysqlclient.so.21", "libmysqlclient.so.24")
        library = _library(*names)
        number = ctypes.c_ulong
        self._query = _declare(library, "mysql_real_query", ctypes.c_int, _POINTER, _TEXT, number)
        self._error = _declare(library, "mysql_error", _TEXT, _POINTER)
        self._store = _declare(library, "mysql_store_result", _POINTER, _POINTER)
        self._columns = _declare(library, "mysql_num_fields", ctypes.c_uint, _POINTER)
        self._fetch = _declare(library, "mysql_fetch_row", ctypes.POINTER(_POINTER), _POINTER)
        self._lengths = _declare(library, "mysql_fetch_lengths", ctypes.POINTER(number), _POINTER)
        self._free = _declare(library, "mysql_free_result", None, _POINTER)
        self._affected = _declare(library, "mysql_affected_rows", ctypes.c_ulonglong, _POINTER)
        self._escape = _declare(library, "mysql_real_escape_string", number, _POINTER, _TEXT, _TEXT, number)
        self._end = _declare(library, "mysql_close", None, _POINTER)
        option = _declare(library, "mysql_options", ctypes.c_int, _POINTER, ctypes.c_int, _TEXT)
        self._connection = _declare(library, "mysql_init", _POINTER, _POINTER)(None)
        # The value is a pointer to a number here, and a text there: both are passed as bytes.
        seconds = bytes(ctypes.c_uint(TIMEOUT))
        for name in (self._CONNECT_TIMEOUT, self._READ_TIMEOUT, self._WRITE_TIMEOUT):
            option(self._connection, name, seconds)
        option(self._connection, self._CHARSET, b"utf8mb4")
        host, port, socket = config["host"].encode(), int(config["port"] or 0), None
        if host.startswith(b"/"):
            host, port, socket = b"localhost", 0, host
        texts = [config[name].encode() for name in ("user", "password", "database")]
        arguments = (_POINTER, _TEXT, _TEXT, _TEXT, _TEXT, ctypes.c_uint, _TEXT, number)
        real_connect = _declare(library, "mysql_real_connect", _POINTER, *arguments)
        if not real_connect(self._connection, host, *texts, port, socket, 0):
            raise self._failure()

    def rows(self, statement: str, *values: str) -> list[Row]:
        """Return what a query answers; raises TryLater."""
        self.change(statement, *values)
        result = self._store(self._connection)
        if not result:
            raise self._failure()
        width, found = self._columns(result), []
        while row := self._fetch(result):
            lengths = self._lengths(result)
            cells = [ctypes.string_at(row[i], lengths[i]) if row[i] else b"" for i in range(width)]
            found.append(tuple(cell.decode("utf-8", "replace") for cell in cells))
        self._free(result)
        return found

    def change(self, statement: str, *values: str) -> int:
        """Run a statement and return how many rows it changed; raises TryLater."""
        pieces = statement.split("%s")
        text = pieces[0].encode() + b"".join(
            self._literal(value) + piece.encode()
            for value, piece in zip(values, pieces[1:])  # noqa: B905
        )
        if self._query(self._connection, text, len(text)):
            raise self._failure()
        return int(self._affected(self._connection))

    def close(self) -> None:
        """End the connection."""
        self._end(self._connection)

    def _literal(self, value: str) -> bytes:
        raw = value.encode()
        room = ctypes.create_string_buffer(2 * len(raw) + 1)
        size = self._escape(self._connection, room, raw, len(raw))
        return b"'" + room.raw[:size] + b"'"

    def _failure(self) -> TryLater:
        return TryLater(f"database: {self._error(self._connection).decode('utf-8', 'replace')}")


class PgSQL:
    """PostgreSQL."""

    _COMMAND_OK, _TUPLES_OK = 1, 2

    def __init__(self, config: Config) -> None:
        library = _library("libpq.so.5")
        texts = ctypes.POINTER(_TEXT)
        self._run = _declare(
            library, "PQexecParams", _POINTER, _POINTER, _TEXT, ctypes.c_int, _POINTER, texts, _POINTER, _POINTER,
            ctypes.c_int,
        )  # fmt: skip
        self._status = _declare(library, "PQresultStatus", ctypes.c_int, _POINTER)
        self._error = _declare(library, "PQerrorMessage", _TEXT, _POINTER)
        self._height = _declare(library, "PQntuples", ctypes.c_int, _POINTER)
        self._width = _declare(library, "PQnfields", ctypes.c_int, _POINTER)
        self._cell = _declare(library, "PQgetvalue", _TEXT, _POINTER, ctypes.c_int, ctypes.c_int)
        self._changed = _declare(library, "PQcmdTuples", _TEXT, _POINTER)
        self._clear = _declare(library, "PQclear", None, _POINTER)
        self._end = _declare(library, "PQfinish", None, _POINTER)
        arguments = (texts, texts, ctypes.c_int)
        connect_with = _declare(library, "PQconnectdbParams", _POINTER, *arguments)
        settings = {
            "host": config["host"],
            "port": config["port"],
            "user": config["user"],
            "password": config["password"],
            "dbname": config["database"],
            "connect_timeout": str(TIMEOUT),
            "client_encoding": "UTF8",
            "options": f"-c statement_timeout={TIMEOUT * 1000}",
        }
        self._connection = connect_with(_array(list(settings)), _array(list(settings.values())), 0)
        if _declare(library, "PQstatus", ctypes.c_int, _POINTER)(self._connection):
            raise self._failure()

    def rows(self, statement: str, *values: str) -> list[Row]:
        """Return what a query answers; raises TryLater."""
        result = self._done(statement, values)
        width = range(self._width(result))
        found = [
            tuple(self._cell(result, row, column).decode("utf-8", "replace") for column in width)
            for row in range(self._height(result))
        ]
        self._clear(result)
        return found

    def change(self, statement: str, *values: str) -> int:
        """Run a statement and return how many rows it changed; raises TryLater."""
        result = self._done(statement, values)
        changed = self._changed(result)
        self._clear(result)
        return int(changed or 0)

    def close(self) -> None:
        """End the connection."""
        self._end(self._connection)

    def _done(self, statement: str, values: tuple[str, ...]) -> Any:
        pieces = statement.split("%s")
        text = pieces[0] + "".join(f"${number}{piece}" for number, piece in enumerate(pieces[1:], 1))
        result = self._run(
            self._connection, text.encode(), len(values), None, _array(list(values), end=False), None, None, 0
        )
        if self._status(result) not in (self._COMMAND_OK, self._TUPLES_OK):
            raise self._failure()
        return result

    def _failure(self) -> TryLater:
        text = self._error(self._connection).decode("utf-8", "replace")
        return TryLater(f"database: {' '.join(text.split())}")


def _array(texts: list[str], *, end: bool = True) -> Any:
    """Return C's array of the texts, with a null at its end where one is wanted."""
    raw: list[bytes | None] = [text.encode() for text in texts]
    return (_TEXT * (len(raw) + end))(*raw)


class SQLite:
    """SQLite, whose file the program's user must be able to write."""

    def __init__(self, config: Config) -> None:
        import sqlite3

        self._errors = sqlite3.Error
        try:
            # A plain path that is not there would become an empty file: in the way of a database that is coming back.
            self._connection = sqlite3.Connection(
                _existing(config["database"]), timeout=TIMEOUT, isolation_level=None, uri=True
            )
        except sqlite3.Error as error:
            raise TryLater(f"database: {error}") from error

    def rows(self, statement: str, *values: str) -> list[Row]:
        """Return what a query answers; raises TryLater."""
        return [
            tuple("" if cell is None else str(cell) for cell in row) for row in self._run(statement, values).fetchall()
        ]

    def change(self, statement: str, *values: str) -> int:
        """Run a statement and return how many rows it changed; raises TryLater."""
        return int(self._run(statement, values).rowcount)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _run(self, statement: str, values: tuple[str, ...]) -> Any:
        try:
            return self._connection.execute(statement.replace("%s", "?"), values)
        except self._errors as error:
            raise TryLater(f"database: {error}") from error


def _existing(path: str) -> str:
    """Return SQLite's URI of a file to read and write that must be there (https://sqlite.org/uri.html)."""
    for character in "%?#":
        path = path.replace(character, f"%{ord(character):02x}")
    return f"file:{'//' if path.startswith('/') else ''}{path}?mode=rw"
