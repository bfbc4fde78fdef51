"""Saying that the old panel is no longer used."""

from django.db import connection

from mailadmin.accounts.passwords import scheme_in_use
from mailadmin.adopt.scheme import GONE, is_old_panel_in_use
from mailadmin.audit.services import record
from mailadmin.core import adoption
from mailadmin.core.actor import Actor
from mailadmin.core.errors import Invalid
from mailadmin.core.operation import operation
from mailadmin.core.permissions import Permission, require


@operation
def leave_old_panel(actor: Actor) -> None:
    """Write down that the old panel is gone, so that new passwords take the panel's own scheme from now on.

    Raises NotAllowed, and Invalid where nothing was adopted; said twice, it changes nothing.
    """
    require(actor, Permission.ADMIN_MANAGE)
    if adoption.origin(connection) != adoption.ADOPTED:
        raise Invalid.of("adopt", "No panel was here before this one: there is none that could be gone.")
    if not is_old_panel_in_use():
        return
    before = {"scheme": scheme_in_use()}
    adoption.note(connection, GONE, "")
    record(actor, "leave_old_panel", target="adopt", before=before, after={"scheme": scheme_in_use()})
