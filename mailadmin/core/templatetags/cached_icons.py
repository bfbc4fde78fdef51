"""The tags of the heroicons package, which draw an icon once per process instead of once per use."""

import functools
from collections.abc import Callable

from django import template
from heroicons.templatetags import heroicons

register = template.Library()


def _cached(draw: Callable[..., str]) -> Callable[..., str]:
    # Names, sizes and attributes come from templates: there are some dozens of them.
    kept = functools.lru_cache(maxsize=500)(draw)
    return register.simple_tag(kept, name=draw.__name__)


heroicon_micro = _cached(heroicons.heroicon_micro)
heroicon_mini = _cached(heroicons.heroicon_mini)
heroicon_outline = _cached(heroicons.heroicon_outline)
heroicon_solid = _cached(heroicons.heroicon_solid)
