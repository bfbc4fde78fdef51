"""Numbers, limits and sizes as they are typed on the command line, and as it prints them."""

import re

from django.utils.translation import gettext as _

from mailadmin.core.errors import Invalid
from mailadmin.core.limits import format_size, parse_size

_LIMIT_WORDS = {"unlimited": 0, "0": 0, "none": -1, "-1": -1}


def parse_number(text: str, parameter: str) -> int:
    """Return a whole number above zero."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) == 0:
        raise Invalid.of(parameter, _("Enter a whole number above zero."))
    return int(text)


def parse_limit(text: str, parameter: str) -> int:
    """Return a limit as the tables hold it: unlimited is 0, none is -1."""
    if (word := text.strip().lower()) in _LIMIT_WORDS:
        return _LIMIT_WORDS[word]
    if not re.fullmatch(r"[0-9]{1,18}", word):
        raise Invalid.of(parameter, _("Enter a whole number, unlimited or none."))
    return int(word)


def parse_bytes(text: str, parameter: str) -> int:
    """Return a quota in bytes: unlimited is 0, none is -1; a bare number is MB."""
    if (word := text.strip().lower()) in _LIMIT_WORDS:
        return _LIMIT_WORDS[word]
    size = parse_size(text, parameter)
    if not size:
        # Zero means unlimited in the tables, which is not what "0 MB" says.
        raise Invalid.of(parameter, _("Enter a size such as 500 MB, unlimited or none."))
    return size


def quota_text(size: int) -> str:
    """Return bytes as a person reads them, exact, and as `--quota` takes them."""
    return format_size(size) if size > 0 else _("unlimited") if size == 0 else _("none")
