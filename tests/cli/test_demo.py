"""`manage.py demo` fills an empty panel, once, with rows that keep every rule."""

import io

import pytest
from django.core.management import CommandError, call_command

from aliases.limit import without_mailboxes
from aliases.models import Alias
from aliases.reindex import reindex_aliases
from domains.models import AliasDomain, Domain, DomainAdmin
from domains.services import create_domain
from mailadmin.accounts.backends import find_credential
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account, Admin
from mailadmin.audit.models import AuditEvent, Log
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import parse_mailbox_local_part
from mailadmin.core.limits import Limit
from mailadmin.core.passwords import verify_password
from mailadmin.demo.firms import Size
from mailadmin.demo.large import fill
from mailadmin.demo.names import AGENCY, BIGGEST, OWNER
from mailadmin.demo.small import ADMINS
from mailboxes.limit import count_mailboxes_by_domain
from mailboxes.models import Mailbox, Quota2, Vacation


def demo() -> str:
    out = io.StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_fills_an_empty_panel_once() -> None:
    told = demo()
    password = told.strip().rpartition(": ")[2]
    boss = find_credential(AccountKind.ADMIN, OWNER)
    assert boss and boss.superadmin and verify_password(password, boss.password)
    counts = count_mailboxes_by_domain(list(Domain.objects.real().values_list("domain", flat=True)))
    for domain in Domain.objects.real():
        limit = Limit(domain.mailboxes)
        assert limit.is_unlimited or counts.get(domain.domain, 0) <= max(limit.value, 0)
    assert any(counts.get(domain.domain) == domain.mailboxes for domain in Domain.objects.real())
    assert Domain.objects.filter(domain__startswith="xn--").exists()
    assert Mailbox.objects.filter(active=False).exists() and Vacation.objects.count() == 2
    assert Quota2.objects.count() == Mailbox.objects.count()
    assert f"admins: {3 + len(ADMINS)}" in told
    with pytest.raises(CommandError, match="in use already"):
        demo()


@pytest.mark.django_db
def test_its_history_is_in_order() -> None:
    demo()
    times = list(AuditEvent.objects.exclude(action__startswith="sign_in").order_by("id").values_list("time", flat=True))
    assert times == sorted(times)
    assert (times[-1] - times[0]).days > 60
    event = AuditEvent.objects.filter(action="create_mailbox").first()
    assert event is not None
    row = Mailbox.objects.get(username=event.target)
    assert row.created == event.time == Log.objects.get(pk=event.log_id or 0).timestamp


SMALL_LARGE = Size(domains=60, mailboxes=600, biggest=150, aliases=200, alias_domains=5, admins=12, log=300, events=300)


@pytest.fixture
def large() -> str:
    """A large one of few rows; returns what it told of its progress."""
    out = io.StringIO()
    made = fill("correct horse battery", SMALL_LARGE, out)
    assert (made["domains"], made["mailboxes"], made["aliases"]) == (60, 600, 200)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_large_one_has_as_many_as_asked(large: str) -> None:
    assert Domain.objects.real().count() == 60 and AliasDomain.objects.count() == 5
    assert Mailbox.objects.count() == 600 == Quota2.objects.count()
    assert Mailbox.objects.filter(domain=BIGGEST).count() == 150
    assert Alias.objects.count() == 800 and without_mailboxes(Alias.objects.all()).count() == 200
    assert Log.objects.count() >= 300 and AuditEvent.objects.count() >= 300
    assert Admin.objects.filter(superadmin=False).count() == 12
    assert DomainAdmin.objects.filter(username=AGENCY).count() == 55
    assert "100 %" in large


@pytest.mark.django_db(transaction=True)
def test_a_large_one_keeps_the_rules(large: str) -> None:
    counts = count_mailboxes_by_domain(list(Domain.objects.real().values_list("domain", flat=True)))
    for domain in Domain.objects.real():
        limit = Limit(domain.mailboxes)
        assert limit.is_unlimited or counts.get(domain.domain, 0) <= max(limit.value, 0)
    assert sum(counts.added + counts.removed for counts in reindex_aliases()) == 0
    for row in Mailbox.objects.all()[:50]:
        assert parse_mailbox_local_part(row.local_part) == row.local_part and row.created is not None
    last = AuditEvent.objects.order_by("-id").values_list("id", flat=True)[0]
    create_domain(Actor.cli(), domain="new.example")
    assert AuditEvent.objects.get(action="create_domain").pk > last


@pytest.mark.django_db(transaction=True)
def test_a_large_one_can_be_signed_in_to(large: str) -> None:
    for kind, name in (
        (AccountKind.ADMIN, AGENCY),
        (AccountKind.MAILBOX, Mailbox.objects.filter(active=True)[0].username),
    ):
        found = find_credential(kind, name)
        assert found and verify_password("correct horse battery", found.password)
    for account in Account.objects.all():
        known = Mailbox.objects.filter(username=account.username).first() or Admin.objects.get(pk=account.username)
        assert account.row_created == known.created
