"""Forms of domains; the fields are named like the parameters of the operations."""

from django import forms
from django.utils.translation import gettext_lazy as _

from mailadmin.core.forms import PlainForm
from mailadmin.core.limit_field import UNLIMITED, LimitField, SizeLimitField


class DomainForm(PlainForm):
    """What of a domain can be changed."""

    description = forms.CharField(label=_("Description"), required=False, max_length=255)
    mailboxes = LimitField(label=_("Mailboxes"), initial=UNLIMITED)
    aliases = LimitField(
        label=_("Aliases"), initial=UNLIMITED, help_text=_("The mailboxes' own addresses do not count.")
    )
    maxquota = SizeLimitField(label=_("Largest mailbox"), initial=UNLIMITED)
    quota = SizeLimitField(label=_("Storage of all mailboxes together"), initial=UNLIMITED)
    transport = forms.CharField(
        label=_("Transport"),
        initial="virtual",
        max_length=255,
        help_text=_(
            "How Postfix delivers: virtual for mailboxes here, relay or smtp:[mail.example.com] for another server."
        ),
    )
    backupmx = forms.BooleanField(
        label=_("Backup MX"),
        required=False,
        help_text=_("This server only holds the mail for another one and passes it on."),
    )
    active = forms.BooleanField(label=_("Active"), required=False, initial=True)


class DomainCreateForm(DomainForm):
    """A new domain."""

    domain = forms.CharField(
        label=_("Domain"),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "placeholder": "example.com"}
        ),
    )
    field_order = ["domain", "description"]
