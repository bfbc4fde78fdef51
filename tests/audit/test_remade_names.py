"""A name that was deleted and made again shows its new admin nothing of the old."""

import datetime as dt

import pytest
from django.utils import timezone

from domains import services as domains
from mailadmin.accounts import services as accounts
from mailadmin.accounts.models import Admin
from mailadmin.audit.models import AuditEvent
from mailadmin.audit.services import visible_events
from mailadmin.core.actor import Actor, ActorKind
from mailboxes import services as mailboxes
from tests.operations.cases import ALICE, PASSWORD

pytestmark = pytest.mark.django_db
BOB = Actor(ActorKind.ADMIN, "bob@ops.example", ip="192.0.2.2", request_id="r2")


def targets(actor: Actor) -> set[str]:
    return set(visible_events(actor).values_list("target", flat=True))


def test_the_history_of_an_earlier_domain_is_not_its_new_admins() -> None:
    domains.create_domain(ALICE, domain="example.com")
    mailboxes.create_mailbox(ALICE, local_part="secret", domain="example.com", password=PASSWORD)
    domains.delete_domain(ALICE, domain="example.com")
    domains.create_domain(ALICE, domain="example.com")
    accounts.create_admin(ALICE, username=BOB.username, password=PASSWORD, domains=["example.com"])
    mailboxes.create_mailbox(BOB, local_part="anna", domain="example.com", password=PASSWORD)
    assert targets(BOB) == {"example.com", "anna@example.com"}
    assert list(visible_events(BOB).filter(target="example.com").values_list("action", flat=True)) == ["create_domain"]
    assert "secret@example.com" in targets(ALICE), "history stays"


def test_the_doings_of_an_earlier_admin_are_not_the_new_ones() -> None:
    domains.create_domain(ALICE, domain="example.com")
    accounts.create_admin(ALICE, username=BOB.username, password=PASSWORD, domains=["example.com"])
    mailboxes.create_mailbox(BOB, local_part="anna", domain="example.com", password=PASSWORD)
    AuditEvent.objects.update(time=timezone.now() - dt.timedelta(days=1))
    accounts.delete_admin(ALICE, username=BOB.username)
    accounts.create_admin(ALICE, username=BOB.username, password=PASSWORD)
    assert Admin.objects.filter(username=BOB.username).exists()
    assert targets(BOB) == set()
