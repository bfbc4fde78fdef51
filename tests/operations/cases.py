"""One working call of every operation, for the tests that hold for all of them."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from aliases import own
from aliases import services as aliases
from domains import alias_domains, grants, rules
from domains import services as domains
from domains.models import Dkim, DkimSigning, Domain
from mailadmin.accounts import preferences, recovery_address, rehash
from mailadmin.accounts import services as accounts
from mailadmin.accounts.backends import find_credential
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.links import digest_of
from mailadmin.accounts.models import Account, Admin, OneTimeLink, TotpException
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.jobs.models import Job
from mailboxes import app_passwords, forwarding, password_expiry, password_requests, passwords, setup_links, vacation
from mailboxes import services as mailboxes
from mailboxes.models import (
    AppPassword,
    Fetchmail,
    Mailbox,
    MailboxAppPassword,
    MailSignIn,
    Quota,
    Quota2,
    VacationNotification,
)
from tests.remembered import remembered

PASSWORD = "correct horse battery"
ALICE = Actor(ActorKind.SUPERADMIN, "alice@ops.example", ip="192.0.2.1", request_id="r1")
ANNA = Actor(ActorKind.USER, "anna@example.com", ip="192.0.2.3", request_id="r3")
STRANGER = Actor.anonymous("192.0.2.4", "r4")
TOKEN = "link-of-berta"
APP_PASSWORD = 1001
BOB = Actor(ActorKind.ADMIN, "bob@example.com", ip="192.0.2.2", request_id="r2")


@remembered
def populate() -> None:
    """Make a small world in which every operation has something to do."""
    for name in ("example.com", "other.example", "alias.example", "third.example"):
        domains.create_domain(ALICE, domain=name)
    alias_domains.create_alias_domain(ALICE, alias_domain="alias.example", target_domain="example.com")
    accounts.create_admin(ALICE, username="alice@ops.example", password=PASSWORD, superadmin=True)
    accounts.create_admin(ALICE, username="amy@ops.example", password=PASSWORD, superadmin=True)
    accounts.create_admin(ALICE, username="bob@example.com", password=PASSWORD, domains=["example.com"])
    for local_part in ("anna", "berta"):
        mailboxes.create_mailbox(
            ALICE, local_part=local_part, domain="example.com", password=PASSWORD, quota=5 * 1024**2
        )
    aliases.create_alias(ALICE, address="info@example.com", targets=["anna@example.com", "ext@remote.example"])
    aliases.create_alias(ALICE, address="anna-only@other.example", targets=["anna@example.com"])
    aliases.create_alias(ALICE, address="both@other.example", targets=["info@example.com", "anna@example.com"])
    aliases.create_alias(ALICE, address="@other.example", targets=["anna+all@example.com"])
    own.create_own_alias(ALICE, username="anna@example.com", local_part="anna-shop", ends=_soon())
    keep_link(TOKEN, "berta@example.com")
    vacation.set_vacation(ALICE, username="anna@example.com", active=True, subject="Away", body="Back soon.")
    _belongings("anna@example.com")
    mailboxes.create_mailbox(ALICE, local_part="old", domain="other.example", password=PASSWORD)
    Domain.objects.filter(domain="other.example").update(password_expiry=30)
    past = timezone.now() - dt.timedelta(days=1)
    Mailbox.objects.filter(domain="other.example").update(password_expiry=past)
    made = Admin.objects.get(username="bob@example.com").created
    Job.objects.create(
        batch_id="job-of-bob",
        kind="mailboxes_off",
        domain="example.com",
        actor_kind=ActorKind.ADMIN,
        actor="bob@example.com",
        actor_since=made,
        arguments={"values": {}},
        total=300,
        created=timezone.now(),
    )


def keep_link(token: str, username: str, actor: Actor = ALICE) -> None:
    """Give a mailbox a set-up link of this token."""
    _token, link = setup_links.create_setup_link(actor, username=username)
    OneTimeLink.objects.filter(digest=link.digest).update(digest=digest_of(token))


def keep_app_password(name: str, number: int = APP_PASSWORD) -> None:
    """Give a mailbox an app password of this number."""
    AppPassword.objects.create(
        pk=number,
        username=name,
        digest=digest_of(f"app password {number}"),
        name="Phone",
        made_for=Mailbox.objects.get(username=name).created,
        imap=True,
        smtp=True,
        pop3=False,
        sieve=False,
        created=timezone.now(),
    )


def _belongings(name: str) -> None:
    """Give a mailbox a row in every table that other programs fill."""
    now = timezone.now()
    Fetchmail.objects.create(
        mailbox=name, domain="example.com", src_server="s", src_user="u", src_password="p", src_folder="", modified=now
    )
    MailboxAppPassword.objects.create(username=name, description="phone", password_hash="x")
    keep_app_password(name)
    MailSignIn.objects.create(
        username=name, service="imap", ip="192.0.2.3", app_password=0, last_login=int(now.timestamp())
    )
    Quota.objects.create(username=name, path="quota/storage", current=1)
    Quota2.objects.create(username=name, bytes=12345, messages=3)
    TotpException.objects.create(ip="192.0.2.9", username=name, created=now, modified=now)
    VacationNotification.objects.create(on_vacation=name, notified="someone@remote.example", notified_at=now)
    dkim = Dkim.objects.create(domain_name="example.com", created=now, modified=now)
    DkimSigning.objects.create(author=name, dkim_id=dkim.pk, created=now, modified=now)
    created = Mailbox.objects.get(username=name).created
    Account.objects.create(login=f"mailbox:{name}", row_created=created)


def _soon() -> dt.datetime:
    return timezone.now() + dt.timedelta(days=3)


def _rehash() -> Any:
    found = find_credential(AccountKind.MAILBOX, ANNA.username)
    assert found
    return rehash.rehash_password(ANNA, found, PASSWORD, scheme="SSHA")


CASES: dict[str, Callable[[], Any]] = {
    "create_domain": lambda: domains.create_domain(ALICE, domain="new.example", mailboxes=3, maxquota=100),
    "update_domain": lambda: domains.update_domain(ALICE, domain="example.com", description="Changed", quota=500),
    "set_domain_rules": lambda: rules.set_domain_rules(
        BOB, domain="example.com", forward_outside=False, own_aliases=3, password_expiry=90
    ),
    "restart_passwords": lambda: password_expiry.restart_passwords(ALICE, domain="other.example"),
    "set_domain_active": lambda: domains.set_domain_active(ALICE, domain="example.com", active=False),
    "delete_domain": lambda: domains.delete_domain(ALICE, domain="example.com"),
    "create_alias_domain": lambda: alias_domains.create_alias_domain(
        ALICE, alias_domain="third.example", target_domain="example.com"
    ),
    "update_alias_domain": lambda: alias_domains.update_alias_domain(
        ALICE, alias_domain="alias.example", target_domain="other.example"
    ),
    "set_alias_domain_active": lambda: alias_domains.set_alias_domain_active(
        ALICE, alias_domain="alias.example", active=False
    ),
    "delete_alias_domain": lambda: alias_domains.delete_alias_domain(ALICE, alias_domain="alias.example"),
    "grant_domain": lambda: grants.grant_domain(ALICE, username="bob@example.com", domain="other.example"),
    "revoke_domain": lambda: grants.revoke_domain(ALICE, username="bob@example.com", domain="example.com"),
    "create_admin": lambda: accounts.create_admin(
        ALICE, username="new@ops.example", password=PASSWORD, domains=["example.com"], must_change=True
    ),
    "create_admin_with_hash": lambda: accounts.create_admin_with_hash(
        ALICE, username="new@ops.example", stored="{SSHA512}x", domains=["example.com"]
    ),
    "update_admin": lambda: accounts.update_admin(ALICE, username="bob@example.com", domains=["other.example"]),
    "set_admin_active": lambda: accounts.set_admin_active(ALICE, username="bob@example.com", active=False),
    "set_admin_password": lambda: accounts.set_admin_password(
        ALICE, username="bob@example.com", password="another horse!"
    ),
    "ask_admin_for_new_password": lambda: accounts.ask_admin_for_new_password(ALICE, username="bob@example.com"),
    "delete_admin": lambda: accounts.delete_admin(ALICE, username="bob@example.com"),
    "change_own_password": lambda: accounts.change_own_password(ANNA, current=PASSWORD, new="another horse!"),
    "report_intrusion": lambda: accounts.report_intrusion(ANNA, current=PASSWORD, new="another horse!"),
    "create_app_password": lambda: app_passwords.create_app_password(
        ANNA, current=PASSWORD, name="Laptop", protocols=["imap", "sieve"], ends=_soon()
    ),
    "revoke_app_password": lambda: app_passwords.revoke_app_password(
        BOB, username="anna@example.com", number=APP_PASSWORD
    ),
    "set_app_passwords_only": lambda: app_passwords.set_app_passwords_only(
        ANNA, username="anna@example.com", only=True
    ),
    "rehash_password": _rehash,
    "set_language": lambda: preferences.set_language(ANNA, language="it"),
    "set_time_zone": lambda: preferences.set_time_zone(ANNA, time_zone="Asia/Tokyo"),
    "set_own_recovery_address": lambda: recovery_address.set_own_recovery_address(
        ANNA, current=PASSWORD, email_other="anna@elsewhere.example"
    ),
    "create_mailbox": lambda: mailboxes.create_mailbox(
        BOB, local_part="carla", domain="example.com", password=PASSWORD, name="Carla"
    ),
    "create_mailbox_with_hash": lambda: mailboxes.create_mailbox_with_hash(
        ALICE,
        local_part="carla",
        domain="example.com",
        stored="{SSHA512}x",
        maildir="Carla@example.com/",
        quota=0,
        active=False,
    ),
    "update_mailbox": lambda: mailboxes.update_mailbox(BOB, username="anna@example.com", name="Anna", quota=0),
    "set_mailbox_active": lambda: mailboxes.set_mailbox_active(BOB, username="anna@example.com", active=False),
    "set_mailbox_password": lambda: passwords.set_mailbox_password(
        BOB, username="anna@example.com", password="another horse!"
    ),
    "delete_mailbox": lambda: mailboxes.delete_mailbox(ALICE, username="anna@example.com"),
    "create_own_alias": lambda: own.create_own_alias(
        ALICE, username="anna@example.com", local_part="anna-club", ends=_soon()
    ),
    "update_own_alias": lambda: own.update_own_alias(
        ANNA, address="anna-shop@example.com", description="Shop", active=False
    ),
    "delete_own_alias": lambda: own.delete_own_alias(ANNA, address="anna-shop@example.com"),
    "set_forwarding": lambda: forwarding.set_forwarding(
        ANNA, username="anna@example.com", targets=["out@far.example"], keep_copy=True
    ),
    "create_setup_link": lambda: setup_links.create_setup_link(BOB, username="anna@example.com"),
    "create_admin_setup_link": lambda: setup_links.create_admin_setup_link(ALICE, username="bob@example.com"),
    "set_password_by_link": lambda: setup_links.set_password_by_link(STRANGER, token=TOKEN, password="another horse!"),
    "set_vacation": lambda: vacation.set_vacation(
        ANNA,
        username="anna@example.com",
        active=True,
        subject="Gone",
        body="Later",
        inside_body="Ask Berta",
        activeuntil=_soon(),
    ),
    "end_vacation": lambda: vacation.end_vacation(BOB, username="anna@example.com"),
    "create_alias": lambda: aliases.create_alias(BOB, address="*@example.com", targets=["anna@example.com"]),
    "update_alias": lambda: aliases.update_alias(BOB, address="info@example.com", targets=["berta@example.com"]),
    "set_alias_active": lambda: aliases.set_alias_active(BOB, address="info@example.com", active=False),
    "delete_alias": lambda: aliases.delete_alias(ALICE, address="info@example.com", clean_references=True),
    "change_mailboxes": lambda: mailboxes.change_mailboxes(
        BOB, domain="example.com", usernames=["anna@example.com"], active=False
    ),
    "ask_for_new_passwords": lambda: password_requests.ask_for_new_passwords(
        BOB, domain="example.com", usernames=["anna@example.com"]
    ),
    "delete_mailboxes": lambda: mailboxes.delete_mailboxes(ALICE, domain="example.com", usernames=["anna@example.com"]),
    "change_aliases": lambda: aliases.change_aliases(
        BOB, domain="example.com", addresses=["info@example.com"], add_target="berta@example.com"
    ),
    "delete_aliases": lambda: aliases.delete_aliases(ALICE, domain="example.com", addresses=["info@example.com"]),
}
