"""The alias row of a mailbox of its own address, which says where its mail goes."""

from collections.abc import Sequence

from django.utils import timezone

from aliases.models import Alias
from aliases.targets import write_targets
from mailboxes.models import Mailbox
from mailboxes.vacation_entry import with_entry


def write_alias_rows(rows: Sequence[Mailbox]) -> set[str]:
    """Give mailboxes their alias rows, or make those follow the switches; returns whose were missing."""
    now = timezone.now()
    own = Alias.objects.filter(address__in=[row.username for row in rows])
    known = dict(own.values_list("address", "active"))
    for active in (True, False):
        turned = [row.username for row in rows if row.active == active and known.get(row.username) is (not active)]
        if turned:
            Alias.objects.filter(address__in=turned).update(active=active, modified=now)
    missing = [row for row in rows if row.username not in known]
    for row in missing:
        alias = Alias(
            address=row.username,
            goto=",".join(with_entry(row.username, [row.username])),
            domain=row.domain,
            active=row.active,
            created=now,
            modified=now,
            description="",
        )
        alias.save(force_insert=True)
        write_targets(alias.address, alias.goto)
    return {row.username for row in missing}
