"""A stored password that is damaged, overlong or dear to check is a refused sign-in, whatever stands in the row."""

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings

from mailadmin.accounts.models import Throttle
from mailboxes.models import Mailbox
from tests.core.password_strings import DAMAGED, EXPENSIVE, STORED
from tests.people import make_domains, make_mailboxes

ANNA = "anna@example.com"
pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> Client:
    make_domains("example.com")
    make_mailboxes(ANNA, password="", name="Anna")
    return Client()


def is_refused(client: Client, stored: str, password: str) -> bool:
    """Say whether the page of signing in comes again; a value that the column cannot hold is none of ours."""
    try:
        with transaction.atomic():
            Mailbox.objects.filter(username=ANNA).update(password=stored)
    except (DatabaseError, ValueError):
        return True
    Throttle.objects.all().delete()
    answer = client.post("/login/", {"username": ANNA, "password": password})
    return answer.status_code == 200 and b"The address or the password is wrong" in answer.content


@pytest.mark.parametrize("stored", [*DAMAGED, *EXPENSIVE, "{SSHA}" + "A" * 249, "$6$" + "a" * 252, "x" * 255])
def test_damaged_and_expensive_ones(anna: Client, stored: str) -> None:
    for password in ("test123", "x"):
        assert is_refused(anna, stored, password)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stored=STORED)
def test_whatever_stands_there(anna: Client, stored: str) -> None:
    assert is_refused(anna, stored, "no such password, really")
