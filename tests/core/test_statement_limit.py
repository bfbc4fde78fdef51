"""A slow statement is stopped by the database, on each of them, and nothing stays behind."""

import pytest
from django.db import OperationalError, connection, transaction

from mailadmin.core.statement_limit import TookTooLong, statement_limit
from mailboxes.models import Mailbox
from tests.people import make_mailboxes

# A second or more on any machine: eight million rows to compare.
SLOW = "SELECT COUNT(*) FROM mailbox a, mailbox b, mailbox c WHERE %s LIKE '%%x!%%'"
JOINED = "a.username || b.username || c.username"
ASK = {
    "mysql": "SELECT @@max_statement_time",
    "postgresql": "SELECT current_setting('statement_timeout')",
}


def slow() -> None:
    # MariaDB takes || for OR.
    joined = f"CONCAT({JOINED.replace(' ||', ',')})" if connection.vendor == "mysql" else JOINED
    with connection.cursor() as cursor:
        cursor.execute(SLOW % joined)
        cursor.fetchall()


def setting() -> object:
    """Return what the server keeps in the session; SQLite keeps nothing."""
    if connection.vendor not in ASK:
        return None
    with connection.cursor() as cursor:
        cursor.execute(ASK[connection.vendor])
        return cursor.fetchone()[0]


def make_rows() -> None:
    make_mailboxes(*(f"u{number}@d.example" for number in range(200)))


def check_stopped() -> None:
    before = setting()
    with pytest.raises(TookTooLong), statement_limit(0.05):
        slow()
    assert setting() == before
    assert Mailbox.objects.count() == 200


@pytest.mark.django_db
def test_a_slow_statement_is_stopped_within_a_transaction() -> None:
    """What the transaction wrote before stays written."""
    make_rows()
    check_stopped()


@pytest.mark.django_db(transaction=True)
def test_a_slow_statement_is_stopped_outside_of_one() -> None:
    make_rows()
    check_stopped()


@pytest.mark.django_db
def test_what_is_fast_enough_gets_its_rows() -> None:
    make_rows()
    before = setting()
    with statement_limit(20):
        assert len(list(Mailbox.objects.order_by("username")[:150])) == 150
        assert Mailbox.objects.filter(username="u7@d.example").exists()
    assert setting() == before


@pytest.mark.django_db
def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(Exception, match="no_such_column") as caught, transaction.atomic(), statement_limit(20):
        list(Mailbox.objects.extra(where=["no_such_column = 1"]))
    assert not isinstance(caught.value, TookTooLong)
    with pytest.raises(OperationalError, match="lost"), statement_limit(20):
        raise OperationalError("lost")
