"""Inputs that forms of several nouns share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.forms.renderers import Jinja2
from django.forms.utils import flatatt
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from markupsafe import escape as drawn

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
    """A select of single choices, no groups, drawn without a template for each: some lists have hundreds."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        drawn = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        options = self.drawn_options()
        for chosen in self.format_value(value):
            option = f'<option value="{escape(chosen)}"'
            options = options.replace(f"{option}>", f"{option} selected>", 1)
        return format_html("<select{}>{}</select>", flatatt(drawn), SafeString(options))

    def drawn_options(self) -> str:
        """Return the options, none of them selected."""
        return drawn_options(self.choices)


def drawn_options(choices: Iterable[tuple[Any, Any]]) -> str:
    """Return the options of a select; values and labels are escaped."""
    return "".join(f'<option value="{escape(key)}">{escape(label)}</option>' for key, label in choices)


def _attributes(widget: Mapping[str, Any]) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{drawn(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _input(widget: Mapping[str, Any]) -> str:
    value = "" if widget["value"] is None else f' value="{drawn(widget["value"])}"'
    return f'<input type="{widget["type"]}" name="{drawn(widget["name"])}"{value}{_attributes(widget)}>'


def _textarea(widget: Mapping[str, Any]) -> str:
    return f'<textarea name="{drawn(widget["name"])}"{_attributes(widget)}>\n{drawn(widget["value"] or "")}</textarea>'


def _choices(widget: Mapping[str, Any]) -> str:
    # No choices of ours stand in groups.
    attributes = _attributes({"attrs": {name: widget["attrs"].get(name) or False for name in ("id", "class")}})
    options = "".join(
        f'<div><label for="{drawn(option["attrs"]["id"])}">{_input(option)} {drawn(option["label"])}</label></div>'
        for _group, options, _index in widget["optgroups"]
        for option in options
    )
    return f"<div{attributes}>{options}</div>"


_DRAWN = {f"django/forms/widgets/{kind}.html": _input for kind in ("text", "password", "checkbox", "hidden", "number")}
_DRAWN |= {f"django/forms/widgets/{kind}.html": _input for kind in ("email", "date", "datetime")}
_DRAWN |= {"django/forms/widgets/textarea.html": _textarea}
_DRAWN |= {f"django/forms/widgets/{kind}.html": _choices for kind in ("radio", "checkbox_select")}


class PanelRenderer(Jinja2):
    """Django's own widgets; the usual ones are functions, for a template in a template in a template takes long."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        draw = _DRAWN.get(template_name)
        return SafeString(draw(context["widget"]) if draw else super().render(template_name, context, request))
