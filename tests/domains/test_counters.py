"""The counters of the guard row agree with the rows, whatever was done."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from aliases.services import change_aliases, create_alias
from domains.guard import MOST_PROMISED
from domains.models import Domain, DomainGuard
from domains.services import create_domain
from domains.use import DomainUse, domain_uses, live_uses, stored_use
from mailadmin.core.limits import MAX_BYTES
from mailboxes.services import change_mailboxes, create_mailbox, delete_mailbox, update_mailbox
from tests.operations.cases import ALICE, CASES, PASSWORD, populate
from tests.people import make_domains, make_mailboxes

pytestmark = pytest.mark.django_db


def count_all() -> None:
    """Write the counters of all domains, as the sweep does when nothing else goes on."""
    now = timezone.now()
    for guard in DomainGuard.objects.all():
        use = live_uses([guard.domain])[guard.domain]
        values = {"mailboxes": use.mailboxes, "aliases": use.aliases, "promised": use.promised}
        DomainGuard.objects.filter(pk=guard.pk).update(**values, counted=now)


def kept() -> dict[str, DomainUse]:
    """Return what the counters of the counted domains say."""
    return {guard.domain: stored_use(guard) for guard in DomainGuard.objects.filter(counted__isnull=False)}


def counted_now() -> dict[str, DomainUse]:
    """Return the same from the rows."""
    found = kept()
    live = live_uses(list(found))
    return {name: DomainUse(*_numbers(live[name]), found[name].counted) for name in found}


def _numbers(use: DomainUse) -> tuple[int, int, int]:
    return use.mailboxes, use.aliases, use.promised


MORE: dict[str, Callable[[], Any]] = {
    "alias left without a target": lambda: delete_mailbox(ALICE, username="anna@example.com", clean_references=True),
    "quota none": lambda: update_mailbox(ALICE, username="anna@example.com", quota=-1),
    "quota of many": lambda: change_mailboxes(
        ALICE, domain="example.com", usernames=["anna@example.com", "berta@example.com"], quota=7 * 1024**2
    ),
    "targets of many": lambda: change_aliases(
        ALICE, domain="example.com", addresses=["info@example.com"], remove_target="ext@remote.example"
    ),
    "largest quota": lambda: update_mailbox(ALICE, username="anna@example.com", quota=MAX_BYTES),
}


COUNTING = {
    "create_mailbox",
    "create_mailbox_with_hash",
    "update_mailbox",
    "delete_mailbox",
    "delete_mailboxes",
    "create_alias",
    "create_own_alias",
    "delete_alias",
    "delete_own_alias",
    "delete_aliases",
    "alias left without a target",
    "quota none",
    "quota of many",
}


@pytest.mark.parametrize("name", [*CASES, *MORE])
def test_the_counters_agree_after_every_operation(name: str) -> None:
    populate()
    count_all()
    before = kept()
    assert before["example.com"].mailboxes == 2 and before["other.example"].aliases == 3
    (CASES | MORE)[name]()
    assert kept() == counted_now()
    if name in ("create_domain", "delete_domain", "largest quota"):
        return
    assert kept().keys() == before.keys()
    assert (kept() != before) == (name in COUNTING)


def test_a_domain_that_was_never_counted_is_counted_when_asked_for() -> None:
    create_domain(ALICE, domain="example.com")
    create_mailbox(ALICE, local_part="anna", domain="example.com", password=PASSWORD, quota=5)
    create_alias(ALICE, address="info@example.com", targets=["anna@example.com"])
    assert not kept()
    assert domain_uses(["example.com"]) == {"example.com": DomainUse(1, 1, 5)}


def test_a_name_made_again_does_not_inherit_counters() -> None:
    DomainGuard.objects.create(domain="example.com", mailboxes=7, counted=timezone.now())
    create_domain(ALICE, domain="example.com")
    assert domain_uses(["example.com"])["example.com"].mailboxes == 0


def test_more_storage_than_a_column_holds_is_counted_when_asked_for() -> None:
    make_domains("example.com")
    make_mailboxes("anna@example.com", "berta@example.com", quota=0)
    DomainGuard.objects.create(domain="example.com")
    count_all()
    for name in ("anna", "berta"):
        update_mailbox(ALICE, username=f"{name}@example.com", quota=MOST_PROMISED - 1)
    assert domain_uses(["example.com"])["example.com"].promised == 2 * MOST_PROMISED - 2
    update_mailbox(ALICE, username="anna@example.com", quota=MAX_BYTES)
    update_mailbox(ALICE, username="berta@example.com", quota=MAX_BYTES)
    assert domain_uses(["example.com"]) == {"example.com": DomainUse(2, 0, 2 * MAX_BYTES)}
    assert Domain.objects.count() == 1
