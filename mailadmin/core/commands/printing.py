"""Rows and their values as a command prints them."""

import datetime as dt
import json
import re
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

SECRETS = frozenset({"password", "token", "token_validity", "totp_secret"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def columns_of(row: models.Model) -> dict[str, Any]:
    """Return a row's columns by their names, without secrets."""
    fields = (field for field in row._meta.local_concrete_fields if field.column not in SECRETS)
    return {str(field.column): getattr(row, field.attname) for field in fields}


def plain(text: str) -> str:
    """Return a text that cannot steer the terminal, whatever another program wrote into the table."""
    return _CONTROL.sub("�", text)


def text_of(value: Any) -> str:
    """Return a value as people read it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def json_of(value: Any) -> str:
    """Return a value as programs read it, on one line."""
    return json.dumps(value, default=_json_value, ensure_ascii=False, indent=None)


def _json_value(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
