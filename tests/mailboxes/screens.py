"""What tests of screens share: what is in the tables, what a form answered, what nobody should be able to type."""

import re
from typing import Any

import pytest
from django.db import models
from django.test import Client

from aliases.models import Alias, AliasTarget
from mailadmin.audit.models import AuditEvent, Log
from mailboxes.models import DeletedMaildir, Mailbox, Quota2, Vacation

PASSWORD = "Quiet-river-2048"
_TABLES: list[type[models.Model]] = [Mailbox, Alias, AliasTarget, Vacation, Quota2, DeletedMaildir, Log]

# None of them can be a local part: control characters, NUL, quotes, markup, wildcards, two @, other scripts, paths.
BAD_LOCAL_PARTS = [
    pytest.param("", id="empty"),
    pytest.param("   ", id="blank"),
    pytest.param("x" * 65, id="too long"),
    pytest.param("x" * 300, id="far too long"),
    pytest.param("an\x07na", id="control character"),
    pytest.param("an\x00na", id="NUL"),
    pytest.param("an\nna", id="line feed"),
    pytest.param('"anna"', id="quotes"),
    pytest.param("<b>anna</b>", id="HTML"),
    pytest.param("an%na", id="per cent"),
    pytest.param("anna@x@y", id="two @"),
    pytest.param("anna@elsewhere.example", id="another domain"),
    pytest.param("usér", id="accent"),
    pytest.param("anna😀", id="emoji"),
    pytest.param("../../etc/passwd", id="path"),
    pytest.param(".anna", id="leading dot"),
    pytest.param("an..na", id="two dots"),
    pytest.param("an na", id="space"),
]
BAD_LINES = [
    pytest.param("x" * 256, id="too long"),
    pytest.param("a\x07b", id="control character"),
    pytest.param("a\x00b", id="NUL"),
]
ODD_LINES = ['O\'Neil "Bob" & <b>sons</b>', "100 % _ sure \\", "Zoë Müller-Østergård"]


def rows() -> dict[str, list[Any]]:
    """Return all that the operations of mailboxes and aliases write, but for sign-ins."""
    content = {model.__name__: sorted(model._default_manager.values_list(), key=repr) for model in _TABLES}
    events = AuditEvent.objects.exclude(action__startswith="sign_in")
    return content | {"events": sorted(events.values_list("pk", flat=True))}


def refused(client: Client, path: str, data: dict[str, Any], field: str) -> list[str]:
    """Post a form that must be refused at the field with nothing written; returns the messages."""
    before = rows()
    answer = client.post(path, data)
    assert answer.status_code == 200
    assert rows() == before
    form = answer.context["form"]
    assert set(form.errors) == {field}, form.errors
    page = answer.content.decode()
    assert f'id="{form[field].auto_id}_error"' in page
    for value in data.values():
        assert value != PASSWORD or PASSWORD not in page
    messages: list[str] = form.errors[field]
    return messages


def shown(content: bytes) -> str:
    """Return a page without its links and without the stored values that its history unfolds."""
    text = re.sub(r'<table class="log__changes">.*?</table>', "", content.decode(), flags=re.S)
    return re.sub(r'(href|action|value|hx-post|hx-get|hx-vals)="[^"]*"', "", text)


def toasts(client: Client) -> list[str]:
    """Return the messages that wait for the client's next page, and let it have them."""
    return [str(message) for message in client.get("/domains/").context["messages"]]
