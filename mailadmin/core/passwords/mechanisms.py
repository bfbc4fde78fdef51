"""Challenge mechanisms: what a server has to keep so that a mail program need not send its password."""

from django.conf import settings

from mailadmin.core.passwords.writing import hash_password

MECHANISMS = ("SCRAM-SHA-256", "CRAM-MD5", "DIGEST-MD5")
"""Their names in SASL, and of what Dovecot keeps for each. The MD5 ones are kept as good as the password itself."""


def parse_mechanisms(text: str) -> tuple[str, ...]:
    """Read a list of mechanisms such as `SCRAM-SHA-256, CRAM-MD5`, in the order of MECHANISMS.

    Raises ValueError, in English for the administrator, for one that is not among them.
    """
    asked = {name.upper() for name in text.replace(",", " ").split()}
    if unknown := sorted(asked.difference(MECHANISMS)):
        raise ValueError(f"Unknown mechanism {unknown[0]!r}: use some of {', '.join(MECHANISMS)}")
    return tuple(name for name in MECHANISMS if name in asked)


def enabled_mechanisms() -> tuple[str, ...]:
    """Return the challenge mechanisms that are switched on."""
    return tuple(getattr(settings, "MAILADMIN_CHALLENGE_MECHANISMS", ()))


def challenge_credentials(password: str, username: str) -> dict[str, str]:
    """Make what each enabled mechanism needs for a password, by mechanism, as Dovecot reads it.

    username: the full address, which DIGEST-MD5 needs. Slow on purpose for SCRAM, so call it outside transactions.
    Raises UnusablePassword. Source: RFC 5802, RFC 2195, RFC 2831, Dovecot's password schemes.
    """
    return {name: hash_password(password, name, username=username.lower()) for name in enabled_mechanisms()}
