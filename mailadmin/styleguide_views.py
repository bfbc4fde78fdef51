"""The page of components and tokens, for whoever works on the look; only with DEBUG."""

import re
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.messages import ERROR, INFO, SUCCESS, WARNING
from django.contrib.messages.storage.base import Message
from django.contrib.staticfiles import finders
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from mailadmin.core.forms import PasswordField, PlainForm
from mailadmin.core.http import ActorRequest, actor_required
from mailadmin.core.limits import Limit

_TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")
_SIZE = 1024**3
_MESSAGES = [
    (SUCCESS, "Mailbox anna@example.com created."),
    (INFO, "Nothing was changed."),
    (WARNING, "The domain is switched off."),
    (ERROR, "The limit of 5 mailboxes is reached."),
]


class SampleForm(PlainForm):
    """A field of each kind."""

    address = forms.CharField(help_text="The part before the @.")
    password = PasswordField(label="Password", is_judged=True, has_generator=True)
    kind = forms.ChoiceField(choices=[("virtual", "Virtual"), ("relay", "Relay")])
    until = forms.DateTimeField(required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    text = forms.CharField(widget=forms.Textarea, required=False)
    choice = forms.ChoiceField(widget=forms.RadioSelect, choices=[("one", "One"), ("all", "All")], required=False)
    active = forms.BooleanField(help_text="Off, mail to it is refused.", required=False)


class FoldedForm(PlainForm):
    """An address that is looked at while it is typed, and what most people leave as it is."""

    alias = forms.CharField()
    note = forms.CharField(required=False)
    is_unfolded = True

    @property
    def folded_fields(self) -> list[forms.BoundField]:
        return [self["note"]]


def tokens() -> dict[str, list[tuple[str, str]]]:
    """Return name and value of the design tokens: the colours, and all others."""
    path = finders.find("css/tokens.css")
    # The first value of each: those of phones and of reduced motion come after it.
    found = dict(reversed(_TOKEN.findall(Path(str(path)).read_text())))
    colours = [(name, value) for name, value in reversed(found.items()) if "#" in value and "shadow" not in name]
    return {"colours": colours, "others": [pair for pair in reversed(found.items()) if pair not in colours]}


def samples() -> dict[str, Any]:
    """Return what the components of the page are fed with."""
    empty = SampleForm({"address": ""}, auto_id="refused_%s", use_required_attribute=False)
    return {
        "form": SampleForm(initial={"active": True}),
        "refused": empty,
        "folded": FoldedForm(),
        "limit": Limit(50),
        "domain": {"domain": "example.com"},
        "counted": timezone.now(),
        "tones": ["good", "attention", "danger", "info", "neutral"],
        "uses": [(1, 10), (9, 10), (10, 10), (3, 0), (0, -1)],
        "sizes": [(_SIZE, 5 * _SIZE), (19 * _SIZE // 4, 5 * _SIZE)],
        "tabs": [
            {"label": "Mailboxes", "url": "#tabs", "current": True, "count": 12},
            {"label": "Settings", "url": "#tabs", "current": False, "count": None},
        ],
        "chips": [
            {"label": "Active", "url": "?state=active", "active": True},
            {"label": "Nearly full", "url": "?state=full", "active": False},
        ],
        "page": {
            "previous_url": "?before=a",
            "next_url": "?after=b",
            "size": 50,
            "sizes": [{"size": size, "url": "?"} for size in (50, 100)],
        },
        "columns": {
            "keep": [],
            "choices": [{"key": "name", "label": "Name", "checked": True}],
            "is_default": False,
            "default_url": "?",
            "csv_url": "?format=csv",
        },
        "selection": {"q": "", "chosen": "", "clear_url": ""},
        "strengths": [{"score": score, "label": label} for score, label in enumerate(("very weak", "weak", "fair"))],
        "facts": [("Address", "anna@example.com"), ("Description", "")],
        "notices": [Message(*pair) for pair in _MESSAGES],
    }


@actor_required
@require_safe
def styleguide(request: ActorRequest) -> HttpResponse:
    """Show every component with its states, and the tokens."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "styleguide.html", samples() | tokens())
