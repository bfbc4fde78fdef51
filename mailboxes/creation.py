"""What a new mailbox needs: a free address, nothing left of an earlier one of its name, and a maildir of its own."""

from django.utils.translation import gettext as _

from aliases.creation import check_address_is_free
from mailadmin.core.addresses import MAX_ADDRESS, EmailAddress, parse_mailbox_local_part
from mailadmin.core.errors import Invalid
from mailadmin.core.texts import check_line
from mailboxes.deletion import delete_belongings, has_belongings
from mailboxes.models import DeletedMaildir, Mailbox


def free_mailbox_address(local_part: str, domain: str) -> EmailAddress:
    """Return the address that a new mailbox of the domain would have; raises Invalid when it cannot be or is taken."""
    address = EmailAddress(parse_mailbox_local_part(local_part), domain)
    if len(str(address)) > MAX_ADDRESS:
        raise Invalid.of("local_part", _("An address can have at most %d characters.") % MAX_ADDRESS)
    check_address_is_free(str(address), "local_part")
    return address


def clear_leftovers(address: EmailAddress) -> bool:
    """Delete what a mailbox of this name left when another program deleted it; returns whether there was anything."""
    name = str(address)
    if not has_belongings(name, address.domain):
        return False
    delete_belongings([name])
    return True


def chosen_maildir(path: str) -> str:
    """Return a maildir that was chosen elsewhere; raises Invalid where it is somebody's, or no plain path below."""
    check_line(path, "maildir")
    names = path.removesuffix("/").split("/")
    if not path.endswith("/") or any(name in ("", ".", "..") for name in names):
        raise Invalid.of("maildir", _("This is not a path below the mail base."))
    if Mailbox.objects.filter(maildir=path).exists():
        raise Invalid.of("maildir", _("Another mailbox keeps its mail there."))
    return path


def free_maildir(address: EmailAddress, *, used_before: bool) -> str:
    """Return the maildir of a new mailbox: `domain/local/`, or a fresh path where a deleted one kept its mail.

    No local part has an "@", so that `anna@2` cannot be the directory of another mailbox.
    """
    path = f"{address.domain}/{address.local_part}"
    taken = set(DeletedMaildir.objects.filter(username=str(address)).values_list("maildir", flat=True))
    number = 2
    free = f"{path}@{number}/" if used_before else f"{path}/"
    while free in taken or Mailbox.objects.filter(domain=address.domain, maildir=free).exists():
        free = f"{path}@{number}/"
        number += 1
    return free
