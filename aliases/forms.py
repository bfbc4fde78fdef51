"""Forms of aliases: they check shape; aliases.services knows the rules."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aliases.targets import MAX_GOTO, MAX_TARGETS
from domains.models import Domain
from mailadmin.core.addresses import address_key, readable
from mailadmin.core.errors import Invalid
from mailadmin.core.forms import MomentField, PlainForm
from mailadmin.core.widgets import PLAIN

_SEPARATOR = re.compile(r"[\r\n,]+")
# Readable names are shorter than their A-labels, blanks and line ends come on top.
_MAX_TYPED = 2 * MAX_GOTO


class TargetsField(forms.CharField):
    """Addresses, one per line; the value is a list of what was typed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("One address per line, here or anywhere else."))
        super().__init__(widget=forms.Textarea(attrs={**PLAIN, "rows": 4}), **kwargs)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        if len(text) > _MAX_TYPED:
            raise ValidationError(gettext("An alias can have at most %d targets.") % MAX_TARGETS)
        return split_targets(text)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(readable(target) for target in value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return split_targets(self.prepare_value(initial) or "") != split_targets(data or "")

    def run_validators(self, value: Any) -> None:
        super().run_validators("\n".join(value))


def split_targets(text: str) -> list[str]:
    """Return the addresses of a text, one per line or with commas between them, as they were typed."""
    return [part.strip() for part in _SEPARATOR.split(text) if part.strip()]


class AliasForm(PlainForm):
    """What can be changed of an alias."""

    first = "targets"
    targets = TargetsField(label=_("Mail goes to"))
    description = forms.CharField(label=_("Description"), required=False, max_length=255)

    def changed_values(self) -> dict[str, Any]:
        """Return what was changed: the rest stays as it is by now in the row."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def clean_targets(self) -> list[str]:
        targets: list[str] = self.cleaned_data["targets"]
        # What another program wrote may be longer; it is judged only when it changes.
        if len(targets) > MAX_TARGETS and "targets" in self.changed_data:
            raise ValidationError(
                gettext("An alias can have at most %d targets; use a mailing list for more.") % MAX_TARGETS
            )
        return targets


class AliasCreateForm(AliasForm):
    """A new alias of a domain, or its catch-all."""

    first = "address"
    address = forms.CharField(
        label=_("Address"),
        max_length=255,
        widget=forms.TextInput(attrs=PLAIN),
    )
    catch_all = forms.BooleanField(label=_("Catch-all"), required=False)
    active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    field_order = ("address", "targets", "description", "catch_all", "active")
    folded = ("description", "catch_all", "active")

    def __init__(self, *args: Any, domain: Domain, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domain = domain
        self.fields["catch_all"].help_text = (
            gettext("Mail to every address of %s that does not exist. Leave the address empty.") % domain.readable
        )
        if self.is_bound and self["catch_all"].data:
            self.fields["address"].required = False

    def clean_address(self) -> str:
        return without_domain(self.cleaned_data["address"], self.domain)

    def clean_catch_all(self) -> bool:
        catch_all: bool = self.cleaned_data["catch_all"]
        if catch_all and self.cleaned_data.get("address"):
            raise ValidationError(gettext("Leave the address empty for a catch-all."))
        return catch_all


def without_domain(text: str, domain: Domain) -> str:
    """Return the local part where the whole address was typed into its field."""
    local_part, at, typed = text.rpartition("@")
    return local_part if at and typed.lower() in (domain.domain, domain.readable) else text


class OwnAliasForm(PlainForm):
    """What can be changed of an alias that somebody made for themselves."""

    first = "description"
    description = forms.CharField(
        label=_("What it is for"), required=False, max_length=255, help_text=_("Such as the shop you gave it to.")
    )
    ends = MomentField(label=_("Works until"), required=False, help_text=_("Leave it empty for no end."))

    def changed_values(self) -> dict[str, Any]:
        """Return what was changed: the rest stays as it is by now in the row."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class OwnAliasCreateForm(OwnAliasForm):
    """A new alias of one's own."""

    first = "address"
    address = forms.CharField(label=_("Address"), max_length=255, widget=forms.TextInput(attrs=PLAIN))

    field_order = ("address", "description", "ends")

    def __init__(self, *args: Any, domain: Domain, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domain = domain

    def clean_address(self) -> str:
        return without_domain(self.cleaned_data["address"], self.domain)


class DeleteForm(PlainForm):
    """The address typed again, and whether aliases that point there are cleaned up."""

    clean_references = forms.BooleanField(
        label=_("Take it out of the aliases that point here"),
        required=False,
        initial=True,
        help_text=_("An alias left without a target is deleted."),
    )
    confirm = forms.CharField(max_length=255, widget=forms.TextInput(attrs=PLAIN))

    def __init__(self, *args: Any, address: str, has_references: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address
        self.fields["confirm"].label = gettext("Type %s to delete it") % readable(address)
        if not has_references:
            del self.fields["clean_references"]

    def clean_confirm(self) -> str:
        typed: str = self.cleaned_data["confirm"]
        try:
            same = address_key(typed) == self.address
        except Invalid:
            same = False
        if not same:
            raise ValidationError(gettext("This is not %s.") % readable(self.address))
        return typed
