"""A domain with an alias domain, a mailbox, and domains that have none here."""

import pytest
from django.test import Client

# pytest reads this file before pytest-django has set Django up; what needs models is imported where it is used.

ANNA = "anna@example.com"


@pytest.fixture(autouse=True)
def server(settings: object) -> None:
    settings.MAILADMIN_MAIL_HOSTNAME = "mx.hoster.example"  # type: ignore[attr-defined]
    settings.MAILADMIN_URL = "https://panel.hoster.example"  # type: ignore[attr-defined]


@pytest.fixture
def world(db: None) -> None:
    from domains.models import AliasDomain, DomainRules
    from tests.people import make_domains, make_mailboxes

    make_domains("example.com", "own.example", "alias.example", "xn--exmple-cua.example", "ALL")
    make_domains("off.example", "offalias.example", active=False)
    make_domains("backup.example", backupmx=True)
    for alias, active in (("alias.example", True), ("rowless.example", True), ("sleeping.example", False)):
        AliasDomain.objects.create(alias_domain=alias, target_domain="example.com", active=active)
    AliasDomain.objects.create(alias_domain="offalias.example", target_domain="example.com")
    AliasDomain.objects.create(alias_domain="tooff.example", target_domain="off.example")
    DomainRules.objects.create(domain="own.example", imap_host="imap.own.example", smtp_host="smtp.own.example")
    make_mailboxes(ANNA, name="Anna Rossi")


NOT_HERE = [
    "absent.example",
    "off.example",
    "offalias.example",
    "tooff.example",
    "sleeping.example",
    "backup.example",
    "ALL",
    "all",
    "",
    ".",
    "a b",
    "x" * 300,
    "%00",
    "usér\x00",
    "😀",
    "'; --",
]
"""Domains that programs are told nothing of."""


@pytest.fixture
def anna(world: None) -> Client:
    from mailadmin.accounts.credentials import AccountKind
    from tests.people import signed_in

    return signed_in(AccountKind.MAILBOX, ANNA)


@pytest.fixture
def bob(world: None) -> Client:
    from tests.people import admin_client

    return admin_client("bob@ops.example", domains=["example.com", "own.example"])


@pytest.fixture
def charlie(world: None) -> Client:
    from tests.people import admin_client

    return admin_client("charlie@ops.example", domains=["alias.example"])


@pytest.fixture
def alice(world: None) -> Client:
    from tests.people import admin_client

    return admin_client("alice@ops.example", superadmin=True)
