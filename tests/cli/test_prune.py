"""manage.py prune."""

import datetime as dt

import pytest
from django.utils import timezone

from mailadmin.accounts.models import OneTimeLink
from mailadmin.audit.models import AuditEvent, Log
from tests.cli.conftest import refusal, run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def history() -> None:
    """Events and log rows of each of the last ten days, twelve hours into the day."""
    for days in range(10):
        moment = timezone.now() - dt.timedelta(days=days, hours=12)
        AuditEvent.objects.create(time=moment, action="create_domain", target=f"d{days}.example")
        Log.objects.create(timestamp=moment, username="x", domain="x", action="create_domain", data="x")


def test_old_events_go_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailadmin.audit.management.commands.prune.SIZE", 3)
    assert run("prune", "--days", "3") == "7 audit events deleted.\n"
    assert set(AuditEvent.objects.values_list("target", flat=True)) == {"d0.example", "d1.example", "d2.example"}
    assert Log.objects.count() == 10


def test_log_goes_only_when_asked_for() -> None:
    assert run("prune", "--days", "9", "--log") == "1 audit event deleted.\n1 log row deleted.\n"
    assert Log.objects.count() == 9


@pytest.mark.parametrize("days", ["0", "-1", "x", "1.5", "99999999999"])
def test_a_wrong_age_deletes_nothing(days: str) -> None:
    assert "days" in refusal("prune", f"--days={days}")
    assert AuditEvent.objects.count() == 10


def test_the_age_must_be_said() -> None:
    assert "--days" in refusal("prune", "--log")


def test_expired_links_go_and_others_stay() -> None:
    now = timezone.now()
    for name, minutes in (("a", -1), ("b", 1)):
        expires = now + dt.timedelta(minutes=minutes)
        OneTimeLink.objects.create(
            digest=name, login=f"mailbox:{name}@x", purpose="set-up", created=now, expires=expires
        )
    assert run("prune", "--days", "99").endswith("1 expired link deleted.\n")
    assert list(OneTimeLink.objects.values_list("digest", flat=True)) == ["b"]
