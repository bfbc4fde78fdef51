"""A mailbox that another program deleted by halves leaves nothing to the next one of its name."""

from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone

from aliases.models import Alias
from mailadmin.accounts.models import ExpiryWarning, OneTimeLink, OutgoingMail, TotpException
from mailadmin.accounts.outbox import LETTER, RECOVERY
from mailadmin.accounts.services import create_admin
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
    assert carla().maildir == "example.com/carla/"


def carla() -> Mailbox:
    return mailboxes.create_mailbox(ALICE, local_part="carla", domain="example.com", password=PASSWORD)


NOW = timezone.now()
CARLA = "carla@example.com"
EXCEPTION = {"username": CARLA, "ip": "192.0.2.7", "created": NOW, "modified": NOW}
MAIL = {"about": CARLA, "created": NOW, "due": NOW}


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (TotpException, EXCEPTION),
        (OutgoingMail, MAIL | {"kind": LETTER, "recipient": "carla@far.example"}),
        (ExpiryWarning, {"username": CARLA, "expires": NOW, "days": 7}),
        (OneTimeLink, {"login": f"mailbox:{CARLA}", "digest": "x", "created": NOW, "expires": NOW}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_any_of_them_alone_tells_of_an_earlier_mailbox(model: type[Model], values: dict[str, Any]) -> None:
    populate()
    kept = list(model._default_manager.order_by("pk"))
    model._default_manager.create(**values)
    assert carla().maildir == "example.com/carla@2/"
    assert list(model._default_manager.order_by("pk")) == kept


def test_what_is_an_admins_or_anybodys_tells_nothing() -> None:
    populate()
    OutgoingMail.objects.create(**MAIL, kind=RECOVERY)
    create_admin(ALICE, username=CARLA, password=PASSWORD)
    TotpException.objects.create(**EXCEPTION)
    OutgoingMail.objects.create(**MAIL, kind=LETTER)
    assert carla().maildir == "example.com/carla/"
    assert (TotpException.objects.filter(username=CARLA).count(), OutgoingMail.objects.count()) == (1, 2)
