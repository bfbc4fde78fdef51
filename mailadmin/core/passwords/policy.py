"""What a new password must be, and passwords made here."""

import secrets
from functools import cache

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mailadmin.core.passwords.strength import MIN_STRENGTH, estimate_strength
from mailadmin.core.passwords.writing import configured_scheme, parse_write_scheme, refusal

MIN_LENGTH = 10
GENERATED_LENGTH = 16
# No 0 and O, no 1, l, I and i: they are read aloud and copied from paper.
ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def generate_password(length: int = GENERATED_LENGTH) -> str:
    """Make a random password of characters that are not mistaken for each other; length in characters."""
    return "".join(secrets.choice(ALPHABET) for _position in range(length))


def check_policy(password: str, *, username: str, name: str = "", scheme: str | None = None) -> list[str]:
    """Say what is wrong with a new password, one translated sentence each; an empty list when nothing is.

    username: the full address; name: its owner's. scheme: in which it will be written, the configured one by default,
    for some hold less than others. The least length is the setting MAILADMIN_PASSWORD_MIN_LENGTH, in characters; the
    least strength MAILADMIN_PASSWORD_MIN_STRENGTH, from 0 to 4.
    """
    messages = [
        _too_short(password),
        _too_like_name(password, username),
        _("This password is too common.") if _is_common(password) else "",
        refusal(password, parse_write_scheme(scheme or configured_scheme()).name) if password else "",
    ]
    # An estimate says nothing new of a password that is refused anyway.
    return [message for message in messages if message] or _too_weak(password, username, name)


def _too_weak(password: str, username: str, name: str) -> list[str]:
    from django.conf import settings

    least = int(getattr(settings, "MAILADMIN_PASSWORD_MIN_STRENGTH", MIN_STRENGTH))
    strength = estimate_strength(password, about=[username, name]) if least > 0 else None
    if strength is None or strength.score >= least:
        return []
    return [f"{_('This password is too easy to guess.')} {strength.advice}"]


def _too_short(password: str) -> str:
    from django.conf import settings

    least = int(getattr(settings, "MAILADMIN_PASSWORD_MIN_LENGTH", MIN_LENGTH))
    if len(password) >= least:
        return ""
    return ngettext(
        "The password must have at least %(count)d character.",
        "The password must have at least %(count)d characters.",
        least,
    ) % {"count": least}


def _too_like_name(password: str, username: str) -> str:
    name = username.casefold()
    if password.casefold() in {name, name.rpartition("@")[0]} - {""}:
        return _("The password must not be the address or a part of it.")
    return ""


def _is_common(password: str) -> bool:
    # The list is kept lower case and stripped, and the validator looks it up that way.
    return password.lower().strip() in _common().passwords


@cache
def _common() -> CommonPasswordValidator:
    return CommonPasswordValidator()
