"""Argon2 strings: `$argon2id$v=19$m=KIB,t=PASSES,p=LANES$salt$hash`."""

from argon2 import Parameters, Type, extract_parameters
from argon2.exceptions import Argon2Error
from argon2.low_level import hash_secret, verify_secret

from mailadmin.core.passwords.randomness import salt

# OWASP's smallest recommendation: 19 MiB and 2 passes, about 30 ms. Dovecot pays it at each login, so more is dear.
MEMORY_KIB = 19456
PASSES = 2
LANES = 1

MAX_MEMORY_KIB = 1024 * 1024
MAX_PASSES = 20
MAX_LANES = 16
# Memory times passes is the time: 4 GiB is libsodium's "sensitive", some seconds.
MAX_WORK_KIB = 4 * 1024 * 1024


def matches(password: bytes, value: bytes) -> bool:
    """Say whether a password fits an Argon2 string; one that would cost seconds or gigabytes never fits.

    Raises ValueError for a damaged string. Source: RFC 9106.
    """
    parameters = extract_parameters(value.decode("ascii"))
    if not _affordable(parameters):
        return False
    try:
        return verify_secret(value, password, parameters.type)
    except Argon2Error:
        return False


def argon2_string(password: bytes, kind: Type) -> bytes:
    """Make an Argon2 string at this project's cost."""
    return hash_secret(password, salt(16), PASSES, MEMORY_KIB, LANES, 32, kind)


def _affordable(parameters: Parameters) -> bool:
    return (
        parameters.memory_cost <= MAX_MEMORY_KIB
        and parameters.time_cost <= MAX_PASSES
        and parameters.parallelism <= MAX_LANES
        and parameters.memory_cost * parameters.time_cost <= MAX_WORK_KIB
    )
