"""How hard a password is to guess, by zxcvbn's estimate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

# zxcvbn's time grows fast with the length, and with how many ways "p4$$w0rd" can be read.
_LONGEST = 72
_MOST_STAND_INS = 5
_STAND_INS = frozenset("4@8({[</369&#!1|0$5+7%2")


@dataclass(frozen=True, slots=True)
class Strength:
    """An estimate: `score` from 0 (guessed at once) to 4 (not guessed), and what makes the password weak, in words."""

    score: int
    reason: str

    @property
    def label(self) -> str:
        return strength_label(self.score)

    @property
    def advice(self) -> str:
        """Return what to do, as one or two sentences."""
        better = _("Add words that have nothing to do with each other, or have a password made.")
        return f"{self.reason} {better}".strip()


def strength_label(score: int) -> str:
    """Return what a score from 0 to 4 is called, translated."""
    return [_("very weak"), _("weak"), _("fair"), _("good"), _("strong")][score]


def estimate_strength(password: str, *, about: Iterable[str] = ()) -> Strength:
    """Estimate how hard a password is to guess; of a long one, its beginning, so that it stays quick.

    about: what somebody who guesses knows of its owner, such as address and name.
    """
    # Its word lists are large, and most processes judge no password.
    from zxcvbn import zxcvbn

    if not password:
        return Strength(0, "")
    known = [part for text in about for part in _parts(text)]
    answer = zxcvbn(_bounded(password), user_inputs=known, max_length=_LONGEST)
    return Strength(int(answer["score"]), _reason(answer["sequence"]))


def _parts(text: str) -> list[str]:
    parts = [text, *text.split("@"), *text.replace("@", " ").replace(".", " ").split()]
    return [part for part in parts if len(part) > 2][:20]


def _bounded(password: str) -> str:
    """Return the beginning, with few enough different stand-ins for letters that they are not all tried out."""
    text = password[:_LONGEST]
    found = [character for character in dict.fromkeys(text) if character in _STAND_INS]
    return text.translate({ord(character): "~" for character in found[_MOST_STAND_INS:]})


def _reason(parts: Sequence[dict[str, Any]]) -> str:
    """Say what the weakest kind of part is that the password is made of."""
    kinds = {"own" if part.get("dictionary_name") == "user_inputs" else part["pattern"] for part in parts}
    reasons = {
        "own": _("It is made from the address or the name."),
        "repeat": _("It repeats itself."),
        "sequence": _("It runs through letters or digits in order."),
        "spatial": _("Its keys lie side by side on the keyboard."),
        "date": _("A date is easy to guess."),
        "dictionary": _("It is made of common words or names."),
    }
    return next((text for kind, text in reasons.items() if kind in kinds), "")
