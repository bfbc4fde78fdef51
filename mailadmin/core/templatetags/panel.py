"""What the templates need and Django does not bring: addresses, sizes, use of a limit, the frame, macros."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from django import template
from django.conf import settings
from django.forms import BoundField
from django.template import Context, engines
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from mailadmin.core import branding
from mailadmin.core.addresses import readable
from mailadmin.core.bounded import Bounded
from mailadmin.core.frame import frame_of, macro
from mailadmin.core.limits import Limit, show_size
from mailadmin.core.templatetags.cached_icons import heroicon_micro
from mailadmin.core.undo import Undo, undo_of

register = template.Library()

NEAR = 90
"""From this percentage on, use counts as near its limit."""


def _tag_of(template_name: str, name: str) -> Callable[..., SafeString]:
    return lambda *values, **named: macro(template_name, name)(*values, **named)


MACROS = {
    "partials/field.jinja": ("field",),
    "partials/cells.jinja": ("badge", "switch", "tab_list"),
    "frame.jinja": ("brand_link", "footer"),
}
"""Macros that are tags, by their template; their parameters stand above them."""

for _template, _names in MACROS.items():
    for _name in _names:
        register.simple_tag(_tag_of(_template, _name), name=_name)


@register.simple_tag(takes_context=True)
def drawn(context: Context, template_name: str, **values: object) -> SafeString:
    """Draw a Jinja2 template (mailadmin/core/jinja.py) with this page's context and further values."""
    template = engines["rows"].get_template(template_name)
    values |= {str(key): value for key, value in context.flatten().items() if key not in values}
    return SafeString(template.render(values))


@register.simple_tag
def fields(bounds: Iterable[BoundField], **values: object) -> SafeString:
    """Draw the fields of a form, or some of them, one after the other."""
    draw = macro("partials/field.jinja", "field")
    return SafeString("".join(draw(bound, **values) for bound in bounds))


@register.simple_tag(takes_context=True)
def frame(context: Context) -> dict[str, SafeString]:
    """Return the parts of the frame around the page: head, top, bar, end."""
    return frame_of(context["request"], str(context["csrf_token"]))


@register.simple_tag
def brand() -> branding.Brand:
    """Return the name, logo and words of whoever runs the panel."""
    return branding.brand()


@register.filter
def address(value: object) -> SafeString:
    """Return an address or domain readable, with a place to break after the @; the domain stays in one piece."""
    local, at, domain = escape(readable(str(value))).rpartition("@")
    if not at:
        return SafeString(domain)
    before = f"{local}@<wbr>" if local else ""
    return SafeString(f'{before}<span class="address__domain">{"" if local else "@"}{domain}</span>')


@register.filter
def addresses(sentence: object) -> SafeString:
    """Return a sentence in which each address has a place to break after its @."""
    return format_html_join(" ", "{}", ((address(word) if "@" in word else word,) for word in str(sentence).split(" ")))


@register.filter
def size(value: int | None) -> str:
    """Return bytes rounded for reading; nothing for None."""
    return "" if value is None else show_size(int(value))


@register.filter
def count(value: int | None) -> str:
    """Return a whole number with the separators of the person's language; nothing for None."""
    if isinstance(value, Bounded):
        return value.shown
    if value is None:
        return ""
    # Nothing to group: the usual case, fifty times a page.
    return str(value) if 0 <= value < 1000 else number_format(value, force_grouping=True)


@register.filter
def clock(value: dt.datetime) -> str:
    """Return a moment as a person says it: the time of day alone for today's."""
    local = timezone.localtime(value)
    today = local.date() == timezone.localdate()
    return date_format(local, "TIME_FORMAT" if today else "SHORT_DATETIME_FORMAT")


@register.filter
def undo(extra_tags: str) -> Undo | None:
    """Return the way back that a message carries, or None."""
    return undo_of(extra_tags)


def _share(used: int, limit: Limit) -> int:
    """Return the use in percent of the limit, 0 to 100."""
    if limit.is_unlimited:
        return 0
    return min(100, used * 100 // limit.allowed) if limit.allowed else 100 * (used > 0)


def _tone(used: int, limit: Limit) -> str:
    """Return "full", "near" or "" for the colour and the icon of the use."""
    if limit.is_unlimited or (limit.is_none and not used):
        return ""
    if used >= limit.allowed:
        return "full"
    return "near" if _share(used, limit) >= NEAR else ""


def _words(limit: Limit, kind: str, allowed: str, used: int) -> str:
    """Return what stands behind the number in use: "of 50 mailboxes", "mailboxes, no limit"."""
    if limit.is_unlimited:
        if kind == "mailboxes":
            return ngettext("mailbox, no limit", "mailboxes, no limit", used)
        if kind == "aliases":
            return ngettext("alias, no limit", "aliases, no limit", used)
        return _("promised, no limit") if kind else _("(no limit)")
    if limit.is_none:
        if kind == "mailboxes":
            return ngettext("mailbox, none allowed", "mailboxes, none allowed", used)
        if kind == "aliases":
            return ngettext("alias, none allowed", "aliases, none allowed", used)
        return _("promised, none allowed") if kind else _("(none allowed)")
    if kind == "mailboxes":
        text = ngettext("of %(allowed)s mailbox", "of %(allowed)s mailboxes", limit.value)
    elif kind == "aliases":
        text = ngettext("of %(allowed)s alias", "of %(allowed)s aliases", limit.value)
    else:
        text = _("of %(allowed)s promised") if kind else _("of %(allowed)s")
    return text % {"allowed": allowed}


_BAR = (
    '<svg class="usage__bar" aria-hidden="true" preserveAspectRatio="none">'
    '<rect class="usage__track" width="100%" height="100%"/>'
    '<rect class="usage__fill" width="{}%" height="100%" rx="3"/></svg>'
)
# Per tone: what its class ends with, its icon, and the word after the numbers.
_TONES = {
    "": ("", "", ""),
    "full": (" usage--full", "exclamation-circle", gettext_noop("full")),
    "near": (" usage--near", "exclamation-triangle", gettext_noop("nearly full")),
}


@register.simple_tag
def switch_words() -> dict[str, str]:
    """Return the words of a switch in the language of the page."""
    return {"on": _("On"), "off": _("Off"), "label": _("%(name)s active")}


@register.simple_tag
def usage(used: int, limit: Limit | int, kind: str = "", in_bytes: bool = False) -> str:
    """Draw how much of a limit is used: a bar and words.

    used: a number, or bytes with in_bytes; limit: in the same unit, 0 is unlimited and -1 is none;
    kind: "mailboxes", "aliases" or "promised" where the words shall say what is counted.
    """
    # No template: a list has some hundred of these, and they were half of its time. Nothing here needs escaping.
    bound = limit if isinstance(limit, Limit) else Limit(limit)
    say = show_size if in_bytes else count
    tone = _tone(used, bound)
    side, icon, after = _TONES[tone]
    drawn_icon = heroicon_micro(icon, size=14) if icon else ""
    end = f" · {_(after)}" if after else ""
    bar = "" if bound.is_unlimited or bound.is_none else _BAR.format(_share(used, bound))
    words = f"<strong>{say(used)}</strong> {_words(bound, kind, say(bound.value), used)}"
    words = f'<span class="usage__words">{drawn_icon}{words}{end}</span>'
    return SafeString(f'<div class="usage{side}">{words}{bar}</div>')


@register.simple_tag
def languages() -> Sequence[tuple[str, str]]:
    """Return the codes and names of the panel's languages, each called by itself."""
    found: Sequence[tuple[str, str]] = settings.LANGUAGES
    return found
