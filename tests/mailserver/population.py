"""Writing a population into the run's database."""

import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from aliases.models import Alias, AliasTarget
from domains.models import AliasDomain, Domain
from mailadmin.mailserver.dialects import VENDOR_ENGINES
from mailboxes.models import Mailbox
from tests.mailserver.model import Population


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
            Alias(address=address, goto=row.goto, domain=address.rpartition("@")[2], active=row.active)
            for address, row in world.aliases.items()
        )


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
    for model in (AliasTarget, Alias, Mailbox, AliasDomain, Domain):
        model.objects.all().delete()
