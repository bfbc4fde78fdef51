"""Inputs that forms of several nouns share."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Words = Sequence[str] | Callable[[], Sequence[str]]
PLAIN: dict[str, Any] = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
"""Attributes of an input for names and values, which browsers shall not "correct"."""


class SuggestInput(forms.TextInput):
    """A text field that suggests values and takes any; `words` are the values, or make them when the field is drawn."""

    def __init__(self, words: Words = (), attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={**PLAIN, **(attrs or {})})
        self.words = words

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        words = self.words() if callable(self.words) else self.words
        identifier = f"{(attrs or {}).get('id', name)}_words"
        field = super().render(name, value, {**(attrs or {}), "list": identifier}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((word,) for word in words))
        return format_html('{}<datalist id="{}">{}</datalist>', field, identifier, options)


class FlatSelect(forms.Select):
    """A select drawn without a template for each option, which is slow where there are many."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        drawn = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        options = (
            (option["value"], SafeString(" selected") if option["selected"] else "", option["label"])
            for _group, group, _index in self.optgroups(name, self.format_value(value))
            for option in group
        )
        listed = format_html_join("", '<option value="{}"{}>{}</option>', options)
        return format_html("<select{}>{}</select>", flatatt(drawn), listed)
