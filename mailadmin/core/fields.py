"""Columns as PostfixAdmin declares them, on each engine."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Combinable
from django.utils import timezone

from mailadmin.core.server_time import server_zone

if TYPE_CHECKING:
    Char = models.CharField[str | Combinable, str]
    Text = models.TextField[str | Combinable, str]
    Integer = models.IntegerField[int | Combinable, int]
    Moment = models.Field[dt.datetime | Combinable | None, dt.datetime | None]
    Column = models.Field[Any, Any]
else:
    Char, Text, Integer = models.CharField, models.TextField, models.IntegerField
    Moment = Column = models.Field

NOT_SET = "2000-01-01 00:00:00"
NO_END = "2038-01-18 00:00:00"
KEY_COLLATION = "utf8mb4_bin"


class Literal(models.Value):
    """A column default written as it is, whatever the field does with Python values."""

    def __init__(self, value: str) -> None:
        super().__init__(value, output_field=models.CharField())

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        return "mailadmin.core.fields.Literal", (self.value,), {}


class CurrentTimestamp(models.Func):
    """The database's own now as a column default, in whole seconds."""

    allowed_default = True
    template = "CURRENT_TIMESTAMP"
    output_field = models.DateTimeField()


class KeyField(Char):
    """An address or domain name, compared byte by byte and stored in lower case.

    On MariaDB the collation is that of the live `mailbox.username` (mixed collations turn joins into scans), and
    utf8mb4_bin where there is none yet.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 255)
        super().__init__(*args, **kwargs)

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, str | None]:
        parameters: dict[str, Any] = dict(super().db_parameters(connection))
        if connection.vendor == "mysql":
            parameters["collation"] = live_key_collation(connection)
        return parameters


class ExactField(Char):
    """Text that is compared byte by byte, with a column of whatever charset and collation.

    Of two columns MariaDB takes utf8mb4 before any other charset, and the binary collation of it before any other.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, str | None]:
        parameters: dict[str, Any] = dict(super().db_parameters(connection))
        if connection.vendor == "mysql":
            parameters["collation"] = KEY_COLLATION
        return parameters


def live_key_collation(connection: BaseDatabaseWrapper) -> str:
    """Return the collation that key columns take on this MariaDB database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT collation_name FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND table_name = 'mailbox' AND column_name = 'username'"
        )
        row = cursor.fetchone()
    return row[0] if row else KEY_COLLATION


class _Cascading(Column):
    """A column with a real foreign key that deletes with its parent, `table.column`: PostfixAdmin has three of them."""

    def __init__(self, *args: Any, parent: str, **kwargs: Any) -> None:
        self.parent = parent
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"parent": self.parent}

    def db_type_suffix(self, connection: BaseDatabaseWrapper) -> str:
        return references(connection, self.parent)


class CascadingKeyField(_Cascading, KeyField):
    """A key of such a column."""


class CascadingIntegerField(_Cascading, Integer):
    """A number of such a column."""


def references(connection: BaseDatabaseWrapper, parent: str) -> str:
    """Return the REFERENCES clause for a parent written `table.column`; empty where an old table cannot be a parent."""
    if connection.vendor == "mysql" and not _can_be_parent(connection, *parent.split(".")):
        return ""
    table, column = (connection.ops.quote_name(name) for name in parent.split("."))
    return f"REFERENCES {table} ({column}) ON DELETE CASCADE"


def _can_be_parent(connection: BaseDatabaseWrapper, table: str, column: str) -> bool:
    """Return whether MariaDB lets our column refer to this one: InnoDB, and the collation that new keys take."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.engine, c.collation_name FROM information_schema.tables t JOIN information_schema.columns c"
            " ON c.table_schema = t.table_schema AND c.table_name = t.table_name"
            " WHERE t.table_schema = DATABASE() AND t.table_name = %s AND c.column_name = %s",
            [table, column],
        )
        row = cursor.fetchone()
    return row is None or (row[0] == "InnoDB" and row[1] in (None, live_key_collation(connection)))


class PlainTextField(Text):
    """`text` on MariaDB, where Django would take longtext."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "text" if connection.vendor == "mysql" else super().db_type(connection)


class UnsignedField(Integer):
    """An integer that MariaDB keeps unsigned; `column_type` is its MariaDB type."""

    def __init__(self, *args: Any, column_type: str = "int unsigned", **kwargs: Any) -> None:
        self.column_type = column_type
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"column_type": self.column_type}

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return self.column_type if connection.vendor == "mysql" else super().db_type(connection)


class EnumField(Char):
    """An ENUM on MariaDB, a short text elsewhere; the values are those of `choices`."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        if connection.vendor != "mysql":
            return super().db_type(connection)
        return "enum({})".format(",".join(f"'{value}'" for value, _label in self.flatchoices))


class ServerDateTimeField(Moment):
    """A moment as PostfixAdmin stores it: whole seconds of the database server's local time, UTC on SQLite.

    Python sees aware datetimes. Zero dates and 2000-01-01, PostfixAdmin's "not set", read as None; None is written so.
    """

    column_type = "datetime"

    def get_internal_type(self) -> str:
        return "ServerDateTimeField"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "timestamp with time zone" if connection.vendor == "postgresql" else self.column_type

    def to_python(self, value: Any) -> dt.datetime | None:
        moment: dt.datetime | None = models.DateTimeField().to_python(value)
        return moment

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        if isinstance(value, dt.datetime):
            return value.replace(microsecond=0)
        return value

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        value = value if prepared else self.get_prep_value(value)
        if value is None and not self.null:
            return NOT_SET if connection.vendor != "postgresql" else f"{NOT_SET}+00"
        if not isinstance(value, dt.datetime):
            return value
        if timezone.is_naive(value):
            raise ValueError(f"{self.name} got a naive datetime")
        if connection.vendor == "postgresql":
            return value
        return value.astimezone(server_zone(connection)).strftime("%Y-%m-%d %H:%M:%S")

    def from_db_value(self, value: Any, _expression: Any, connection: BaseDatabaseWrapper) -> dt.datetime | None:
        moment = _parse_moment(value)
        if moment is None:
            return None
        if timezone.is_naive(moment):
            moment = moment.replace(tzinfo=server_zone(connection))
        # PostfixAdmin writes its "not set" in whichever zone it runs.
        return None if moment.year < 2000 or moment.date() == dt.date(2000, 1, 1) else moment.astimezone(dt.UTC)


class ServerTimestampField(ServerDateTimeField):
    """The same in a TIMESTAMP column, which MariaDB converts to and from the same local time."""

    column_type = "timestamp"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "datetime" if connection.vendor == "sqlite" else super().db_type(connection)


def _parse_moment(value: Any) -> dt.datetime | None:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, bytes):
        value = value.decode()
    if not isinstance(value, str) or value.startswith("0000"):
        return None
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError:
        return None
