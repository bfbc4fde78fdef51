"""The four errors an operation may raise for a person's mistake. Anything else is a bug."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

WHOLE = ""


class MailadminError(Exception):
    """Base of the anticipated errors.

    `messages` maps a parameter name of the operation to its messages; WHOLE stands for the whole request.
    """

    def __init__(self, messages: Mapping[str, Sequence[str]]) -> None:
        self.messages: dict[str, list[str]] = {name: list(texts) for name, texts in messages.items()}
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """Return all messages as one line."""
        return " ".join(text for texts in self.messages.values() for text in texts)


class NotFound(MailadminError):
    """The object is absent or out of the actor's scope; the two look alike."""

    def __init__(self, name: str = "") -> None:
        text = _("There is no “%(name)s” here.") % {"name": name} if name else _("Not found.")
        super().__init__({WHOLE: [text]})


class NotAllowed(MailadminError):
    """The actor's kind may not do this verb."""

    def __init__(self, permission: str, text: str = "") -> None:
        self.permission = permission
        super().__init__({WHOLE: [text or _("You are not allowed to do this. Ask a superadmin.")]})


class Invalid(MailadminError):
    """A value breaks a rule."""

    @classmethod
    def of(cls, parameter: str, text: str) -> "Invalid":
        """Return the error for one parameter with one message."""
        return cls({parameter: [text]})


class LimitReached(MailadminError):
    """A limit of the domain would be exceeded.

    Parameters: `parameter` names the input, `limit` the limit, `text` says its use and who can raise it.
    """

    def __init__(self, parameter: str, *, limit: str, text: str) -> None:
        self.limit = limit
        super().__init__({parameter: [text]})
