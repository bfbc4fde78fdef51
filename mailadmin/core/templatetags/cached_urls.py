"""The tag `url`, which looks for the route of a page once per process instead of once per use."""

import functools
import re

from django import template
from django.template import Context, defaulttags
from django.template.base import Parser, Token
from django.urls import NoReverseMatch, get_script_prefix, reverse

register = template.Library()

# Addresses and domains that are the same in a URL; `reverse` has the others.
_PLAIN = re.compile(r"[\w.+-]+(@[\w.-]+)?", re.ASCII)


class UrlNode(defaulttags.URLNode):
    """Django's, but for names that stand in a URL as they are written."""

    def render(self, context: Context) -> str:
        values = [value.resolve(context) for value in self.args]
        if self.kwargs or not all(type(value) is str and _PLAIN.fullmatch(value) for value in values):
            return super().render(context)
        route = _route(self.view_name.resolve(context), tuple("@" in value for value in values), get_script_prefix())
        if route is None:
            return super().render(context)
        url = route % tuple(values)
        if self.asvar:
            context[self.asvar] = url
            return ""
        return url


@register.tag
def url(parser: Parser, token: Token) -> UrlNode:
    """Return the node; the words of the tag are Django's."""
    node = defaulttags.url(parser, token)
    return UrlNode(node.view_name, node.args, node.kwargs, node.asvar)


@functools.lru_cache(maxsize=500)
def _route(name: str, is_address: tuple[bool, ...], _prefix: str) -> str | None:
    """Return the URL of a page with %s for each address (True) or other name (False), None where it takes none such."""
    samples = [f"+{number}+@x" if at else f"+{number}+" for number, at in enumerate(is_address)]
    try:
        found = reverse(name, args=samples).replace("%", "%%")
    except NoReverseMatch:
        return None
    for sample in samples:
        found = found.replace(sample, "%s")
    return found
