"""White label: the name, logo, colour and words of whoever runs the panel, from settings."""

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

AA_TEXT = 4.5
"""Least contrast of text (WCAG 2.2, 1.4.3)."""

# What the accent stands on in static/css/tokens.css, light and dark; a test keeps the two files together.
BACKGROUNDS = {
    "canvas": ("#f6f8fa", "#10161f"),
    "surface": ("#ffffff", "#18202c"),
    "sunken": ("#eef2f6", "#202a38"),
    "info-soft": ("#e4eefc", "#1b3050"),
}
ON_ACCENT = ("#ffffff", "#05211f")
THEMES = ("light", "dark")
LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}
MAX_LOGO = 100_000
"""Bytes; a logo is part of every first visit."""


class Brand(NamedTuple):
    """What the templates show; empty strings for what is not set."""

    name: str
    logo_url: str
    css_url: str
    footer_text: str
    footer_link: str
    signin_text: str
    webmail_url: str


def brand() -> Brand:
    """Return the brand of this panel. Needs neither a request nor a database."""
    logo, css = settings.MAILADMIN_LOGO, stylesheet(settings.MAILADMIN_ACCENT)
    return Brand(
        name=settings.MAILADMIN_NAME,
        logo_url=f"{reverse('brand_logo')}?{logo_hash(logo)}" if logo else "",
        css_url=f"{reverse('brand_css')}?{_short_hash(css.encode())}" if css else "",
        footer_text=settings.MAILADMIN_FOOTER_TEXT,
        footer_link=settings.MAILADMIN_FOOTER_LINK,
        signin_text=settings.MAILADMIN_SIGNIN_TEXT,
        webmail_url=settings.MAILADMIN_WEBMAIL_URL,
    )


def _short_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


@lru_cache(maxsize=4)
def read_logo(path: str) -> bytes:
    """Return the file's content; it is read once, as the settings are."""
    return Path(path).read_bytes()


def logo_hash(path: str) -> str:
    return _short_hash(read_logo(path))


def check_logo(path: str, base: Path) -> str:
    """Return the absolute path of a logo, "" for none; ValueError says what is wrong with it."""
    if not path:
        return ""
    file = base / path
    if file.suffix.lower() not in LOGO_TYPES:
        raise ValueError(f"{path} is neither .svg nor .png.")
    if not file.is_file():
        raise ValueError(f"{path} is no file.")
    if file.stat().st_size > MAX_LOGO:
        raise ValueError(f"{path} is larger than {MAX_LOGO} bytes.")
    return str(file)


def check_link(url: str, schemes: tuple[str, ...] = ("https", "http")) -> str:
    """Return the address of a link, "" for none; ValueError for one that no browser should follow."""
    parts = urlsplit(url)
    if url and (parts.scheme not in schemes or not (parts.netloc or parts.path) or re.search(r"[\s\"<>]", url)):
        raise ValueError(f"{url} is no address that begins with {' or '.join(schemes)}.")
    return url


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2, "relative luminance")."""
    parts = [part / 255 for part in _rgb(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(colour: str, other: str, share: float) -> str:
    """Return the colour with a share (0 to 1) of another in it."""
    pairs = zip(_rgb(colour), _rgb(other), strict=True)
    return "#" + "".join(f"{round(one * (1 - share) + two * share):02x}" for one, two in pairs)


def parse_accent(text: str) -> tuple[str, str] | None:
    """Return the accent in light and dark, None for the panel's own.

    `text` is "#rrggbb" for light, from which a lighter one for dark is made, or both with a comma between.
    ValueError names the first pair of colours that cannot be told apart.
    """
    if not text.strip():
        return None
    given = [part.strip().lower() for part in text.split(",")]
    if len(given) > 2 or not all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in given):
        raise ValueError(f"{text} is not of the form #0b6e66, or #0b6e66,#4fcfc0 for light and dark.")
    _refuse_faint(given[0], 0)
    if len(given) == 1:
        return given[0], _lighter(given[0])
    _refuse_faint(given[1], 1)
    return given[0], given[1]


def _faintest(accent: str, theme: int) -> tuple[float, str]:
    """Return the least contrast of an accent with what it stands on, and with what stands on it."""
    others = [*(pair[theme] for pair in BACKGROUNDS.values()), ON_ACCENT[theme]]
    return min((contrast(accent, other), other) for other in others)


def _refuse_faint(accent: str, theme: int) -> None:
    ratio, other = _faintest(accent, theme)
    if ratio < AA_TEXT:
        name = THEMES[theme]
        raise ValueError(
            f"{accent} has a contrast of {ratio:.2f} to 1 with {other} in the {name} theme; 4.5 is needed."
        )


def _lighter(accent: str) -> str:
    """Return the first mixture with white that can be read in the dark theme."""
    steps = (mix(accent, "#ffffff", share / 20) for share in range(21))
    return next(colour for colour in steps if _faintest(colour, 1)[0] >= AA_TEXT)


def tokens(accent: tuple[str, str]) -> dict[str, tuple[str, str]]:
    """Return the tokens of static/css/tokens.css that follow from an accent, each as light and dark."""
    light, dark = accent
    soft = (mix("#ffffff", light, 0.12), mix("#18202c", dark, 0.12))
    return {
        "accent": accent,
        "accent-strong": (mix(light, "#000000", 0.25), mix(dark, "#ffffff", 0.3)),
        "accent-soft": soft,
        "on-accent": ON_ACCENT,
    }


@lru_cache(maxsize=4)
def stylesheet(accent: tuple[str, str] | None) -> str:
    """Return the stylesheet that puts the accent in place of the panel's own; "" where that stays."""
    if accent is None:
        return ""
    lines = [f"--{name}: light-dark({light}, {dark});" for name, (light, dark) in tokens(accent).items()]
    return f"@layer tokens {{ :root {{ {' '.join(lines)} }} }}\n"
