"""The base of every form: forms check shape, operations check rules and say at which input one is broken."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mailadmin.core.errors import Invalid, LimitReached, MailadminError


class PlainForm(forms.Form):
    """A form whose fields are named like the parameters of the operation it calls.

    `renamed` maps parameters that go by another field name.
    """

    renamed: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        if self.is_bound:
            # What is wrong stands above the form and takes the focus.
            for field in self.fields.values():
                field.widget.attrs.pop("autofocus", None)

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


class PasswordField(forms.CharField):
    """A password: taken as typed, blanks included, and never shown again."""

    def __init__(self, *, autocomplete: str = "new-password", **kwargs: Any) -> None:
        widget = forms.PasswordInput(
            attrs={"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}
        )
        super().__init__(widget=widget, strip=False, max_length=1024, **kwargs)


class MomentField(forms.DateTimeField):
    """A day and time in the person's zone, as browsers ask for it; the value is aware."""

    FORMAT = "%Y-%m-%dT%H:%M"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.DateTimeInput(format=self.FORMAT, attrs={"type": "datetime-local"}),
            input_formats=[self.FORMAT],
            error_messages={"invalid": _("Enter a day and a time such as 2026-12-24 18:00.")},
            **kwargs,
        )

    def to_python(self, value: Any) -> dt.datetime | None:
        moment = super().to_python(value)
        # At either end of the calendar another zone or another database has no such day.
        if moment is not None and not 1900 <= moment.year <= 9000:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return moment
