"""What a person chooses about the panel itself."""

import zoneinfo

from django.utils.translation import gettext as _

from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account
from mailadmin.audit.services import record
from mailadmin.core.actor import Actor
from mailadmin.core.errors import Invalid, NotFound
from mailadmin.core.language import is_language
from mailadmin.core.operation import operation


@operation
def set_time_zone(actor: Actor, *, time_zone: str) -> Account:
    """Choose the zone of whoever is signed in, by its name in the time zone database; empty is the server's.

    Raises NotFound and Invalid.
    """
    account = _own_account(actor)
    if time_zone and time_zone not in zoneinfo.available_timezones():
        raise Invalid.of("time_zone", _("There is no time zone of this name."))
    _change(actor, account, "time_zone", time_zone)
    return account


@operation
def set_language(actor: Actor, *, language: str) -> Account:
    """Choose the language of whoever is signed in, by its code; empty is the browser's.

    Raises NotFound and Invalid.
    """
    account = _own_account(actor)
    if language and not is_language(language):
        raise Invalid.of("language", _("The panel does not speak this language."))
    _change(actor, account, "language", language)
    return account


def _own_account(actor: Actor) -> Account:
    kind = AccountKind.MAILBOX if actor.is_user else AccountKind.ADMIN
    account = Account.objects.filter(login=f"{kind}:{actor.username}").first()
    if account is None:
        raise NotFound(actor.username)
    return account


def _change(actor: Actor, account: Account, name: str, value: str) -> None:
    before = getattr(account, name)
    if value == before:
        return
    setattr(account, name, value)
    account.save(update_fields=[name])
    domain = actor.username.rpartition("@")[2] if actor.is_user else ""
    values = {"before": {name: before}, "after": {name: value}}
    record(actor, "edit_preferences", target=actor.username, domain=domain, **values)
