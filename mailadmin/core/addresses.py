"""Domain names and e-mail addresses: one place decides what they look like.

`parse_*` is strict and makes new values; `*_key` only normalises, to look up what other programs may have written.
"""

import re
from typing import NamedTuple

import idna
from django.utils.translation import gettext as _

from mailadmin.core.errors import Invalid

MAX_DOMAIN = 253
MAX_LOCAL_PART = 64
MAX_ADDRESS = 254

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
# RFC 5322 atext without what mail servers read as a route or a path: % ! /
_ALIAS_LOCAL = re.compile(r"[a-z0-9#$&'*+=?^_`{|}~.-]+\Z")
# A mailbox is also a directory and a sign-in name; "+" would be cut off as an address extension.
_MAILBOX_LOCAL = re.compile(r"[a-z0-9&'=_.-]+\Z")
_TARGET_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+\Z")


class EmailAddress(NamedTuple):
    """`local_part@domain` in stored form; an empty local part is the domain's catch-all."""

    local_part: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local_part}@{self.domain}"

    @property
    def is_catch_all(self) -> bool:
        return not self.local_part


def domain_key(text: str) -> str:
    """Return the stored form of a domain name for a look-up; raises Invalid for what no row can hold."""
    text = text.strip().lower()
    if not text or len(text) > 255 or _CONTROL.search(text):
        raise Invalid.of("domain", _("This is not a domain name."))
    return text if text.isascii() else _to_a_labels(text)


def address_key(text: str) -> str:
    """Return the stored form of an address for a look-up; raises Invalid for what no row can hold."""
    local_part, at, domain = text.strip().lower().rpartition("@")
    if not at or not local_part.isascii() or _CONTROL.search(local_part) or len(text) > 255:
        raise Invalid.of("address", _("This is not an e-mail address."))
    key = f"{local_part}@{domain_key(domain)}"
    # Letters beyond ASCII are longer as A-labels.
    if len(key) > 255:
        raise Invalid.of("address", _("This is not an e-mail address."))
    return key


def parse_domain(text: str, parameter: str = "domain") -> str:
    """Return a new domain name as lower-case A-labels (RFC 5891); raises Invalid."""
    try:
        name = domain_key(text)
    except Invalid:
        raise Invalid.of(parameter, _("Enter a domain name such as example.com.")) from None
    labels = name.split(".")
    if len(labels) < 2 or len(name) > MAX_DOMAIN or not all(_LABEL.match(label) for label in labels):
        raise Invalid.of(
            parameter,
            _("Enter a domain name such as example.com: letters, digits and hyphens, with at least one dot."),
        )
    if labels[-1].isdigit():
        raise Invalid.of(parameter, _("A domain name cannot end in a number."))
    if any(label.startswith("xn--") and readable_domain(label) == label for label in labels):
        raise Invalid.of(parameter, _("This domain name is not valid international spelling."))
    return name


def parse_mailbox_local_part(text: str, parameter: str = "local_part") -> str:
    """Return the local part of a new mailbox; it also names a directory, so it is stricter than RFC 5321."""
    return _parse_local_part(text, parameter, _MAILBOX_LOCAL, _("letters, digits and . _ - ' & ="))


def parse_address(text: str, parameter: str = "address") -> EmailAddress:
    """Return any deliverable address, such as an external target; raises Invalid."""
    local_part, domain = _split(text, parameter)
    local_part = _parse_local_part(local_part, parameter, _TARGET_LOCAL, _("letters, digits and . _ - +"))
    return _bounded(EmailAddress(local_part, parse_domain(domain, parameter)), parameter)


def is_deliverable(text: str) -> bool:
    """Return whether mail can be sent to an address that another program wrote down."""
    try:
        parse_address(text)
    except Invalid:
        return False
    return True


def parse_alias_address(text: str, parameter: str = "address") -> EmailAddress:
    """Return the address of a new alias; `@domain` and `*@domain` are the catch-all."""
    local_part, domain = _split(text, parameter)
    if local_part.strip() in ("", "*"):
        return EmailAddress("", parse_domain(domain, parameter))
    local_part = _parse_local_part(local_part, parameter, _ALIAS_LOCAL, _("letters, digits and . _ - +"))
    return _bounded(EmailAddress(local_part, parse_domain(domain, parameter)), parameter)


def parse_target(text: str, parameter: str = "targets", *, catch_all: bool = False) -> str:
    """Return one alias target in stored form; only a catch-all may point at a whole `@domain`."""
    text = text.strip()
    if catch_all and text.startswith("@"):
        return f"@{parse_domain(text[1:], parameter)}"
    try:
        return str(parse_address(text, parameter))
    except Invalid as error:
        shown = text if len(text) <= 80 else f"{text[:77]}…"
        raise Invalid.of(parameter, f"“{shown}”: {error.message}") from None


def readable_domain(name: str) -> str:
    """Return the name with A-labels shown as the letters they stand for."""
    if "xn--" not in name:
        return name
    return ".".join(_readable_label(label) for label in name.split("."))


def readable(address: str) -> str:
    """Return an address or domain name as people write it."""
    local_part, at, domain = address.rpartition("@")
    return f"{local_part}{at}{readable_domain(domain)}"


def _readable_label(label: str) -> str:
    try:
        return idna.decode(label)
    except (idna.IDNAError, UnicodeError):
        return label


def _to_a_labels(text: str) -> str:
    try:
        return idna.encode(text, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise Invalid.of("domain", _("This is not a domain name.")) from None


def _split(text: str, parameter: str) -> tuple[str, str]:
    local_part, at, domain = text.strip().lower().partition("@")
    if not at or "@" in domain:
        raise Invalid.of(parameter, _("Enter an e-mail address such as anna@example.com."))
    return local_part, domain


def _parse_local_part(text: str, parameter: str, allowed: re.Pattern[str], words: str) -> str:
    local_part = text.strip().lower()
    if not local_part:
        raise Invalid.of(parameter, _("Enter the part before the @."))
    if len(local_part) > MAX_LOCAL_PART:
        raise Invalid.of(parameter, _("The part before the @ can have at most %d characters.") % MAX_LOCAL_PART)
    if not allowed.match(local_part):
        raise Invalid.of(parameter, _("The part before the @ can have only %s.") % words)
    if local_part.startswith(".") or local_part.endswith(".") or ".." in local_part:
        raise Invalid.of(parameter, _("The part before the @ cannot begin or end with a dot, nor have two in a row."))
    return local_part


def _bounded(address: EmailAddress, parameter: str) -> EmailAddress:
    if len(str(address)) > MAX_ADDRESS:
        raise Invalid.of(parameter, _("An address can have at most %d characters.") % MAX_ADDRESS)
    return address
