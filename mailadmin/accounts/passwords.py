"""New passwords: the policy, then the hash."""

from mailadmin.core.errors import Invalid
from mailadmin.core.passwords import UnusablePassword, check_policy, hash_password


def new_hash(password: str, *, username: str, name: str = "", parameter: str = "password") -> str:
    """Return the stored form of a new password; slow on purpose, so call it outside transactions. Raises Invalid."""
    if problems := check_policy(password, username=username, name=name):
        raise Invalid({parameter: problems})
    try:
        return hash_password(password, username=username)
    except UnusablePassword as error:
        raise Invalid.of(parameter, str(error)) from None
