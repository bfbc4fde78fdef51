"""Forms of mailboxes: they check shape; mailboxes.services knows the rules."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aliases.forms import TargetsField, without_domain
from domains.models import Domain
from mailadmin.accounts.passwords import domain_policy
from mailadmin.core.forms import PasswordField, PlainForm
from mailadmin.core.limit_field import SizeLimitField
from mailadmin.core.limits import Limit, show_size
from mailadmin.core.passwords import generate_password
from mailadmin.core.widgets import PLAIN
from mailboxes.quota import default_quota, largest_quota, told_promise


class QuotaField(SizeLimitField):
    """A size in bytes; left empty where it may be, it cleans to None."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed("" if initial is None else initial, data)

    def clean(self, value: Any) -> Any:
        return super().clean(value) if self.required or str(value or "").strip() else None


class MailboxForm(PlainForm):
    """What can be changed of a mailbox."""

    first = "name"
    name = forms.CharField(label=_("Name"), required=False, max_length=255, help_text=_("The person or the office."))
    quota = QuotaField(label=_("Quota"))
    smtp_active = forms.BooleanField(
        label=_("May send mail"), required=False, help_text=_("Without it, the mailbox only receives.")
    )
    email_other = forms.CharField(
        label=_("Recovery address"),
        required=False,
        max_length=255,
        help_text=_("Another address of the person: a link to choose a new password goes there if they ask for one."),
        widget=forms.TextInput(attrs=PLAIN),
    )

    def __init__(self, *args: Any, domain: Domain, present: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Asked once for both that may want to know.
        self.promised = cache(lambda: told_promise(domain))
        self.fields["quota"].help_text = _quota_help(largest_quota(domain, promised=self.promised, present=present))

    def changed_values(self) -> dict[str, Any]:
        """Return what was changed: the rest stays as it is by now in the row."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def _quota_help(largest: Limit) -> str:
    if largest.is_unlimited:
        return gettext("Such as 500 MB or 5 GB, or “unlimited”. The domain sets no limit.")
    if largest.is_none:
        return gettext("The domain has no storage left to give: only “none” is possible.")
    return gettext("Such as 500 MB or 5 GB. At most %s.") % show_size(largest.value)


TYPE, GENERATE, LINK = "type", "generate", "link"
_MADE_HERE: list[tuple[str, str | Promise]] = [
    (GENERATE, _("One is made and shown once, on the next page")),
    (TYPE, _("I type one")),
]


class SecretField(forms.ChoiceField):
    """How the password of a mailbox comes about; programs that do not say so send one."""

    def __init__(self, choices: Sequence[tuple[str, str | Promise]]) -> None:
        super().__init__(label=_("How the password is chosen"), choices=choices, initial=TYPE, widget=forms.RadioSelect)

    def clean(self, value: Any) -> Any:
        return super().clean(value or TYPE)


class NewPasswordForm(PlainForm):
    """A password typed twice, or one made here."""

    first = "password"
    # What is typed stands last, right above its fields.
    secret = SecretField(_MADE_HERE)
    password = PasswordField(label=_("Password"), is_judged=True)
    repeat = PasswordField(label=_("Password again"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self["secret"].data in (GENERATE, LINK):
            self.fields["password"].required = self.fields["repeat"].required = False

    def clean_repeat(self) -> str:
        repeat: str = self.cleaned_data["repeat"]
        typed = self.cleaned_data.get("password")
        if typed and repeat != typed and self.cleaned_data.get("secret") == TYPE:
            raise ValidationError(gettext("The two passwords differ."))
        return repeat

    @property
    def is_generated(self) -> bool:
        """Return whether the password is made here and has to be shown."""
        return bool(self.cleaned_data["secret"] == GENERATE)

    def new_password(self) -> str:
        """Return the password: the one that was typed, or a new one, which nobody need know where a link is made."""
        if self.cleaned_data["secret"] == TYPE:
            return str(self.cleaned_data["password"])
        return generate_password(self.policy.generated_length)


class MailboxCreateForm(NewPasswordForm, MailboxForm):
    """A new mailbox of a domain."""

    first = "local_part"
    local_part = forms.CharField(
        label=_("Address"),
        max_length=255,
        widget=forms.TextInput(attrs=PLAIN),
    )
    secret = SecretField([(LINK, _("The person chooses it: I hand over a link")), *_MADE_HERE])
    active = forms.BooleanField(
        label=_("Active"), required=False, initial=True, help_text=_("Receives mail, and its owner can sign in.")
    )

    folded = ("quota", "active", "smtp_active", "email_other")
    field_order = ("local_part", "name", "secret", "password", "repeat", *folded)

    def __init__(self, *args: Any, domain: Domain, **kwargs: Any) -> None:
        super().__init__(*args, domain=domain, policy=domain_policy(domain.domain).for_new_account(), **kwargs)
        self.domain = domain
        quota = self.fields["quota"]
        quota.required = False
        quota.widget.attrs["placeholder"] = quota.prepare_value(default_quota(domain, promised=self.promised))
        self.fields["smtp_active"].initial = True

    @property
    def wants_link(self) -> bool:
        """Return whether the owner chooses the password."""
        return bool(self.cleaned_data["secret"] == LINK)

    def clean_local_part(self) -> str:
        return without_domain(self.cleaned_data["local_part"], self.domain)


class ForwardingForm(PlainForm):
    """Where mail to a mailbox goes."""

    first = "targets"
    renamed: ClassVar[Mapping[str, str]] = {"keep_copy": "keep"}
    targets = TargetsField(label=_("Send to"), required=False)
    keep = forms.BooleanField(label=_("Keep a copy in this mailbox"), required=False)
