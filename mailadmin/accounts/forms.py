"""Forms of people: signing in, own settings, admins, vacation. They check shape; the operations know the rules."""

import datetime as dt
import zoneinfo
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mailadmin.core.addresses import domain_key, readable_domain
from mailadmin.core.errors import Invalid
from mailadmin.core.forms import MomentField, PasswordField, PlainForm
from mailadmin.core.widgets import FlatSelect, drawn_options
from mailboxes.app_passwords import LONGEST_NAME
from mailboxes.vacation_overview import DAILY, EVERY_MESSAGE, ONCE, WEEKLY, interval_words

SERVER = "server"
"""Stands for no zone of one's own."""


class SignInForm(PlainForm):
    """The name of an admin or the address of a mailbox, and its password."""

    username = forms.CharField(
        label=_("Address"),
        max_length=255,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )
    password = PasswordField(label=_("Password"), autocomplete="current-password")


class OwnPasswordForm(PlainForm):
    """The current password and a new one."""

    first = "current"
    current = PasswordField(label=_("Current password"), autocomplete="current-password")
    new = PasswordField(label=_("New password"), is_judged=True, has_generator=True)


class RecoverForm(PlainForm):
    """The name of whoever forgot the password."""

    first = "username"
    username = forms.CharField(
        label=_("Address"),
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )


