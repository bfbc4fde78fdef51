"""What a switch did, said with the way back."""

from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest

from mailadmin.core.http import next_url

_MARK = "undo"


class Undo(NamedTuple):
    """The small form in a message: where it posts, the state it asks for, and where it comes back to."""

    url: str
    active: str
    next: str


def say_switched(request: HttpRequest, text: str, *, active: bool, page: str) -> None:
    """Tell that a switch is `active` now; its other state is one button away.

    The request is the switch's own. `page` is where the way back ends if the request does not say (`next`).
    """
    back = Undo(request.path, str(int(not active)), next_url(request, page))
    messages.success(request, text, extra_tags=f"{_MARK} {' '.join(back)}")


def undo_of(extra_tags: str) -> Undo | None:
    """Return the way back that a message carries, or None."""
    mark, *parts = (extra_tags or "").split(" ")
    return Undo(*parts) if mark == _MARK and len(parts) == len(Undo._fields) else None
