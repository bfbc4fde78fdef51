"""What a new password must be, in words and as a check, and passwords made here."""

import secrets
from dataclasses import dataclass, replace
from functools import cache
from typing import Self

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mailadmin.core.addresses import readable_domain
from mailadmin.core.passwords.breached import has_breached_list, is_breached
from mailadmin.core.passwords.strength import estimate_strength, strength_label
from mailadmin.core.passwords.writing import configured_scheme, parse_write_scheme, refusal

GENERATED_LENGTH = 16
# No 0 and O, no 1, l, I and i: they are read aloud and copied from paper.
ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
MAX_HISTORY = 24
"""Of how many earlier passwords may be asked: each takes as long to compare as a sign-in."""


def generate_password(length: int = GENERATED_LENGTH) -> str:
    """Make a random password of characters that are not mistaken for each other; length in characters."""
    return "".join(secrets.choice(ALPHABET) for _position in range(length))


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a new password must be.

    `min_length` is in characters, `min_strength` from 0 to 4; of the last `history` passwords none may come again.
    `domain` is whose mailbox it is for, "" for an admin; `stricter` names the rules in which it asks for more than the
    installation.
    """

    min_length: int
    min_strength: int
    history: int
    domain: str = ""
    stricter: frozenset[str] = frozenset()

    @classmethod
    def of_installation(cls) -> Self:
        """Return the policy of the settings, which is that of admins and of every domain without rules of its own."""
        from django.conf import settings

        return cls(
            settings.MAILADMIN_PASSWORD_MIN_LENGTH,
            settings.MAILADMIN_PASSWORD_MIN_STRENGTH,
            settings.MAILADMIN_PASSWORD_HISTORY,
        )

    def with_domain(
        self, domain: str, *, min_length: int | None, min_strength: int | None, history: int | None
    ) -> "PasswordPolicy":
        """Return the policy of a domain, of whose own rules, None where it has none, only the stricter ones count."""
        asked = {"min_length": min_length, "min_strength": min_strength, "history": history}
        most = {"min_length": 255, "min_strength": 4, "history": MAX_HISTORY}
        asked = {name: min(value or 0, most[name]) for name, value in asked.items()}
        own = {name: value for name, value in asked.items() if value > getattr(self, name)}
        values = {name: own.get(name, getattr(self, name)) for name in asked}
        return PasswordPolicy(**values, domain=domain, stricter=frozenset(own))

    def for_new_account(self) -> "PasswordPolicy":
        """Return the same without what asks for earlier passwords: a new account has none."""
        return replace(self, history=0)

    @property
    def generated_length(self) -> int:
        """Return how long a password is that is made here, in characters."""
        return max(GENERATED_LENGTH, self.min_length)

    def words(self) -> list[str]:
        """Return the rules, one short translated line each, for whoever is about to choose a password."""
        length = ngettext("At least %d character.", "At least %d characters.", self.min_length) % self.min_length
        lines = [length, _("Not the address, and no common password.")]
        if self.min_strength > 0:
            lines.append(_("Not easy to guess: its strength is at least “%s”.") % strength_label(self.min_strength))
        if self.history > 0:
            text = ngettext(
                "Not the present password.",
                "None of the last %(count)d passwords, the present one among them.",
                self.history,
            )
            lines.append(text % {"count": self.history})
        if has_breached_list():
            lines.append(_("Not on the list of passwords that were stolen elsewhere."))
        if self.stricter:
            lines.append(_("These are the rules of %s.") % readable_domain(self.domain))
        return lines

    def reused(self) -> str:
        """Return the refusal of a password that was used before, translated."""
        text = ngettext(
            "This is the present password.",
            "This is one of the last %(count)d passwords.",
            self.history,
        )
        return f"{text % {'count': self.history}} {self.asker('history')}"

    def asker(self, rule: str) -> str:
        """Return whose rule it is, in one translated sentence."""
        return _("This is a rule of %s.") % self._who(rule)

    def _who(self, rule: str) -> str:
        from django.conf import settings

        return readable_domain(self.domain) if rule in self.stricter else str(settings.MAILADMIN_NAME)


def check_policy(
    password: str, *, username: str, name: str = "", scheme: str | None = None, policy: PasswordPolicy | None = None
) -> list[str]:
    """Say what is wrong with a new password, one translated text each; an empty list when nothing is.

    username: the full address; name: its owner's. scheme: in which it will be written, the configured one by default,
    for some hold less than others. policy: the installation's by default; earlier passwords are not looked at here.
    """
    policy = policy or PasswordPolicy.of_installation()
    messages = [
        _too_short(password, policy),
        _too_like_name(password, username),
        _("This password is too common.") if _is_common(password) else "",
        refusal(password, parse_write_scheme(scheme or configured_scheme()).name) if password else "",
    ]
    # An estimate says nothing new of a password that is refused anyway.
    return (
        [message for message in messages if message]
        or _stolen(password, policy)
        or _too_weak(password, policy, about=[username, name])
    )


def _stolen(password: str, policy: PasswordPolicy) -> list[str]:
    if not is_breached(password):
        return []
    return [f"{_('This password was stolen elsewhere: it is on the list of known ones.')} {policy.asker('breached')}"]


def _too_weak(password: str, policy: PasswordPolicy, *, about: list[str]) -> list[str]:
    least = policy.min_strength
    strength = estimate_strength(password, about=about) if least > 0 else None
    if strength is None or strength.score >= least:
        return []
    wanted = _("A strength of at least “%s” is asked for.") % strength_label(least)
    return [f"{_('This password is too easy to guess.')} {strength.advice} {wanted} {policy.asker('min_strength')}"]


def _too_short(password: str, policy: PasswordPolicy) -> str:
    least = policy.min_length
    if len(password) >= least:
        return ""
    text = ngettext(
        "The password must have at least %(count)d character.",
        "The password must have at least %(count)d characters.",
        least,
    )
    return f"{text % {'count': least}} {policy.asker('min_length')}"


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
