"""What a person chooses about the panel itself."""

import zoneinfo

from django.utils.translation import gettext as _

from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account
from mailadmin.audit.services import record
from mailadmin.core.actor import Actor
from mailadmin.core.errors import Invalid, NotFound
from mailadmin.core.operation import operation


@operation
def set_time_zone(actor: Actor, *, time_zone: str) -> Account:
    """Choose the zone of whoever is signed in, by its name in the time zone database; empty is the server's.

    Raises NotFound and Invalid.
    """
    kind = AccountKind.MAILBOX if actor.is_user else AccountKind.ADMIN
    account = Account.objects.filter(login=f"{kind}:{actor.username}").first()
    if account is None:
        raise NotFound(actor.username)
    if time_zone and time_zone not in zoneinfo.available_timezones():
        raise Invalid.of("time_zone", _("There is no time zone of this name."))
    before = account.time_zone
    if time_zone != before:
        account.time_zone = time_zone
        account.save(update_fields=["time_zone"])
        domain = actor.username.rpartition("@")[2] if actor.is_user else ""
        values = {"before": {"time_zone": before}, "after": {"time_zone": time_zone}}
        record(actor, "edit_preferences", target=actor.username, domain=domain, **values)
    return account
