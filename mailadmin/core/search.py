"""Search words as conditions that no input can break."""

import re
from typing import Any

from django.db import connection
from django.db.models import CharField, F, Func, Q
from django.db.models.expressions import OrderBy
from django.db.models.lookups import IContains

from mailadmin.core.addresses import domain_key
from mailadmin.core.errors import Invalid

MAX_LENGTH = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def search_text(text: str) -> str:
    """Return what was typed into a search box, without what no column can hold."""
    return _CONTROL.sub("", text).strip()[:MAX_LENGTH]


def key_text(text: str) -> str:
    """Return the search word as keys hold it, IDN as A-labels; empty where no key can match."""
    text = text.lower()
    if text.isascii():
        return text
    local_part, at, domain = text.rpartition("@")
    try:
        return f"{local_part}{at}{domain_key(domain)}" if local_part.isascii() else ""
    except Invalid:
        return ""


def contains(text: str, *, keys: list[str], texts: list[str] | None = None) -> Q:
    """Return the condition that a column has the fragment; use it only within one domain or a small table.

    A column may be a key and a text: one that holds keys and what is typed beside them.
    """
    found = Q(pk__in=[])
    texts = texts or []
    if key := key_text(text):
        # What is looked for byte by byte is found without regard to case too: not twice in each row.
        for column in keys if key != text else [column for column in keys if column not in texts]:
            found |= Q(**{f"{column}__contains": key})
    for column in texts:
        found |= _has_text(column, text)
    return found


def begins_with(text: str, column: str) -> Q:
    """Return the condition that a key begins with the word, in the form that the engine answers from its index."""
    key = key_text(text)
    if not key:
        return Q(pk__in=[])
    if connection.vendor == "postgresql":
        return Q(**{f"{column}__startswith": key})
    if connection.vendor == "mysql":
        return Q(**{f"{column}__istartswith": key})
    return Q(**{f"{column}__gte": key, f"{column}__lt": f"{key}\x7f"})


def by_key(column: str) -> OrderBy:
    """Return the order of a key that comes from the same index as begins_with, so that a LIMIT ends the reading."""
    return _KeyOrder(F(column))


class _KeyOrder(OrderBy):
    """Byte by byte on PostgreSQL too, whose indexes for beginnings are sorted so, whatever the locale.

    Django looks for the word ASC in an order.
    """

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return super().as_sql(compiler, connection, template="%(expression)s USING ~<~ /* ASC */")


class _InUnicode(Func):
    """The column's text as utf8mb4, for comparison with what its own character set may lack."""

    template = "CONVERT(%(expressions)s USING utf8mb4)"
    output_field = CharField()


def _has_text(column: str, text: str) -> Q:
    # MariaDB answers with an error ("Illegal mix of collations") where an old column lacks a letter of the word.
    if connection.vendor == "mysql" and not text.isascii():
        return Q(IContains(_InUnicode(F(column)), text))
    return Q(**{f"{column}__icontains": text})
