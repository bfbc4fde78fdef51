"""Reading settings from the environment or from `.env` beside manage.py; a wrong one is one clear line at start."""

import ipaddress
import math
import re
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

T = TypeVar("T")

env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")


def whole(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    """Return a whole number from the environment; raises ImproperlyConfigured for what is none or out of bounds."""
    return int(_within(name, env.str(name, default=str(default)), int, "a whole number", least, most))


def number(name: str, default: float, *, least: float = 0, most: float | None = None) -> float:
    """Return a number from the environment; raises ImproperlyConfigured for what is none or out of bounds."""
    return _within(name, env.str(name, default=str(default)), float, "a number", least, most)


def _within(name: str, text: str, kind: Callable[[str], float], what: str, least: float, most: float | None) -> float:
    try:
        value = kind(text.strip())
    except ValueError:
        value = math.nan
    # Not a number is within no bounds.
    if least <= value <= (math.inf if most is None else most) and value != math.inf:
        return value
    bounds = f" from {least:g} on" if most is None else f" from {least:g} to {most:g}"
    raise ImproperlyConfigured(f"{name} must be {what}{bounds}: {text!r} is none.")


def flag(name: str, *, default: bool) -> bool:
    """Return whether a setting is on; raises ImproperlyConfigured for what says neither yes nor no."""
    text: str = env.str(name, default="").strip().lower()
    if not text:
        return default
    if text in ("1", "true", "yes", "on"):
        return True
    if text in ("0", "false", "no", "off"):
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0: {text!r} is neither.")


def zone(name: str, default: str) -> str:
    """Return a time zone's name from the environment; raises ImproperlyConfigured for one that does not exist."""
    value: str = env.str(name, default=default)
    if value and value not in zoneinfo.available_timezones():
        raise ImproperlyConfigured(f"{name} is no time zone: {value}. Use a name such as Europe/Rome.")
    return value


def networks(name: str) -> list[str]:
    """Return a list of networks from the environment; raises ImproperlyConfigured for what is none."""
    values: list[str] = env.list(name, default=[])
    for value in values:
        try:
            ipaddress.ip_network(value, strict=False)
        except ValueError:
            raise ImproperlyConfigured(f"{name} must hold addresses or networks: {value} is none.") from None
    return values


def checked(name: str, check: Callable[[str], T]) -> T:
    """Return a setting from the environment through its check; raises ImproperlyConfigured for what that refuses."""
    try:
        return check(env.str(name, default=""))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from None


def smtp_server(name: str) -> dict[str, Any]:
    """Return the mail server of an address such as smtp+tls://user:password@host:587, {} where there is none."""
    text: str = env.str(name, default="")
    if not text:
        return {}
    try:
        config: dict[str, Any] = env.email_url_config(text)
    except (KeyError, ValueError):
        config = {}
    if "smtp" not in text.partition("://")[0] or not config.get("EMAIL_HOST"):
        # Not shown: it may hold a password.
        raise ImproperlyConfigured(f"{name} must be an address such as smtp+tls://user:password@mail.example.com:587.")
    return {**config, "EMAIL_PORT": config.get("EMAIL_PORT") or 25}


def sender(name: str, *, needed: bool) -> str:
    """Return the address that mail is sent from; raises ImproperlyConfigured for what is none, or missing."""
    value: str = env.str(name, default="").strip()
    if (needed or value) and not re.fullmatch(r"[^\s<>@,]+@[^\s<>@,]+", value):
        raise ImproperlyConfigured(f"{name} must be an address such as panel@example.com: {value!r} is none.")
    return value
