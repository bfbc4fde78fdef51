"""What a change of many rows asks for."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mailadmin.core.addresses import parse_target
from mailadmin.core.errors import Invalid
from mailadmin.core.forms import PlainForm
from mailadmin.core.limit_field import SizeLimitField
from mailadmin.core.widgets import PLAIN
from mailadmin.jobs.work import grouped


class QuotaForm(PlainForm):
    """The quota that all get, in bytes."""

    quota = SizeLimitField(label=_("Quota"), help_text=_("Such as 500 MB or 5 GB, or “unlimited” or “none”."))


class TargetForm(PlainForm):
    """The target that is added or removed."""

    target = forms.CharField(label=_("Target"), max_length=400, widget=forms.TextInput(attrs=PLAIN))

    def clean_target(self) -> str:
        try:
            return parse_target(self.cleaned_data["target"], catch_all=False)
        except Invalid as error:
            raise ValidationError(error.message) from None


class CountForm(PlainForm):
    """The number of rows typed again, before they are deleted."""

    count = forms.CharField(max_length=10, widget=forms.TextInput(attrs={**PLAIN, "inputmode": "numeric"}))

    def __init__(self, *args: Any, count: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = count
        self.fields["count"].label = gettext("Type %s to delete them") % grouped(count)

    def clean_count(self) -> str:
        typed: str = self.cleaned_data["count"]
        # As it is shown, or without what groups its digits.
        if re.sub(r"[\s.,'’]", "", typed) != str(self.expected):
            raise ValidationError(gettext("This is not %s.") % grouped(self.expected))
        return typed


VALUE_FORMS: dict[str, type[PlainForm]] = {
    "mailboxes_quota": QuotaForm,
    "aliases_add_target": TargetForm,
    "aliases_remove_target": TargetForm,
}
"""The form of each change that asks for something, by the name of the change."""
