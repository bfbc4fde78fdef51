"""`manage.py demo` fills an empty panel, once, with rows that keep every rule."""

import io

import pytest
from django.core.management import CommandError, call_command

from domains.models import Domain
from mailadmin.accounts.backends import find_credential
from mailadmin.accounts.credentials import AccountKind
from mailadmin.audit.models import AuditEvent, Log
from mailadmin.core.limits import Limit
from mailadmin.core.passwords import verify_password
from mailadmin.demo import ADMINS, OWNER
from mailboxes.models import Mailbox, Quota2, Vacation
from mailboxes.services import count_mailboxes


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
    counts = count_mailboxes(list(Domain.objects.real().values_list("domain", flat=True)))
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
