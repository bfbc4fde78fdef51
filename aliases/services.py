"""Every change of an alias but those of own aliases."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from aliases.creation import free_alias_address
from aliases.goto import goto_of, rejoined
from aliases.limit import check_alias_limit
from aliases.models import Alias, alias_managed_by
from aliases.owned import own_of
from aliases.references import References, count_deleted, delete_alias_rows, refers_to
from aliases.targets import AddedTarget, write_gotos, write_targets
from domains.guard import add_to_counts, lock_domain, take_guard
from domains.models import Domain
from mailadmin.audit.services import Recorded, record, record_all, snapshot
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import parse_alias_address, parse_target, readable
from mailadmin.core.batches import in_batches
from mailadmin.core.errors import Invalid, NotFound
from mailadmin.core.operation import UNSET, Unset, operation
from mailadmin.core.permissions import Permission, require
from mailadmin.core.prepared import prepared
from mailadmin.core.texts import check_line
from mailboxes.deletion import pointing_in_scope
from mailboxes.guard import existing_address_key
from mailboxes.models import Mailbox
from mailboxes.vacation_entry import with_entry


@operation
def create_alias(
    actor: Actor, *, address: str, targets: Sequence[str], description: str = "", active: bool = True
) -> Alias:
    """Create an alias; `@domain` or `*@domain` is the catch-all.

    Raises NotFound, NotAllowed, LimitReached, and Invalid for bad targets, an address in use, and loops.
    """
    require(actor, Permission.ALIAS_CREATE)
    domain = _lock_domain_of(actor, parse_alias_address(address).domain)
    parsed = free_alias_address(address)
    check_alias_limit(domain)
    now = timezone.now()
    row = Alias(
        address=str(parsed),
        domain=domain.domain,
        goto=goto_of(str(parsed), targets, known=()),
        description=check_line(description, "description"),
        active=active,
        created=now,
        modified=now,
    )
    row.save(force_insert=True)
    write_targets(row.address, row.goto)
    add_to_counts(row.domain, aliases=1)
    record(actor, "create_alias", target=row.address, domain=row.domain, after=snapshot(row))
    return row


@operation
def update_alias(
    actor: Actor,
    *,
    address: str,
    targets: Sequence[str] | Unset = UNSET,
    description: str | Unset = UNSET,
    active: bool | Unset = UNSET,
) -> Alias:
    """Change an alias; what is left out stays, and targets that stay are not judged again.

    Raises NotFound, NotAllowed and Invalid.
    """
    return _change_alias(actor, "edit_alias", address, targets=targets, description=description, active=active)


@operation
def set_alias_active(actor: Actor, *, address: str, active: bool) -> Alias:
    """Switch an alias on or off. The row of a mailbox follows the mailbox."""
    return _change_alias(actor, "edit_alias_state", address, active=active)


@operation
def delete_alias(actor: Actor, *, address: str, clean_references: bool = False) -> None:
    """Delete an alias; `clean_references` also takes its address out of other aliases that the actor manages.

    Raises NotFound, NotAllowed, and Invalid for the row of a mailbox.
    """
    require(actor, Permission.ALIAS_DELETE)
    key = existing_address_key(address)
    pointing = pointing_in_scope(actor, key) if clean_references else []
    row = _lock_alias(actor, key, also=[alias.domain for alias in pointing])
    _delete_aliases(actor, [row], clean_references=clean_references)


def _delete_aliases(actor: Actor, rows: Sequence[Alias], *, clean_references: bool) -> None:
    """Delete aliases under the guards of their domain and of the aliases' that point at them."""
    _refuse_mailbox_rows(rows)
    before = [snapshot(row) for row in rows]
    names = [row.address for row in rows]
    delete_alias_rows(names)
    count_deleted(rows)
    references = References(pointing_in_scope(actor, *names) if clean_references else [])
    events = []
    for row, values in zip(rows, before, strict=True):
        after = references.remove(references.pointing_at(row.address), refers_to(row.address))
        events.append(Recorded(target=row.address, domain=row.domain, before=values, after=after))
    references.write()
    record_all(actor, "delete_alias", events)


