"""Limits and sizes as values, so that nobody sees the 0 and -1 of the tables."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import get_format, number_format
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from mailadmin.core.errors import Invalid

MAX_BYTES = 2**63 - 1
_UNITS = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
# Bytes are octets in some languages: 5 GB, 5 Go.
_SIZE = re.compile(r"(\d{1,19}(?:[.,]\d{1,6})?)\s*(B|O|BYTES|OCTETS|[KMGT]I?[BO]?)?", re.IGNORECASE)
_UNIT_NAMES: dict[str, str | Promise] = {
    "B": pgettext_lazy("unit", "B"),
    "KB": pgettext_lazy("unit", "KB"),
    "MB": pgettext_lazy("unit", "MB"),
    "GB": pgettext_lazy("unit", "GB"),
    "TB": pgettext_lazy("unit", "TB"),
}


@functools.cache
def _unit_name(unit: str, _language: str | None) -> str:
    # A list has two hundred of them, which are few.
    return str(_UNIT_NAMES[unit])


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as PostfixAdmin stores it: 0 is unlimited, a negative number is none, n is n."""

    value: int

    @property
    def is_unlimited(self) -> bool:
        return self.value == 0

    @property
    def is_none(self) -> bool:
        return self.value < 0

    @property
    def allowed(self) -> int:
        """Return the number allowed; meaningless when unlimited."""
        return max(self.value, 0)

    @property
    def told(self) -> int | str:
        """Return what a file says: the number allowed, or the word."""
        return str(self) if self.is_unlimited or self.is_none else self.allowed

    def shown(self, show: Callable[[int], str]) -> str:
        """Return the word, or the number allowed as `show` writes it."""
        return str(self) if self.is_unlimited or self.is_none else show(self.allowed)

    def allows(self, total: int) -> bool:
        """Return whether the total may be reached."""
        return self.is_unlimited or total <= self.allowed

    def __str__(self) -> str:
        if self.is_unlimited:
            return pgettext("limit", "unlimited")
        return (
            pgettext("limit", "none") if self.is_none else number_format(self.value, use_l10n=True, force_grouping=True)
        )


def limit_left(limit: Limit, used: int) -> str:
    """Return how many of a limited number are left, in words; nothing where there is no limit."""
    if limit.is_unlimited or limit.is_none:
        return _("none allowed") if limit.is_none else ""
    left = max(limit.allowed - used, 0)
    text = ngettext("%(left)s of %(limit)s left", "%(left)s of %(limit)s left", left)
    return text % {"left": number_format(left, force_grouping=True), "limit": limit}


def parse_size(text: str, parameter: str, *, default_unit: str = "MB") -> int:
    """Return bytes for "1.5 GB", "500 MB", "1500000 B"; a bare number has the default unit (1 KB = 1024 bytes)."""
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise Invalid.of(parameter, _("Enter a size such as 500 MB or 1.5 GB."))
    strange = "." if get_format("DECIMAL_SEPARATOR") == "," else ","
    if re.search(rf"[{strange}]\d{{3}}$", match[1]):
        raise Invalid.of(parameter, _("Leave out the separator of thousands: it could be that of decimals."))
    letter = (match[2] or default_unit)[0].upper()
    size = Decimal(match[1].replace(",", ".")) * _UNITS["B" if letter in "BO" else f"{letter}B"]
    if size != int(size):
        raise Invalid.of(parameter, _("This is not a whole number of bytes."))
    if size > MAX_BYTES:
        raise Invalid.of(parameter, _("This size is too large."))
    return int(size)


def format_size(size: int) -> str:
    """Return bytes in the largest unit that loses nothing: parse_size gives the same bytes back."""
    for unit in ("TB", "GB", "MB", "KB"):
        if size >= _UNITS[unit] and size * 100 % _UNITS[unit] == 0:
            return f"{(Decimal(size) / _UNITS[unit]).normalize():f} {unit}"
    return f"{size} B"


def write_size(size: int) -> str:
    """Return bytes as format_size does, in the person's language; parse_size gives the same bytes back."""
    amount, unit = format_size(size).split()
    return f"{amount.replace('.', get_format('DECIMAL_SEPARATOR'))} {_unit_name(unit, get_language())}"


def show_size(size: int) -> str:
    """Return bytes rounded for reading, in the person's language."""
    for unit in ("TB", "GB", "MB", "KB"):
        if size >= _UNITS[unit]:
            whole, tenth = divmod(round(size * 10 / _UNITS[unit]), 10)
            shown = f"{whole}{get_format('DECIMAL_SEPARATOR')}{tenth}" if tenth else str(whole)
            return f"{shown} {_unit_name(unit, get_language())}"
    return f"{size} {_unit_name('B', get_language())}"
