"""The base of every form: forms check shape, operations check rules and say at which input one is broken."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from django import forms

from mailadmin.core.errors import Invalid, LimitReached, MailadminError


class PlainForm(forms.Form):
    """A form whose fields are named like the parameters of the operation it calls.

    `renamed` maps parameters that go by another field name.
    """

    renamed: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

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