@operation
def change_aliases(
    actor: Actor,
    *,
    domain: str,
    addresses: Iterable[str],
    active: bool | Unset = UNSET,
    add_target: str = "",
    remove_target: str = "",
    step: Callable[[int], None] | None = None,
) -> int:
    """Switch many aliases of one domain, or give all a target or take one from them; all or none.

    Returns how many were not so already. `step` is told after each batch how many are done.
    Raises as update_alias does, NotFound for any that is not there.
    """
    require(actor, Permission.ALIAS_UPDATE)
    owner = lock_domain(actor, domain)
    change = TargetChange(add=add_target, remove=remove_target)
    done = changed = 0
    for rows in _in_order(actor, owner, addresses):
        if not isinstance(active, Unset):
            changed += _switch_aliases(actor, rows, active=active)
        else:
            changed += _retarget_aliases(actor, rows, change)
        done += len(rows)
        if step is not None:
            step(done)
    return changed


@operation
def delete_aliases(
    actor: Actor, *, domain: str, addresses: Iterable[str], step: Callable[[int], None] | None = None
) -> int:
    """Delete many aliases of one domain, all or none, each as delete_alias does; returns how many."""
    require(actor, Permission.ALIAS_DELETE)
    owner = lock_domain(actor, domain)
    done = 0
    for rows in _in_order(actor, owner, addresses):
        _delete_aliases(actor, rows, clean_references=False)
        done += len(rows)
        if step is not None:
            step(done)
    return done


def _in_order(actor: Actor, domain: Domain, addresses: Iterable[str]) -> Iterator[list[Alias]]:
    """Yield the aliases of the domain in batches, in the order given; raises NotFound for one that is not there."""
    for names in in_batches(addresses):
        found = Alias.objects.managed_by(actor).filter(domain=domain.domain).in_bulk(names)
        if missing := [name for name in names if name not in found]:
            raise NotFound(missing[0])
        yield [found[name] for name in names]


class TargetChange:
    """One target that many aliases gain, or lose. What it reaches is followed once, for all of them."""

    def __init__(self, *, add: str = "", remove: str = "") -> None:
        self.add, self.remove = add, remove
        self._added: AddedTarget | None = None

    def look_at(self, rows: Sequence[Alias]) -> None:
        """Learn what is needed to judge these, which are asked about next."""
        if self.add:
            self._added = self._added or AddedTarget(parse_target(self.add, catch_all=True))
            self._added.look_at(rows)

    def goto(self, row: Alias) -> str:
        """Return the goto column that the alias would have; raises Invalid where that cannot be."""
        targets = row.targets
        if self.remove:
            gone = parse_target(self.remove, catch_all=row.is_catch_all).lower()
            targets = [target for target in targets if target.lower() != gone]
            if not targets:
                raise Invalid.of("targets", _("It would have no target left."))
        if self.add:
            wanted = parse_target(self.add, catch_all=row.is_catch_all)
            if wanted.lower() not in [target.lower() for target in targets]:
                targets = [*targets, wanted]
        if targets == row.targets:
            return row.goto
        loop = self._added.loop(row) if self._added else []
        return goto_of(row.address, targets, known=row.targets, loop=loop)


def _retarget_aliases(actor: Actor, rows: Sequence[Alias], change: TargetChange) -> int:
    """Change the targets of aliases whose guard is held; returns how many were not so already."""
    change.look_at(rows)
    gotos = {row.address: change.goto(row) for row in rows}
    changed = [row for row in rows if gotos[row.address] != row.goto]
    _refuse_own([row.address for row in changed])
    before = [snapshot(row) for row in changed]
    now = timezone.now()
    for row in changed:
        row.goto, row.modified = gotos[row.address], now
    write_gotos({row.address: row.goto for row in changed}, modified=now)
    events = [
        Recorded(target=row.address, domain=row.domain, before=old, after=snapshot(row))
        for row, old in zip(changed, before, strict=True)
    ]
    record_all(actor, "edit_alias", events)
    return len(changed)


