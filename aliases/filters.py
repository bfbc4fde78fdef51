"""Which aliases a list's search word and chip leave."""

from django.db.models import QuerySet

from aliases.models import Alias
from mailadmin.core.search import contains


def filtered_aliases(aliases: QuerySet[Alias], *, q: str, state: str) -> QuerySet[Alias]:
    """Return the aliases of one domain that fit."""
    if q:
        aliases = aliases.filter(contains(q, keys=["address", "goto"], texts=["goto", "description"]))
    match state:
        case "active":
            return aliases.filter(active=True)
        case "off":
            return aliases.filter(active=False)
    return aliases
