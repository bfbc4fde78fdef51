"""Form fields for limits: people read and write "unlimited", "none" and numbers, never the 0 and -1 of the tables."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mailadmin.core.errors import Invalid
from mailadmin.core.limits import Limit, parse_size, write_size
from mailadmin.core.widgets import SuggestInput

UNLIMITED, NONE = 0, -1
_LONGEST = 40


def limit_words() -> dict[str, int]:
    """Return the words that stand for a limit, in the person's language and in English."""
    unlimited, none = _suggestions()
    return {unlimited.lower(): UNLIMITED, none.lower(): NONE, "unlimited": UNLIMITED, "none": NONE}


def _suggestions() -> list[str]:
    return [pgettext("limit", "unlimited"), pgettext("limit", "none")]


class LimitField(forms.CharField):
    """A number of things: cleans to 0 for unlimited, -1 for none, or the number; its initial is such an integer."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", SuggestInput(_suggestions))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return Limit(value).shown(self.show) if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(str(self.prepare_value(initial)).lower() != str(data or "").strip().lower())

    def clean(self, value: Any) -> Any:
        text: str = super().clean(value)
        if len(text) > _LONGEST:
            raise forms.ValidationError(self.hint())
        number = limit_words().get(text.lower())
        return self.read(text) if number is None else number

    def show(self, amount: int) -> str:
        """Return the text that `read` turns into the amount again."""
        return str(amount)

    def read(self, text: str) -> int:
        """Return the amount that was typed; raises ValidationError."""
        if not text.isascii() or not text.isdecimal() or int(text) == 0:
            raise forms.ValidationError(self.hint())
        return int(text)

    def hint(self) -> str:
        return _("Enter a whole number from 1, or the word “unlimited” or “none”.")


class SizeLimitField(LimitField):
    """A size in units of `unit()` bytes, shown as MB or GB; what is no whole number of units is rounded up."""

    def unit(self) -> int:
        """Return the bytes of one unit."""
        return 1

    def show(self, amount: int) -> str:
        return write_size(amount * self.unit())

    def read(self, text: str) -> int:
        try:
            size = parse_size(text, "")
        except Invalid as error:
            raise forms.ValidationError(error.message if text[:1].isdigit() else self.hint()) from None
        if size == 0:
            raise forms.ValidationError(self.hint())
        return -(-size // self.unit())

    def hint(self) -> str:
        return _("Enter a size such as 500 MB or 1.5 GB, or the word “unlimited” or “none”.")
