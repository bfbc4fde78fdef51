"""Form fields for limits: people read and write "unlimited", "none" and numbers, never the 0 and -1 of the tables."""

from typing import Any

from django import forms
from django.conf import settings
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mailadmin.core.errors import Invalid
from mailadmin.core.limits import Limit, format_size, parse_size

UNLIMITED, NONE = 0, -1
_LONGEST = 40


def limit_words() -> dict[str, int]:
    """Return the words that stand for a limit, in English and in the person's language."""
    return {"unlimited": UNLIMITED, "none": NONE, _("unlimited").lower(): UNLIMITED, _("none").lower(): NONE}


class LimitInput(forms.TextInput):
    """A text field that suggests the two words."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        identifier = f"{(attrs or {}).get('id', name)}_words"
        field = super().render(name, value, {**(attrs or {}), "list": identifier}, renderer)
        options = format_html_join("", "<option{}>{}</option>", [(flatatt({"value": w}), w) for w in self._words()])
        return format_html('{}<datalist id="{}">{}</datalist>', field, identifier, options)

    def _words(self) -> list[str]:
        return [_("unlimited"), _("none")]


class LimitField(forms.CharField):
    """A number of things: cleans to 0 for unlimited, -1 for none, or the number; shows a Limit or such an integer."""

    widget = LimitInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        limit = Limit(value) if isinstance(value, int) else value
        if not isinstance(limit, Limit):
            return value
        return str(limit) if limit.is_unlimited or limit.is_none else self.show(limit.allowed)

    def clean(self, value: Any) -> int:
        text = super().clean(value)
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
    """A size, in the units of MAILADMIN_QUOTA_MULTIPLIER bytes that the `domain` table holds; shown in MB, GB.

    What is not a whole number of units becomes the next larger one: a limit is never less than what was typed.
    """

    def show(self, amount: int) -> str:
        return format_size(amount * settings.MAILADMIN_QUOTA_MULTIPLIER)

    def read(self, text: str) -> int:
        try:
            size = parse_size(text, "")
        except Invalid as error:
            raise forms.ValidationError([self.hint(), error.message] if text[:1].isdigit() else self.hint()) from None
        if size == 0:
            raise forms.ValidationError(self.hint())
        return -(-size // settings.MAILADMIN_QUOTA_MULTIPLIER)

    def hint(self) -> str:
        return _("Enter a size such as 500 MB or 1.5 GB, or the word “unlimited” or “none”.")
