"""The frame of the pages behind sign-in, drawn once for each kind of person, place and language."""

import functools
import re
from collections.abc import Callable
from typing import NamedTuple

from django.http import HttpRequest
from django.template import engines
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from jinja2 import Environment
from markupsafe import escape

from mailadmin.core.branding import Brand, brand

# Where the frame is cut, in its order: what the page brings stands between the parts.
PARTS = ("head", "top", "bar", "end")
_GAPS = ("csrf_token", "asked", "initials", "name")
"""What of the frame is one person's, or one request's."""


class Place(NamedTuple):
    """One entry of the rail: the page it opens, and how the names of the pages that belong to it begin."""

    label: object
    url_name: str
    icon: str
    names: tuple[str, ...]


OVERVIEW = Place(gettext_lazy("Overview"), "dashboard", "home", ("dashboard",))
DOMAINS = Place(gettext_lazy("Domains"), "domain_list", "globe-alt", ("domain", "mailbox", "alias"))
ADMINS = Place(gettext_lazy("Admins"), "admin_list", "users", ("admin",))
LOG = Place(gettext_lazy("Log"), "log", "clock", ("log",))
ACCOUNT = Place(gettext_lazy("Account"), "account", "user-circle", ("account",))
VACATION = Place(gettext_lazy("Vacation"), "account_vacation", "sun", ("account_vacation",))
PASSWORD = Place(gettext_lazy("Password"), "account_password", "key", ("account_password",))
PLACES = {
    "superadmin": (OVERVIEW, DOMAINS, ADMINS, LOG, ACCOUNT),
    "admin": (OVERVIEW, DOMAINS, LOG, ACCOUNT),
    "user": (ACCOUNT, VACATION, PASSWORD),
}


def macro(template_name: str, name: str) -> Callable[..., SafeString]:
    """Return a macro of a Jinja2 template: called alone it costs a tenth of drawing a template around it."""
    environment: Environment = engines["rows"].env  # type: ignore[attr-defined]
    found: Callable[..., SafeString] = getattr(environment.get_template(template_name).module, name)
    return found


def frame_of(request: HttpRequest, csrf_token: str) -> dict[str, SafeString]:
    """Return the parts of the frame around a page, by their names."""
    actor = request.actor  # type: ignore[attr-defined]
    match = getattr(request, "resolver_match", None)
    kind, place = str(actor.kind), place_of(str(actor.kind), (match.url_name or "") if match else "")
    values = (csrf_token, request.GET.get("q", ""), actor.username[:2], actor.username)
    escaped = dict(zip(_GAPS, map(escape, values), strict=True))
    drawn = _drawn(kind, place.url_name if place else "", brand(), get_language() or "", get_script_prefix())
    return {name: SafeString(part % escaped) for name, part in zip(PARTS, drawn, strict=True)}


@functools.cache
def place_of(kind: str, page: str) -> Place | None:
    """Return the place that the page of that URL name belongs to: the one whose name fits longest."""
    fitting = [
        (len(name), place)
        for place in PLACES.get(kind, ())
        for name in place.names
        if f"{page}_".startswith(f"{name}_")
    ]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


@functools.lru_cache(maxsize=200)
def _drawn(kind: str, current: str, brand: Brand, _language: str, _prefix: str) -> tuple[str, ...]:
    """Return the parts with %(name)s in their gaps. Nothing of a person or a request comes in here."""
    gaps = {name: f"\0{name}\0" for name in _GAPS}
    whole = macro("frame.jinja", "frame")(kind, _entries(kind, current), brand, get_language(), cut="\1", **gaps)
    marked = re.sub("\0(.*?)\0", r"%(\1)s", whole.replace("%", "%%"))
    return tuple(marked.split("\1"))


def _entries(kind: str, current: str) -> list[dict[str, object]]:
    """Return the entries of the rail: label, url, icon, current."""
    entries: list[dict[str, object]] = []
    for place in PLACES.get(kind, ()):
        try:
            url = reverse(place.url_name)
        except NoReverseMatch:
            continue  # An installation may leave a part out of its URLs.
        entries.append({"label": place.label, "url": url, "icon": place.icon, "current": place.url_name == current})
    return entries
