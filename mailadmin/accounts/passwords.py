"""New passwords: the policy, then the hash, in the scheme that is in use. Whatever sets a password asks here."""

from django.conf import settings

from domains.rules import rules_of
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.password_history import is_used_before
from mailadmin.adopt.scheme import adopted_scheme, is_old_panel_in_use
from mailadmin.core.errors import Invalid
from mailadmin.core.passwords import (
    DEFAULT_SCHEME,
    PasswordPolicy,
    UnusablePassword,
    check_policy,
    hash_password,
)


def scheme_in_use() -> str:
    """Return the scheme of new passwords: as set, or as an adopted database has it, or the panel's own."""
    return settings.MAILADMIN_PASSWORD_SCHEME or adopted_scheme() or DEFAULT_SCHEME


def is_rehashing() -> bool:
    """Return whether a right password is stored anew at sign-in: as set, or wherever no old panel reads it too."""
    wanted: bool | None = settings.MAILADMIN_PASSWORD_REHASH
    return not is_old_panel_in_use() if wanted is None else wanted


def domain_policy(domain: str) -> PasswordPolicy:
    """Return what the passwords of a domain's mailboxes must be: the installation's rules, or stricter."""
    rules = rules_of(domain)
    return PasswordPolicy.of_installation().with_domain(
        domain,
        min_length=rules.password_min_length,
        min_strength=rules.password_min_strength,
        history=rules.password_history,
    )


def policy_of(kind: AccountKind, username: str) -> PasswordPolicy:
    """Return what the password of an admin, or of a mailbox, must be."""
    if kind is AccountKind.ADMIN:
        return PasswordPolicy.of_installation()
    return domain_policy(username.rpartition("@")[2])


def new_hash(
    password: str,
    *,
    username: str,
    name: str = "",
    parameter: str = "password",
    kind: AccountKind = AccountKind.MAILBOX,
) -> str:
    """Return the stored form of a new password; slow on purpose, so call it outside transactions.

    kind: whose rules count. Raises Invalid for a password that breaks one.
    """
    scheme, policy = scheme_in_use(), policy_of(kind, username)
    problems = check_policy(password, username=username, name=name, scheme=scheme, policy=policy)
    if not problems and policy.history and is_used_before(kind, username, password, last=policy.history):
        problems = [policy.reused()]
    if problems:
        raise Invalid({parameter: problems})
    try:
        return hash_password(password, scheme, username=username)
    except UnusablePassword as error:
        raise Invalid.of(parameter, str(error)) from None
