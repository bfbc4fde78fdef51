"""The filters of the history."""

from functools import lru_cache
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from mailadmin.audit.actions import ACTIONS
from mailadmin.core.forms import MomentField, PlainForm
from mailadmin.core.widgets import FlatSelect, drawn_options


def _action_choices() -> list[tuple[str, str]]:
    return [("", gettext("Everything")), *((name, str(label)) for name, label in ACTIONS.items())]


@lru_cache
def _drawn_actions(_language: str) -> str:
    return drawn_options(_action_choices())


class ActionSelect(FlatSelect):
    """All actions, whose many words are looked up once for each language."""

    def drawn_options(self) -> str:
        return _drawn_actions(get_language() or "")

    def use_required_attribute(self, initial: Any) -> bool:
        """Return False: nothing need be chosen. Django looks through the choices for that."""
        return False


class _Name(forms.CharField):
    """A name as keys hold it."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(required=False, max_length=255, widget=forms.TextInput(attrs=attrs), **kwargs)


class LogFilterForm(PlainForm):
    """What to show of the history; whole names, so that an index answers."""

    who = _Name(label=_("Who"))
    target = _Name(label=_("What"))
    domain = _Name(label=_("Domain"))
    action = forms.ChoiceField(label=_("Action"), required=False, choices=_action_choices, widget=ActionSelect)
    since = MomentField(label=_("From"), required=False)
    until = MomentField(label=_("Until"), required=False)
    batch = forms.SlugField(required=False, max_length=36, widget=forms.HiddenInput)

    def __init__(self, *args: Any, without_domain: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if without_domain:
            del self.fields["domain"]

    def add_prefix(self, field_name: str) -> str:
        """Return the name in the URL: `from` is a word of Python."""
        return "from" if field_name == "since" else field_name
