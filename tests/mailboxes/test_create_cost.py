"""Creating a mailbox reads no more of a large domain than of a small one."""

import pytest
from django.db import connection

from mailadmin.core.actor import Actor
from mailboxes.services import create_mailbox
from tests.people import make_domains, make_mailboxes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mysql]


def rows_read() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%%'", [])
        return sum(int(value) for _name, value in cursor.fetchall())


def test_a_new_mailbox_of_a_large_domain() -> None:
    make_domains("large.example")
    make_mailboxes(*(f"u{number}@large.example" for number in range(3_000)), password="x", name="")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE TABLE mailbox")
    before = rows_read()
    create_mailbox(Actor.cli(), local_part="anna", domain="large.example", password="correct horse battery", quota=0)
    assert rows_read() - before < 1_000
