"""What a new alias needs: an address that is free."""

from django.utils.translation import gettext as _

from aliases.models import Alias
from mailadmin.core.addresses import EmailAddress, parse_alias_address
from mailadmin.core.errors import Invalid
from mailboxes.models import Mailbox


def check_address_is_free(address: str, parameter: str) -> None:
    """Raise Invalid when a mailbox or alias of that address exists."""
    if Mailbox.objects.filter(username=address).exists():
        raise Invalid.of(parameter, _("A mailbox with this address already exists."))
    if Alias.objects.filter(address=address).exists():
        raise Invalid.of(parameter, _("An alias with this address already exists."))


def free_alias_address(text: str) -> EmailAddress:
    """Return the stored address of a new alias; raises Invalid when it cannot be one, or is in use."""
    address = parse_alias_address(text)
    check_address_is_free(str(address), "address")
    return address
