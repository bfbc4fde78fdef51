"""Somebody who is away, and letters to them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from aliases.models import Alias
from domains.models import AliasDomain, Domain
from mailboxes.models import Mailbox, Vacation, VacationMore, VacationNotification
from tests.mailserver.replies import answer_message
from tests.mailserver.vacation_cases import ALIAS, ALIAS_DOMAIN, COLLEAGUE, DOMAIN, USER

DAY = dt.timedelta(days=1)


def populate() -> None:
    Domain.objects.bulk_create(Domain(domain=name, description="") for name in (DOMAIN, ALIAS_DOMAIN))
    AliasDomain.objects.create(alias_domain=ALIAS_DOMAIN, target_domain=DOMAIN)
    for address in (USER, COLLEAGUE):
        Mailbox.objects.create(
            username=address,
            password="",
            name="",
            maildir=f"{address}/",
            local_part=address.partition("@")[0],
            domain=DOMAIN,
        )
        Alias.objects.create(address=address, goto=address, domain=DOMAIN)
    Alias.objects.create(address=ALIAS, goto=f"other@far.example, {USER.upper()}", domain=DOMAIN)


def empty() -> None:
    for model in (VacationNotification, VacationMore, Vacation, Alias, Mailbox, AliasDomain, Domain):
        model.objects.all().delete()


def begin() -> None:
    """Let all be as at first, with USER away."""
    Alias.objects.filter(address=COLLEAGUE).update(goto=COLLEAGUE)
    Mailbox.objects.filter(username=USER).update(name="")
    VacationMore.objects.all().delete()
    away()


def away(**values: Any) -> None:
    """Set the vacation of USER, with nobody answered yet."""
    now = timezone.now().replace(microsecond=0)
    row = {"subject": "Away", "body": "Back soon", "domain": DOMAIN, "active": True, "interval_time": 1}
    row |= {"modified": now, "activefrom": now - DAY, "activeuntil": now + DAY}
    Vacation.objects.update_or_create(email=USER, defaults=row | values)
    VacationNotification.objects.all().delete()


def letter(sender: str = "one@out.example", to: str = USER, *fields: str) -> bytes:
    return "\n".join([f"From: {sender}", f"To: {to}", "Subject: Hello", *fields, "", "Text", ""]).encode()


def write(config: Mapping[str, str], sender: str = "one@out.example", *fields: str) -> str:
    return answer_message(config, sender, USER, letter(sender, USER, *fields))
