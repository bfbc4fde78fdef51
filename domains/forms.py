"""Forms of domains and alias domains: they check shape; domains.services knows the rules."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from domains.models import Domain
from mailadmin.core.addresses import domain_key, readable_domain
from mailadmin.core.errors import Invalid
from mailadmin.core.forms import PlainForm
from mailadmin.core.limit_field import UNLIMITED, LimitField, SizeLimitField
from mailadmin.core.widgets import PLAIN, SuggestInput

TRANSPORTS = ["virtual", "relay", "local", "smtp:[mail.example.com]"]


class DomainSizeField(SizeLimitField):
    """A size in the units that the `domain` table holds."""

    def unit(self) -> int:
        return int(settings.MAILADMIN_QUOTA_MULTIPLIER)


class DomainForm(PlainForm):
    """What can be changed of a domain."""

    description = forms.CharField(label=_("Description"), required=False, max_length=255)
    mailboxes = LimitField(label=_("Mailboxes"), initial=UNLIMITED)
    aliases = LimitField(label=_("Aliases"), initial=UNLIMITED)
    maxquota = DomainSizeField(label=_("Largest mailbox"), initial=UNLIMITED)
    quota = DomainSizeField(label=_("Total storage"), initial=UNLIMITED)
    transport = forms.CharField(
        label=_("Transport"),
        initial="virtual",
        max_length=255,
        widget=SuggestInput(TRANSPORTS),
        help_text=_("virtual delivers to mailboxes here; relay or smtp:[mail.example.com] hands on to another server."),
    )
    backupmx = forms.BooleanField(
        label=_("Backup MX"),
        required=False,
        help_text=_("This server only takes the mail while another one is away, and hands it on."),
    )
    active = forms.BooleanField(
        label=_("Active"),
        required=False,
        initial=True,
        help_text=_("Off, mail to the domain is refused and nobody in it can sign in."),
    )

    LIMITS = ("mailboxes", "aliases", "maxquota", "quota")
    folded = (*LIMITS, "transport", "backupmx", "active")

    @property
    def limit_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.LIMITS]

    def changed_values(self) -> dict[str, Any]:
        """Return what was changed: the rest stays as it is by now in the row."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class DomainCreateForm(DomainForm):
    """A new domain."""

    domain = forms.CharField(
        label=_("Domain"), widget=forms.TextInput(attrs={**PLAIN, "placeholder": "example.com", "autofocus": True})
    )


class DomainDeleteForm(PlainForm):
    """The name typed again, and whether aliases of other domains that point here are cleaned up."""

    clean_references = forms.BooleanField(
        label=_("Take its addresses out of the aliases that point here"),
        required=False,
        initial=True,
        help_text=_("An alias left without a target is deleted."),
    )
    in_parts = forms.BooleanField(
        label=_("In parts"),
        required=False,
        help_text=_(
            "The domain is switched off, and each part stays deleted. Cancelled, it keeps what is left. "
            "Unticked, all is deleted at once or nothing, and changes in the domain wait that long."
        ),
    )
    confirm = forms.CharField(max_length=255, widget=forms.TextInput(attrs=PLAIN))

    def __init__(self, *args: Any, domain: Domain, has_references: bool, is_job: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domain = domain
        if not is_job:
            del self.fields["in_parts"]
        self.fields["confirm"].label = gettext("Type %s to delete it") % domain.readable
        if not has_references:
            del self.fields["clean_references"]

    def clean_confirm(self) -> str:
        typed: str = self.cleaned_data["confirm"]
        try:
            same = domain_key(typed) == self.domain.domain
        except Invalid:
            same = False
        if not same:
            raise ValidationError(gettext("This is not %s.") % self.domain.readable)
        return typed


class AliasDomainForm(PlainForm):
    """What can be changed of an alias domain."""

    target_domain = forms.CharField(label=_("Takes its addresses from"), max_length=255, widget=SuggestInput())
    description = forms.CharField(label=_("Description"), required=False, max_length=255)
    active = forms.BooleanField(
        label=_("Active"), required=False, initial=True, help_text=_("Off, mail to the alias domain is refused.")
    )

    def __init__(self, *args: Any, names: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, SuggestInput):
                field.widget.words = [readable_domain(name) for name in names]


class AliasDomainCreateForm(AliasDomainForm):
    """A new alias domain of the domain it is made in."""

    alias_domain = forms.CharField(
        label=_("Alias domain"),
        max_length=255,
        widget=SuggestInput(attrs={"autofocus": True}),
        help_text=_("One of your domains, without alias domains of its own."),
    )
    target_domain = None  # type: ignore[assignment]
    # The target is the domain whose page this is.
    renamed: ClassVar[Mapping[str, str]] = {"target_domain": "alias_domain"}
    field_order = ("alias_domain", "description", "active")


class AdminNameForm(PlainForm):
    """An admin to whom the domain is granted."""

    username = forms.CharField(label=_("Grant to admin"), max_length=255, widget=SuggestInput())
