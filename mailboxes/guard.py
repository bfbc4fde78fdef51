"""A mailbox under the guard of its domain."""

from collections.abc import Iterable, Iterator

from domains.guard import take_guard
from domains.models import Domain, named_domain
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import address_key
from mailadmin.core.batches import in_batches
from mailadmin.core.errors import Invalid, NotFound
from mailboxes.models import Mailbox, mailbox_managed_by


def lock_mailbox(actor: Actor, username: str, *, also: Iterable[str] = ()) -> tuple[Mailbox, Domain]:
    """Return the mailbox and its domain as they are under the domain's guard.

    `also` names further domains whose guards are needed. Raises NotFound when the mailbox is absent or not the actor's.
    """
    key = existing_address_key(username)
    row = mailbox_managed_by.first(actor, key)
    if row is None:
        raise NotFound(username)
    take_guard([row.domain, *also])
    row = mailbox_managed_by.first(actor, key)
    if row is None:
        raise NotFound(username)
    # An orphan of another program has no domain row; it is then without limits.
    domain = named_domain.first(row.domain) or Domain(domain=row.domain)
    return row, domain


def managed_in_order(actor: Actor, domain: Domain, usernames: Iterable[str]) -> Iterator[list[Mailbox]]:
    """Yield the mailboxes of the domain in batches, in the order given; raises NotFound for one that is not there."""
    for names in in_batches(usernames):
        found = Mailbox.objects.managed_by(actor).filter(domain=domain.domain).in_bulk(names)
        if missing := [name for name in names if name not in found]:
            raise NotFound(missing[0])
        yield [found[name] for name in names]


def existing_address_key(address: str) -> str:
    """Return the stored form of the address; raises NotFound for what no row can hold."""
    try:
        return address_key(address)
    except Invalid:
        raise NotFound(address) from None
