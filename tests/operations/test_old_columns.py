"""What a column from before utf8mb4 cannot hold is refused at its field."""

import pytest
from django.db import connection

from mailadmin.core.errors import Invalid
from mailboxes import services as mailboxes
from mailboxes import vacation
from mailboxes.models import Mailbox, Vacation, VacationMore
from tests.operations.cases import ALICE, populate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mysql]

OLD = {"mailbox": "name varchar(255)", "vacation": "body text", "mailadmin_vacation": "inside_body longtext"}
NAME = "anna@example.com"


def change(charset: str) -> None:
    with connection.cursor() as cursor:
        for table, column in OLD.items():
            cursor.execute(f"ALTER TABLE {table} MODIFY {column} CHARACTER SET {charset} NOT NULL")


def test_a_character_that_the_column_lacks() -> None:
    populate()
    change("latin1")
    try:
        with pytest.raises(Invalid) as refused:
            mailboxes.update_mailbox(ALICE, username=NAME, name="\u5b57")
        assert [*refused.value.messages] == ["name"] and "utf8mb4" in refused.value.messages["name"][0]
        values = {"username": NAME, "active": True, "subject": "Away"}
        for texts in ({"body": "\U0001f600"}, {"body": "Gone", "inside_body": "\U0001f600"}):
            with pytest.raises(Invalid) as refused:
                vacation.set_vacation(ALICE, **values, **texts)  # type: ignore[arg-type]
            assert [*refused.value.messages] == [[*texts][-1]]
        mailboxes.update_mailbox(ALICE, username=NAME, name="J\xfcrgen")
    finally:
        change("utf8mb4")
    assert Mailbox.objects.get(username=NAME).name == "J\xfcrgen"
    # Nothing of what was refused is there, not even half of it.
    assert Vacation.objects.get(email=NAME).body == "Back soon."
    assert not VacationMore.objects.filter(email=NAME).exists()
