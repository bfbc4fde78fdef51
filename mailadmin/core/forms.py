"""The base of every form: forms check shape, operations check rules and say at which input one is broken."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from mailadmin.core.errors import Invalid, LimitReached, MailadminError
from mailadmin.core.passwords import ALPHABET, GENERATED_LENGTH, PasswordPolicy


class PlainForm(forms.Form):
    """A form whose fields are named like the parameters of the operation it calls.

    `renamed` maps parameters that go by another field name.
    """

    renamed: ClassVar[Mapping[str, str]] = {}
    folded: ClassVar[Sequence[str]] = ()
    """Fields that most people leave as they are: they stand in a part that opens by itself when it holds an error."""
    first: ClassVar[str] = ""
    """The field that has the focus when the page opens, on pages whose only purpose is the form."""

    def __init__(self, *args: Any, person: str = "", policy: PasswordPolicy | None = None, **kwargs: Any) -> None:
        """person: who will sign in with the password of this form, for password managers; policy: what a new password
        must be, by default the installation's.
        """
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.person = person
        self.policy = policy or PasswordPolicy.of_installation()
        for field in self.fields.values():
            if isinstance(field, PasswordField) and field.is_judged:
                field.help_text = _listed(self.policy.words())
                field.generated_length = self.policy.generated_length
        if self.first and not self.is_bound:
            self.fields[self.first].widget.attrs["autofocus"] = True
        elif self.is_bound:
            # What is wrong stands above the form and takes the focus.
            for field in self.fields.values():
                field.widget.attrs.pop("autofocus", None)

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.folded]

    @property
    def folded_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.folded]

    @property
    def is_unfolded(self) -> bool:
        """Return whether the folded part shows: it holds an error, or something else than it begins with."""
        bound = self.is_bound
        return any(self[name].errors or (bound and name in self.changed_data) for name in self.folded)

    def add_operation_error(self, error: MailadminError) -> None:
        """Show each message at the field of its parameter; what belongs to no visible field stands above the form."""
        for parameter, texts in error.messages.items():
            name = self.renamed.get(parameter, parameter)
            shown = name in self.fields and not self[name].is_hidden
            for text in texts:
                self.add_error(name if shown else None, text)

    @contextmanager
    def operation_errors(self) -> Iterator[None]:
        """Turn Invalid and LimitReached of the block into errors of this form; the code behind it then shows the form.

        `with form.operation_errors(): create_domain(...); return redirect(...)`. NotFound and NotAllowed pass: they are
        answers to the whole request.
        """
        try:
            yield
        except (Invalid, LimitReached) as error:
            self.add_operation_error(error)


def _listed(lines: Sequence[str]) -> SafeString:
    return format_html('<ul class="bullets">{}</ul>', format_html_join("", "<li>{}</li>", ((line,) for line in lines)))


class PasswordField(forms.CharField):
    """A password: taken as typed, blanks included, and never shown again.

    `is_judged` says before it is typed what it must be and shows how strong it is meanwhile; `has_generator` offers to
    make one in the browser.
    """

    def __init__(
        self,
        *,
        autocomplete: str = "new-password",
        is_judged: bool = False,
        has_generator: bool = False,
        **kwargs: Any,
    ) -> None:
        self.is_judged, self.has_generator = is_judged, has_generator
        self.alphabet, self.generated_length = ALPHABET, GENERATED_LENGTH
        widget = forms.PasswordInput(
            attrs={"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}
        )
        super().__init__(widget=widget, strip=False, max_length=1024, **kwargs)


class MomentField(forms.DateTimeField):
    """A day and time in the person's zone, as browsers ask for it; the value is aware.

    Where the clocks go back, an hour that comes twice is its first; where they go forward, one that they leave out is
    as long after the change as it claims to be after the hour before.
    """

    FORMAT = "%Y-%m-%dT%H:%M"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.DateTimeInput(format=self.FORMAT, attrs={"type": "datetime-local"}),
            input_formats=[self.FORMAT],
            error_messages={"invalid": _("Enter a day and a time such as 2026-12-24 18:00.")},
            **kwargs,
        )

    def to_python(self, value: Any) -> dt.datetime | None:
        if value in self.empty_values:
            return None
        try:
            moment = parse_datetime(str(value).strip())
        except ValueError:
            moment = None
        # At either end of the calendar another zone or another database has no such day.
        if moment is None or not 1900 <= moment.year <= 9000:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        zoned = moment if timezone.is_aware(moment) else moment.replace(tzinfo=timezone.get_current_timezone())
        return zoned.astimezone(dt.UTC)
