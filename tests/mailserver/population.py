"""Writing a population into the run's database."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from aliases.models import Alias, AliasTarget, OwnAlias
from domains.models import AliasDomain, Domain
from mailadmin.mailserver.dialects import VENDOR_ENGINES
from mailboxes.models import Mailbox
from tests.mailserver.model import Population

MADE = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def engine() -> str:
    return VENDOR_ENGINES[connection.vendor]


def fill(world: Population) -> None:
    """Write a population into the tables, as any program would: row by row, without the panel's operations."""
    with transaction.atomic():
        Domain.objects.bulk_create(
            Domain(
                domain=name,
                description="",
                active=row.active,
                backupmx=row.backupmx,
                transport=row.transport,
                password_expiry=row.password_days,
            )
            for name, row in world.domains.items()
        )
        AliasDomain.objects.bulk_create(
            AliasDomain(alias_domain=name, target_domain=row.target, active=row.active)
            for name, row in world.alias_domains.items()
        )
        Mailbox.objects.bulk_create(_mailbox(address, row) for address, row in world.mailboxes.items())
        Alias.objects.bulk_create(
            Alias(address=address, goto=row.goto, domain=address.rpartition("@")[2], active=row.active, created=MADE)
            for address, row in world.aliases.items()
        )
        OwnAlias.objects.bulk_create(
            OwnAlias(address=address, alias_created=created, owner="x", owner_created=MADE, ends=ends)
            for address, created, ends in _ends(world)
        )


def _ends(world: Population) -> Iterator[tuple[str, dt.datetime, dt.datetime | None]]:
    """Yield when own aliases end; of others there are rows too, of the future, without an end, or of an earlier alias.

    Three seconds from now: a zone taken for another would be hours away.
    """
    now = timezone.now()
    for number, (address, row) in enumerate(world.aliases.items()):
        if row.ended:
            yield address, MADE, (now - dt.timedelta(seconds=3), now - dt.timedelta(days=400))[number % 2]
        elif address in world.mailboxes or number % 4 == 0:
            yield address, MADE - dt.timedelta(days=1), now - dt.timedelta(days=1)
        elif number % 4 == 1:
            yield address, MADE, now + dt.timedelta(minutes=20)
        elif number % 4 == 2:
            yield address, MADE, None


def _mailbox(address: str, row: Any) -> Mailbox:
    local_part, _at, domain = address.rpartition("@")
    return Mailbox(
        username=address,
        password="{PLAIN}secret",
        name="",
        maildir=row.maildir,
        quota=row.quota,
        local_part=local_part,
        domain=domain,
        active=row.active,
        smtp_active=row.smtp_active,
        password_expiry=None if row.password_ends is None else timezone.now() + dt.timedelta(row.password_ends),
    )


def empty() -> None:
    for model in (OwnAlias, AliasTarget, Alias, Mailbox, AliasDomain, Domain):
        model.objects.all().delete()
