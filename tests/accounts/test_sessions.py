"""Sessions end when they end."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.db.models import F

from tests.people import admin_client

pytestmark = pytest.mark.django_db


def test_a_session_that_has_ended_is_none() -> None:
    client = admin_client("alice@ops.example", superadmin=True)
    assert client.get("/domains/").status_code == 200
    Session.objects.update(expire_date=F("expire_date") - dt.timedelta(days=400))
    assert client.get("/domains/").headers["Location"].startswith("/login/")


def test_a_session_that_is_not_there_is_none() -> None:
    client = admin_client("alice@ops.example", superadmin=True)
    Session.objects.all().delete()
    assert client.get("/domains/").status_code == 302
