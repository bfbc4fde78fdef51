"""The Jinja2 templates: what pages repeat fifty times, which Django's own language draws five times slower.

They stand in templates/ as `.jinja`, and pages draw them by the tag `drawn`. Names, filters and words are those of the
Django templates.
"""

import datetime as dt
import functools
import itertools
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils import dateformat, timezone
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext
from django_htmx.jinja import htmx_script
from jinja2 import Environment, StrictUndefined

from mailadmin.core.templatetags import panel
from mailadmin.core.templatetags.cached_icons import heroicon_micro, heroicon_mini, heroicon_outline

# What `reverse` leaves as it is.
_SAFE = "!$&'()*+,;=/~:@"


def environment(**options: Any) -> Environment:
    """Return the environment, for `TEMPLATES` in the settings."""
    made = Environment(**{"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True, **options})
    made.globals.update(_=gettext, path=path, icon=heroicon_micro, usage=panel.usage)
    made.globals.update(switch_words=panel.switch_words, url=reverse, mini=heroicon_mini, outline=heroicon_outline)
    made.globals.update(stamps=stamps, static=static, htmx_script=htmx_script)
    made.filters.update(address=panel.address, count=panel.count, day=day, together=together)
    return made


def path(name: str) -> Callable[[str], str]:
    """Return what makes the path of a named page from its address or domain: `reverse` once, not for each row."""
    before, after = _around(name, get_script_prefix())
    return lambda value: f"{before}{quote(value, safe=_SAFE)}{after}"


@functools.lru_cache
def _around(name: str, _prefix: str) -> list[str]:
    # An address and a domain, to the patterns of both.
    return reverse(name, args=["@0"]).split("@0")


def day(value: dt.datetime | None) -> str:
    """Return the date of a moment where the person is; nothing for None."""
    return "" if value is None else date_format(timezone.localtime(value), "DATE_FORMAT")


def stamps() -> Callable[[dt.datetime], tuple[str, str]]:
    """Return what says a moment twice, for programs and in words where the person is; zone and form are found once."""
    zone, form = timezone.get_current_timezone(), get_format("DATETIME_FORMAT")

    def stamp(value: dt.datetime) -> tuple[str, str]:
        local = value.astimezone(zone)
        return local.isoformat(), dateformat.format(local, form)

    return stamp


def together(entries: Iterable[Any]) -> list[list[Any]]:
    """Return the events of a history, those of one batch that follow each other in one list."""
    grouped = itertools.groupby(enumerate(entries), key=lambda pair: pair[1].event.batch_id or pair[0])
    return [[entry for _place, entry in group] for _batch, group in grouped]
