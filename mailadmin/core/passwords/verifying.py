"""Checking a password against whatever the table holds."""

import logging
from functools import cache
from hmac import compare_digest

from mailadmin.core.passwords import argon, challenge, crypt3, derived, digests
from mailadmin.core.passwords.stored import CRYPT_SCHEMES, PLAIN_SCHEMES, parse_stored, scheme_of
from mailadmin.core.passwords.writing import MAX_PASSWORD_BYTES, configured_scheme, hash_password

logger = logging.getLogger(__name__)

_MAX_STORED = 4096


def verify_password(password: str, stored: str, *, username: str = "", default_scheme: str | None = None) -> bool:
    """Say whether a password fits a stored one, in any scheme that Dovecot, PostfixAdmin or Courier left there.

    username: the full address, needed by DIGEST-MD5 only. default_scheme: the scheme of values without prefix or known
    form, as Dovecot's default_pass_scheme (`PLAIN` compares them in clear); by default the setting
    MAILADMIN_PASSWORD_DEFAULT_SCHEME. Never raises: a damaged, empty or switched-off value fits no password.
    """
    if not isinstance(password, str) or not isinstance(stored, str) or len(stored) > _MAX_STORED:
        return False
    if not 0 < len(password) <= MAX_PASSWORD_BYTES or "\0" in password:
        return False
    if default_scheme is None:
        default_scheme = configured_default()
    try:
        return _verify(password.encode(), stored, username, default_scheme)
    except ValueError:
        return False
    except Exception:  # A row that a library stumbles over is a wrong password, not a broken sign-in page.
        logger.exception("A stored password could not be checked")
        return False


def reads_whole(password: str, stored: str) -> bool:
    """Say whether a password that fits is the one that was set: some schemes take another with the same beginning."""
    parsed = parse_stored(stored, configured_default())
    if parsed is None or parsed.scheme not in CRYPT_SCHEMES:
        return parsed is not None
    return crypt3.reads_whole(password.encode(), parsed.raw())


def is_in_scheme(stored: str, scheme: str) -> bool:
    """Say whether a stored password is of the form that a scheme setting writes, whatever its cost."""
    return scheme_of(stored) == scheme_of(_dummy(scheme))


def dummy_verify(password: str, scheme: str | None = None) -> None:
    """Spend the time of one check in a scheme, the configured one by default, for a name that does not exist."""
    verify_password(password, _dummy(scheme or configured_scheme()), username="nobody@invalid")


@cache
def _dummy(scheme: str) -> str:
    return hash_password("no password at all", scheme, username="nobody@invalid")


def configured_default() -> str:
    """The scheme of stored values without prefix, by the settings."""
    from django.conf import settings

    return str(getattr(settings, "MAILADMIN_PASSWORD_DEFAULT_SCHEME", ""))


def _verify(password: bytes, stored: str, username: str, default_scheme: str) -> bool:
    parsed = parse_stored(stored, default_scheme)
    if parsed is None or len(password) > MAX_PASSWORD_BYTES:
        return False
    return _matches(parsed.scheme, password, parsed.raw(), username)


def _matches(scheme: str, password: bytes, raw: bytes, username: str) -> bool:
    if scheme in CRYPT_SCHEMES:
        return crypt3.matches(password, raw)
    if scheme in PLAIN_SCHEMES:
        return compare_digest(password, raw)
    match scheme:
        case "ARGON2I" | "ARGON2ID":
            return argon.matches(password, raw)
        case "PBKDF2":
            return derived.pbkdf2_matches(password, raw)
        case "SCRAM-SHA-1" | "SCRAM-SHA-256":
            return derived.scram_matches(scheme, password, raw)
        case "CRAM-MD5":
            return compare_digest(challenge.cram_md5(password), raw)
        case "DIGEST-MD5":
            return compare_digest(challenge.digest_md5(password, username), raw)
        case _:
            return digests.matches(scheme, password, raw)
