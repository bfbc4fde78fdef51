"""Who administers a domain."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from domains.models import DomainAdmin
from mailadmin.audit.models import AuditEvent
from tests.exports import exported
from tests.people import admin_client, make_domains

pytestmark = pytest.mark.django_db

URL = "/domains/a.example/admins/"


@pytest.fixture
def alice() -> Client:
    make_domains("a.example")
    admin_client("bob@example.org")
    return admin_client("alice@example.org", superadmin=True)


def test_grant_and_revoke(alice: Client) -> None:
    assert '<option value="bob@example.org">' in alice.get(URL).content.decode()
    page = alice.post(URL, {"username": " BOB@example.org "}, follow=True).content.decode()
    assert "bob@example.org now administers a.example." in page
    assert '<option value="bob@example.org">' not in page
    assert DomainAdmin.objects.filter(username="bob@example.org", domain="a.example").count() == 1
    page = alice.post(f"{URL}revoke/", {"username": "bob@example.org"}, follow=True).content.decode()
    assert "bob@example.org no longer administers a.example." in page
    assert not DomainAdmin.objects.filter(domain="a.example").exists()
    assert AuditEvent.objects.count() == 2


@pytest.mark.parametrize(
    "name", ["", "absent@example.org", "x" * 300, "\x00", "a\x1b", "%", "😀", "usér@example.org", "'"]
)
def test_bad_names(alice: Client, name: str) -> None:
    answer = alice.post(URL, {"username": name})
    assert answer.status_code == 200
    assert 'id="id_username_error"' in answer.content.decode()
    assert alice.post(f"{URL}revoke/", {"username": name}).status_code == 404
    assert not AuditEvent.objects.exists()


def test_columns_and_export(alice: Client) -> None:
    DomainAdmin.objects.create(username="bob@example.org", domain="a.example", created=timezone.now(), active=True)
    page = alice.get(URL).content.decode()
    assert re.findall(r'data-label="([^"]+)"', page) == ["Last sign-in", "State"]
    page = alice.get(f"{URL}?columns=created").content.decode()
    assert re.findall(r'data-label="([^"]+)"', page) == ["Created"]
    [row] = exported(alice, f"{URL}?format=csv")
    assert row.pop("Last sign-in")
    assert row == {"Admin": "bob@example.org", "State": "Active"}
