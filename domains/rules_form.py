"""The form of a domain's rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext as gettext_now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from domains.models import Domain, DomainRules
from domains.rules import HOSTS, LONGEST_PASSWORD, LONGEST_PERIOD, STRONGEST
from mailadmin.core.forms import PlainForm
from mailadmin.core.limit_field import NONE, UNLIMITED, LimitField
from mailadmin.core.passwords import MAX_HISTORY, PasswordPolicy, strength_label
from mailadmin.core.widgets import PLAIN, SuggestInput


class OwnAliasesField(LimitField):
    """How many own aliases a person may make: a number, or none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=SuggestInput(lambda: [pgettext("limit", "none")]), **kwargs)

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        if number == UNLIMITED:
            raise forms.ValidationError(self.hint())
        return number

    def hint(self) -> str:
        return gettext_now("Enter a whole number from 1, or the word “none”.")


class RulesForm(PlainForm):
    """What the people of a domain may do by themselves; limits are as LimitField cleans them."""

    forward_outside = forms.BooleanField(
        label=_("People may forward to other domains"),
        required=False,
        help_text=_("Off, they can forward only to addresses of this domain and of its alias domains."),
    )
    forward_max = LimitField(label=_("Addresses that one person may forward to"))
    own_aliases = OwnAliasesField(
        label=_("Aliases that one person may make"),
        help_text=_("Addresses in this domain that lead to the own mailbox, such as one for each shop."),
    )
    password_min_length = forms.IntegerField(
        label=_("Least length of a password"), required=False, min_value=1, max_value=LONGEST_PASSWORD
    )
    password_min_strength = forms.TypedChoiceField(
        label=_("Least strength"), required=False, coerce=int, empty_value=None
    )
    password_history = forms.IntegerField(
        label=_("Last passwords that may not come back"), required=False, min_value=1, max_value=MAX_HISTORY
    )
    password_expiry = forms.IntegerField(
        label=_("Days until a new password is due"),
        required=False,
        min_value=1,
        max_value=LONGEST_PERIOD,
        help_text=_("Empty: a password lasts until its owner changes it. The first period begins now, for everybody."),
    )
    imap_host = forms.CharField(label="IMAP", required=False, max_length=255, widget=forms.TextInput(attrs=PLAIN))
    pop3_host = forms.CharField(label="POP3", required=False, max_length=255, widget=forms.TextInput(attrs=PLAIN))
    smtp_host = forms.CharField(label="SMTP", required=False, max_length=255, widget=forms.TextInput(attrs=PLAIN))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = PasswordPolicy.of_installation()
        strength = self.fields["password_min_strength"]
        assert isinstance(strength, forms.TypedChoiceField)
        strength.choices = [
            ("", gettext_now("As everywhere here (%s)") % strength_label(here.min_strength)),
            *((str(score), strength_label(score)) for score in range(1, STRONGEST + 1)),
        ]
        for name, value in (("password_min_length", here.min_length), ("password_history", here.history)):
            if value:
                self.fields[name].widget.attrs["placeholder"] = str(value)

    @property
    def host_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in HOSTS]

    @property
    def password_fields(self) -> list[forms.BoundField]:
        names = ("password_min_length", "password_min_strength", "password_history", "password_expiry")
        return [self[name] for name in names]

    def changed_values(self) -> dict[str, Any]:
        """Return what was changed, as set_domain_rules takes it."""
        values = {name: self.cleaned_data[name] for name in self.changed_data}
        if "forward_max" in values:
            values["forward_max"] = {UNLIMITED: None, NONE: 0}.get(values["forward_max"], values["forward_max"])
        if "own_aliases" in values:
            values["own_aliases"] = max(values["own_aliases"], 0)
        if "password_expiry" in values:
            values["password_expiry"] = values["password_expiry"] or 0
        return values


def initial_rules(rules: DomainRules, domain: Domain) -> dict[str, Any]:
    """Return the values that the form begins with."""
    forward_max = UNLIMITED if rules.forward_max is None else rules.forward_max or NONE
    names = ("forward_outside", "password_min_length", "password_min_strength", "password_history", *HOSTS)
    return {name: getattr(rules, name) for name in names} | {
        "forward_max": forward_max,
        "own_aliases": rules.own_aliases or NONE,
        "password_expiry": domain.password_expiry or None,
    }
