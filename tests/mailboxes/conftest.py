"""example.com of bob with the mailbox anna, other.example of charlie with the mailbox otto; alice is superadmin."""

import pytest
from django.test import Client

# pytest reads this file before pytest-django has set Django up; what needs models is imported where it is used.


@pytest.fixture
def world(db: None) -> None:
    from aliases.services import create_alias
    from mailadmin.core.actor import Actor
    from mailboxes.services import create_mailbox
    from tests.mailboxes.screens import PASSWORD
    from tests.people import make_domains

    make_domains("example.com", "other.example")
    for address in ("anna@example.com", "otto@other.example"):
        local_part, _at, domain = address.partition("@")
        create_mailbox(Actor.cli(), local_part=local_part, domain=domain, password=PASSWORD, name=local_part.title())
    create_alias(Actor.cli(), address="info@example.com", targets=["anna@example.com", "outside@remote.example"])


@pytest.fixture
def alice(world: None) -> Client:
    from tests.people import admin_client

    return admin_client("alice@ops.example", superadmin=True)


@pytest.fixture
def bob(world: None) -> Client:
    from tests.people import admin_client

    return admin_client("bob@ops.example", domains=["example.com"])


@pytest.fixture
def charlie(world: None) -> Client:
    from tests.people import admin_client

    return admin_client("charlie@ops.example", domains=["other.example"])


@pytest.fixture
def anna(world: None) -> Client:
    """A mailbox user of example.com."""
    from mailadmin.accounts.credentials import AccountKind
    from tests.people import signed_in

    return signed_in(AccountKind.MAILBOX, "anna@example.com")
