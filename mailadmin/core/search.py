"""Search words as conditions that no input can break."""

import re

from django.db import connection
from django.db.models import Q

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
    """Return the condition that a column has the fragment; use it only within one domain or a small table."""
    found = Q(pk__in=[])
    if key := key_text(text):
        for column in keys:
            found |= Q(**{f"{column}__contains": key})
    for column in texts or []:
        found |= Q(**{f"{column}__icontains": text})
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
