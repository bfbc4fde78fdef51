"""A mailbox that another program deleted by halves leaves nothing to the next one of its name."""

import pytest

from aliases.models import Alias
from mailboxes import services as mailboxes
from mailboxes.models import Fetchmail, Mailbox, MailboxAppPassword, Quota2, Vacation
from tests.operations.cases import ALICE, PASSWORD, populate

pytestmark = pytest.mark.django_db
NAME = "anna@example.com"


def test_leftovers_are_cleared_and_the_old_mail_stays_closed() -> None:
    populate()
    Mailbox.objects.filter(username=NAME).delete()
    Alias.objects.filter(address=NAME).delete()
    row = mailboxes.create_mailbox(ALICE, local_part="anna", domain="example.com", password=PASSWORD)
    assert row.maildir == "example.com/anna@2/"
    for left in (
        Vacation.objects.filter(email=NAME),
        Quota2.objects.filter(username=NAME),
        Fetchmail.objects.filter(mailbox=NAME),
        MailboxAppPassword.objects.filter(username=NAME),
    ):
        assert not left.exists()


def test_a_name_never_used_gets_the_plain_path() -> None:
    populate()
    row = mailboxes.create_mailbox(ALICE, local_part="carla", domain="example.com", password=PASSWORD)
    assert row.maildir == "example.com/carla/"