def _switch_aliases(actor: Actor, rows: Sequence[Alias], *, active: bool) -> int:
    """Switch aliases whose guard is held; returns how many were not so already."""
    turned = [row for row in rows if row.active != active]
    if not turned:
        return 0
    _refuse_mailbox_rows(turned)
    before = [snapshot(row) for row in turned]
    now = timezone.now()
    Alias.objects.filter(address__in=[row.address for row in turned]).update(active=active, modified=now)
    for row in turned:
        row.active, row.modified = active, now
    events = [
        Recorded(target=row.address, domain=row.domain, before=old, after=snapshot(row))
        for row, old in zip(turned, before, strict=True)
    ]
    record_all(actor, "edit_alias_state", events)
    return len(turned)


def _change_alias(
    actor: Actor,
    action: str,
    address: str,
    *,
    targets: Sequence[str] | Unset = UNSET,
    description: str | Unset = UNSET,
    active: bool | Unset = UNSET,
) -> Alias:
    require(actor, Permission.ALIAS_UPDATE)
    row = _lock_alias(actor, address)
    _write_change(actor, action, row, targets=targets, description=description, active=active)
    return row


def _write_change(
    actor: Actor,
    action: str,
    row: Alias,
    *,
    targets: Sequence[str] | Unset = UNSET,
    description: str | Unset = UNSET,
    active: bool | Unset = UNSET,
) -> bool:
    """Change an alias whose guard is held; returns whether it was not so already."""
    before = snapshot(row)
    if not isinstance(targets, Unset):
        row.goto = goto_of(row.address, targets, known=row.targets)
        if row.goto != before["goto"]:
            _refuse_own([row.address])
    if not row.is_catch_all and _mailboxes((row.address,)):
        row.goto = rejoined(row.goto, with_entry(row.address, row.targets))
    if not isinstance(description, Unset):
        row.description = check_line(description, "description")
    if not isinstance(active, Unset) and active != row.active:
        _refuse_mailbox_rows([row])
        row.active = active
    after = snapshot(row)
    if after == before:
        return False
    row.modified = timezone.now()
    row.save(force_update=True)
    write_targets(row.address, row.goto)
    record(actor, action, target=row.address, domain=row.domain, before=before, after=after)
    return True


def _lock_domain_of(actor: Actor, name: str) -> Domain:
    """Return the domain of a new address under its guard; a missing one is a message at the address."""
    try:
        return lock_domain(actor, name)
    except NotFound:
        raise Invalid.of("address", _("The part after the @ must be one of your domains.")) from None


def _lock_alias(actor: Actor, address: str, *, also: Sequence[str] = ()) -> Alias:
    """Return the alias under the guard of its domain; raises NotFound when it is absent or not the actor's."""
    key = existing_address_key(address)
    row = alias_managed_by.first(actor, key)
    if row is None:
        raise NotFound(address)
    take_guard([row.domain, *also])
    row = alias_managed_by.first(actor, key)
    if row is None:
        raise NotFound(address)
    return row


def _refuse_mailbox_rows(rows: Sequence[Alias]) -> None:
    if _mailboxes(tuple(row.address for row in rows)):
        raise Invalid.of(
            "address", _("This row belongs to the mailbox of the same address; change the mailbox instead.")
        )


@prepared
def _mailboxes(usernames: tuple[str, ...]) -> QuerySet[Mailbox]:
    return Mailbox.objects.filter(username__in=usernames).only("pk")[:1]


def _refuse_own(addresses: Sequence[str]) -> None:
    """Raise Invalid where other targets are meant for an alias that somebody made for themselves."""
    for row in own_of(list(Alias.objects.filter(address__in=addresses))).values():
        names = {"alias": readable(row.address), "owner": readable(row.owner)}
        text = _("%(alias)s is an own alias of %(owner)s, and leads there alone. Delete it first.") % names
        raise Invalid.of("targets", text)
