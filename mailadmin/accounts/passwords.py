"""New passwords: the policy, then the hash, in the scheme that is in use."""

from django.conf import settings

from mailadmin.adopt.scheme import adopted_scheme, is_old_panel_in_use
from mailadmin.core.errors import Invalid
from mailadmin.core.passwords import DEFAULT_SCHEME, UnusablePassword, check_policy, hash_password


def scheme_in_use() -> str:
    """Return the scheme of new passwords: as set, or as an adopted database has it, or the panel's own."""
    return settings.MAILADMIN_PASSWORD_SCHEME or adopted_scheme() or DEFAULT_SCHEME


def is_rehashing() -> bool:
    """Return whether a right password is stored anew at sign-in: as set, or wherever no old panel reads it too."""
    wanted: bool | None = settings.MAILADMIN_PASSWORD_REHASH
    return not is_old_panel_in_use() if wanted is None else wanted


def new_hash(password: str, *, username: str, name: str = "", parameter: str = "password") -> str:
    """Return the stored form of a new password; slow on purpose, so call it outside transactions. Raises Invalid."""
    scheme = scheme_in_use()
    if problems := check_policy(password, username=username, name=name, scheme=scheme):
        raise Invalid({parameter: problems})
    try:
        return hash_password(password, scheme, username=username)
    except UnusablePassword as error:
        raise Invalid.of(parameter, str(error)) from None
