"""What each kind of actor may do. Which objects is another question: see `managed_by` and `visible_to`."""

from enum import StrEnum

from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.errors import NotAllowed


class Permission(StrEnum):
    """`noun:verb`, alphabetical."""

    ADMIN_MANAGE = "admin:manage"
    ALIAS_CREATE = "alias:create"
    ALIAS_DELETE = "alias:delete"
    ALIAS_UPDATE = "alias:update"
    ALIAS_DOMAIN_CREATE = "alias_domain:create"
    ALIAS_DOMAIN_DELETE = "alias_domain:delete"
    ALIAS_DOMAIN_UPDATE = "alias_domain:update"
    APP_PASSWORD_MANAGE = "app_password:manage"
    DOMAIN_CREATE = "domain:create"
    DOMAIN_DELETE = "domain:delete"
    DOMAIN_RULES = "domain:rules"
    DOMAIN_UPDATE = "domain:update"
    FORWARDING_SET = "forwarding:set"
    LOG_VIEW = "log:view"
    MAILBOX_CREATE = "mailbox:create"
    MAILBOX_DELETE = "mailbox:delete"
    MAILBOX_UPDATE = "mailbox:update"
    OWN_ALIAS_MANAGE = "own_alias:manage"
    PASSWORD_CHANGE_OWN = "password:change_own"
    VACATION_SET = "vacation:set"


_USER = frozenset(
    {
        Permission.APP_PASSWORD_MANAGE,
        Permission.FORWARDING_SET,
        Permission.OWN_ALIAS_MANAGE,
        Permission.PASSWORD_CHANGE_OWN,
        Permission.VACATION_SET,
    }
)
_ADMIN = frozenset(
    {
        Permission.ALIAS_CREATE,
        Permission.ALIAS_DELETE,
        Permission.ALIAS_UPDATE,
        Permission.ALIAS_DOMAIN_CREATE,
        Permission.ALIAS_DOMAIN_DELETE,
        Permission.ALIAS_DOMAIN_UPDATE,
        Permission.APP_PASSWORD_MANAGE,
        Permission.DOMAIN_RULES,
        Permission.FORWARDING_SET,
        Permission.LOG_VIEW,
        Permission.MAILBOX_CREATE,
        Permission.MAILBOX_DELETE,
        Permission.MAILBOX_UPDATE,
        Permission.OWN_ALIAS_MANAGE,
        Permission.PASSWORD_CHANGE_OWN,
        Permission.VACATION_SET,
    }
)
_ALLOWED: dict[ActorKind, frozenset[Permission]] = {
    ActorKind.SUPERADMIN: frozenset(Permission),
    ActorKind.ADMIN: _ADMIN,
    ActorKind.USER: _USER,
    ActorKind.ANONYMOUS: frozenset(),
}


def can(actor: Actor, permission: Permission) -> bool:
    """Return whether this kind of actor may do the verb."""
    return permission in _ALLOWED[actor.kind]


def require(actor: Actor, permission: Permission) -> None:
    """Raise NotAllowed unless this kind of actor may do the verb."""
    if not can(actor, permission):
        raise NotAllowed(permission)
