"""Passwords as Dovecot, Postfix's SASL and PostfixAdmin store them: made, checked, named and judged.

One stored string is enough to check a password, so tables with years of mixed schemes keep working.
"""

from mailadmin.core.passwords.breached import check_breached_file
from mailadmin.core.passwords.mechanisms import challenge_credentials, enabled_mechanisms, parse_mechanisms
from mailadmin.core.passwords.policy import (
    ALPHABET,
    GENERATED_LENGTH,
    MAX_HISTORY,
    PasswordPolicy,
    check_policy,
    generate_password,
)
from mailadmin.core.passwords.stored import scheme_of
from mailadmin.core.passwords.strength import estimate_strength, strength_label
from mailadmin.core.passwords.verifying import dummy_verify, is_in_scheme, reads_whole, verify_password
from mailadmin.core.passwords.weakness import STRONG, is_salted_hash, is_weak, weakness_of
from mailadmin.core.passwords.writing import (
    DEFAULT_SCHEME,
    WRITABLE_SCHEMES,
    UnusablePassword,
    WriteScheme,
    hash_password,
    parse_write_scheme,
)

__all__ = [
    "ALPHABET",
    "DEFAULT_SCHEME",
    "GENERATED_LENGTH",
    "MAX_HISTORY",
    "STRONG",
    "WRITABLE_SCHEMES",
    "PasswordPolicy",
    "UnusablePassword",
    "WriteScheme",
    "challenge_credentials",
    "check_breached_file",
    "check_policy",
    "dummy_verify",
    "enabled_mechanisms",
    "estimate_strength",
    "generate_password",
    "hash_password",
    "is_in_scheme",
    "is_salted_hash",
    "is_weak",
    "parse_mechanisms",
    "parse_write_scheme",
    "reads_whole",
    "scheme_of",
    "strength_label",
    "verify_password",
    "weakness_of",
]