class RecoveryAddressForm(PlainForm):
    """Where links to choose a new password are sent."""

    email_other = forms.CharField(
        label=_("Recovery address"),
        required=False,
        max_length=255,
        help_text=_("Another address of yours. Whoever reads it can set your password. Empty: none."),
        widget=forms.TextInput(
            attrs={"inputmode": "email", "autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    current = PasswordField(label=_("Current password"), autocomplete="current-password")


class FirstPasswordForm(PlainForm):
    """The password that a person chooses through a set-up link."""

    password = PasswordField(label=_("New password"), is_judged=True, has_generator=True)


class AppPasswordForm(PlainForm):
    """An app password: what it is for, until when, and who asks."""

    first = "name"
    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        help_text=_("The program or device that will use it, such as “Phone”."),
    )
    protocols = forms.MultipleChoiceField(
        label=_("It may"),
        choices=[
            ("imap", _("read mail (IMAP)")),
            ("smtp", _("send mail (SMTP)")),
            ("pop3", _("fetch mail, without folders (POP3)")),
            ("sieve", _("edit filters (Sieve)")),
        ],
        initial=["imap", "smtp"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    ends = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        help_text=_("Empty: until you revoke it."),
        error_messages={"invalid": _("Enter a day such as 2026-12-24.")},
    )
    current = PasswordField(
        label=_("Your password"),
        autocomplete="current-password",
        help_text=_("The one you signed in here with, so that nobody else makes an app password at your screen."),
    )

    def clean_ends(self) -> dt.datetime | None:
        """Return the midnight after the last day, where the person is."""
        day: dt.date | None = self.cleaned_data["ends"]
        if day is None:
            return None
        if not 2000 <= day.year <= 9000:
            raise ValidationError(self.fields["ends"].error_messages["invalid"], code="invalid")
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
        return timezone.make_aware(midnight)


class RecoveryPasswordForm(FirstPasswordForm):
    """The password that somebody chooses who forgot the last one, or from whom it was taken."""

    is_intrusion = forms.BooleanField(
        label=_("Somebody else knew my password"),
        required=False,
        help_text=_("Then app passwords are revoked too, and your admin is told."),
    )


class PasswordForm(PlainForm):
    """A new password for somebody else."""

    first = "password"
    password = PasswordField(label=_("New password"), is_judged=True, has_generator=True)


@cache
def zone_names() -> list[str]:
    """Return the names of all time zones, without the ones kept for old programs."""
    names = zoneinfo.available_timezones()
    return sorted(
        name for name in names if name == "UTC" or ("/" in name and not name.startswith(("Etc/", "SystemV/")))
    )


def _zone_choices() -> list[tuple[str, str]]:
    return [_of_server(), *_zones()]


def _of_server() -> tuple[str, str]:
    return SERVER, gettext("The server's (%s)") % settings.TIME_ZONE


def _zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in zone_names()]


class ZoneSelect(FlatSelect):
    """All time zones. Their names are the same in all languages: the hundreds of options are drawn once."""

    def drawn_options(self) -> str:
        return drawn_options([_of_server()]) + _drawn_zones()

    def use_required_attribute(self, initial: Any) -> bool:
        """Return False: none of the choices is empty. Django looks through all of them for that."""
        return False


@cache
def _drawn_zones() -> str:
    return drawn_options(_zones())


class TimeZoneForm(PlainForm):
    """The zone in which a person reads and enters times."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=_zone_choices,
        widget=ZoneSelect,
        help_text=_("Times are shown, and dates you enter are understood, in this zone."),
    )

    def clean_time_zone(self) -> str:
        chosen: str = self.cleaned_data["time_zone"]
        return "" if chosen == SERVER else chosen


def _language_choices() -> list[tuple[str, str]]:
    return [("", gettext("The browser's")), *settings.LANGUAGES]


class LanguageForm(PlainForm):
    """The language in which a person reads the panel; empty is the browser's."""

    language = forms.ChoiceField(label=_("Language"), choices=_language_choices, required=False, widget=FlatSelect)


class IntervalField(forms.TypedChoiceField):
    """Seconds between two replies to one person; not given is None, which leaves them as they are."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, widget=FlatSelect, **kwargs)

    def clean(self, value: Any) -> int | None:
        return None if value in self.empty_values else super().clean(value)


class VacationForm(PlainForm):
    """The vacation reply. Without "from" it begins at once, without "until" it has no end.

    `interval_time` is the present one in seconds, for it may be none of those that are offered.
    """

    first = "active"
    folded = ("inside_body",)
    active = forms.BooleanField(label=_("Reply automatically"), required=False)
    activefrom = MomentField(label=_("From"), required=False, help_text=_("Empty: from now on."))
    activeuntil = MomentField(label=_("Until"), required=False, help_text=_("Empty: until you switch it off."))
    subject = forms.CharField(label=_("Subject"), max_length=255)
    body = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 8}))
    interval_time = IntervalField(
        label=_("How often the same person gets it"),
        help_text=_("It is counted anew after every change."),
    )
    inside_body = forms.CharField(
        label=_("Text inside the domain"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Empty: they get the same text as everybody. The subject is the same."),
    )

    def __init__(self, *args: Any, interval_time: int = ONCE, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        interval = self.fields["interval_time"]
        assert isinstance(interval, IntervalField)
        seconds = dict.fromkeys((ONCE, DAILY, WEEKLY, EVERY_MESSAGE, max(interval_time, ONCE)))
        interval.choices = [(number, interval_words(number)) for number in seconds]
        if self.is_bound and not self["active"].data:
            # Switching it off takes no text.
            self.fields["subject"].required = self.fields["body"].required = False

    @property
    def is_unfolded(self) -> bool:
        return super().is_unfolded or bool(self["inside_body"].value())


class DomainListField(forms.CharField):
    """Domain names, one per line: stays quick with ten thousand of them, and can be pasted."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 6, "autocapitalize": "none", "spellcheck": "false"})
        super().__init__(widget=widget, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(readable_domain(name) for name in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        text: str = super().clean(value)
        return list(dict.fromkeys(_domain(name) for name in text.replace(",", " ").split()))


def _domain(name: str) -> str:
    try:
        return domain_key(name)
    except Invalid:
        shown = name if len(name) <= 80 else f"{name[:79]}…"
        raise ValidationError(gettext("“%s” is not a domain name.") % shown) from None


class AdminForm(PlainForm):
    """What an admin may do."""

    superadmin = forms.BooleanField(
        label=_("Superadmin"),
        required=False,
        help_text=_("May do everything: all domains, their limits, and other admins."),
    )
    domains = DomainListField(label=_("Domains"), help_text=_("One per line. A superadmin needs none."))


class NewAdminForm(AdminForm):
    """A new admin."""

    field_order = ["username", "password", "must_change", "superadmin", "domains"]

    username = forms.CharField(
        label=_("Address"),
        max_length=255,
        help_text=_("The name to sign in with, such as anna@example.com."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = PasswordField(label=_("Password"), is_judged=True, has_generator=True)
    must_change = forms.BooleanField(
        label=_("Ask for a new password at the first sign-in"), required=False, initial=True
    )


class DeleteAdminForm(PlainForm):
    """The name typed once more, so that nobody is deleted by a slip."""

    renamed = {"username": "confirmation"}

    confirmation = forms.CharField(
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, username: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.username = username
        self.fields["confirmation"].label = gettext("Type %s to confirm") % username

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"]
        if typed.strip().lower() != self.username.lower():
            raise ValidationError(gettext("This is not the name of the admin."))
        return typed
