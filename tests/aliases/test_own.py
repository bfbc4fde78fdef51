"""Aliases that people make for themselves: within their domain's rules, until they end, and gone with their owner."""

import datetime as dt
import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from aliases.models import Alias, AliasTarget, OwnAlias
from aliases.own import create_own_alias, delete_own_alias, update_own_alias
from aliases.owned import own_aliases_of, own_of
from aliases.services import change_aliases, create_alias, delete_alias, update_alias
from domains.rules import set_domain_rules
from domains.services import delete_domain, update_domain
from domains.use import domain_uses
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account
from mailadmin.audit.models import AuditEvent
from mailadmin.core.errors import Invalid, LimitReached, NotFound
from mailadmin.mailserver import lookups
from mailboxes.models import Mailbox
from mailboxes.services import create_mailbox, delete_mailbox
from tests.operations.cases import ALICE, ANNA, BOB, PASSWORD, populate
from tests.operations.pages import press
from tests.people import signed_in

pytestmark = pytest.mark.django_db

PAGE = "/account/aliases/"
NAME, SHOP, CLUB = "anna@example.com", "anna-shop@example.com", "anna-club@example.com"


@pytest.fixture(autouse=True)
def world(db: None) -> None:
    populate()
    set_domain_rules(BOB, domain="example.com", own_aliases=2)


@pytest.fixture
def anna() -> Client:
    Account.objects.filter(login=f"mailbox:{NAME}").delete()
    return signed_in(AccountKind.MAILBOX, NAME)


@pytest.fixture
def bob() -> Client:
    return signed_in(AccountKind.ADMIN, "bob@example.com")


def in_days(days: float) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


def end(address: str) -> None:
    """Let an own alias have ended; before this transaction, which is where PostgreSQL's clock stands."""
    ended = timezone.now().replace(microsecond=0) - dt.timedelta(minutes=2)
    OwnAlias.objects.filter(address=address).update(ends=ended)


def text(client: Client, path: str) -> str:
    """Return what a page says, without its tags."""
    page = client.get(path).content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page)).split())


def own_addresses(username: str = NAME) -> list[str]:
    return [alias.address for alias, _own in own_aliases_of(Mailbox.objects.get(username=username))]


def refused(local_part: str, kind: type[Exception] = Invalid) -> str:
    before = Alias.objects.count()
    with pytest.raises(kind) as error:
        create_own_alias(ANNA, username=NAME, local_part=local_part)
    assert Alias.objects.count() == before
    assert list(error.value.messages) == ["address"]  # type: ignore[attr-defined]
    return str(error.value)


class TestPages:
    def test_a_person_makes_changes_switches_and_deletes_one(self, anna: Client) -> None:
        assert SHOP in text(anna, "/account/")
        press(anna, f"{PAGE}new/", address="anna-club", description="Chess", ends="2031-05-01T12:00")
        row = Alias.objects.get(address=CLUB)
        assert (row.goto, row.domain, row.active, row.description) == (NAME, "example.com", True, "Chess")
        assert AliasTarget.objects.filter(address=CLUB, target=NAME).exists()
        event = AuditEvent.objects.order_by("-id")[0]
        assert (event.action, event.actor, event.target) == ("create_alias", NAME, CLUB)
        assert event.after and event.after["owner"] == NAME
        assert "2 of 2 own aliases" in text(anna, PAGE)
        press(anna, f"{PAGE}{CLUB}/", ends="")
        assert OwnAlias.objects.get(address=CLUB).ends is None
        press(anna, PAGE, action=f"{PAGE}{CLUB}/toggle/")
        assert not Alias.objects.get(address=CLUB).active
        press(anna, f"{PAGE}{CLUB}/delete/", confirm=CLUB)
        assert not OwnAlias.objects.filter(address=CLUB).exists()
        assert not AliasTarget.objects.filter(address=CLUB).exists()
        assert own_addresses() == [SHOP]

    def test_whoever_may_make_none_is_told(self, anna: Client) -> None:
        delete_own_alias(ANNA, address=SHOP)
        assert "You may make 2." in text(anna, PAGE)
        set_domain_rules(BOB, domain="example.com", own_aliases=0)
        said = "People of example.com make no aliases of their own. bob@example.com set this rule"
        assert said in text(anna, PAGE)
        assert said in text(anna, f"{PAGE}new/")
        assert "Own aliases" not in text(anna, "/account/")
        assert said in refused("x")

    def test_nobody_sees_those_of_others(self, anna: Client, bob: Client) -> None:
        create_own_alias(ALICE, username="berta@example.com", local_part="bertas")
        assert "bertas@" not in text(anna, PAGE)
        for part in ("", "delete/"):
            assert anna.get(f"{PAGE}bertas@example.com/{part}").status_code == 404
        assert anna.post(f"{PAGE}bertas@example.com/toggle/", {"active": "0"}).status_code == 404
        for change in (
            lambda: update_own_alias(ANNA, address="bertas@example.com", active=False),
            lambda: delete_own_alias(ANNA, address="bertas@example.com"),
            lambda: delete_own_alias(ANNA, address="info@example.com"),
            lambda: create_own_alias(ANNA, username="berta@example.com", local_part="new"),
        ):
            with pytest.raises(NotFound):
                change()
        assert bob.get(PAGE).status_code == 404

    def test_admins_see_whose_it_is_and_change_or_delete_it(self, bob: Client) -> None:
        assert "Own alias until" in text(bob, "/domains/example.com/aliases/")
        assert f"An own alias of {NAME}. It ends on" in text(bob, f"/aliases/{SHOP}/")
        assert b'name="targets"' not in bob.get(f"/aliases/{SHOP}/edit/").content
        press(bob, f"/aliases/{SHOP}/edit/", description="Books", ends="")
        assert OwnAlias.objects.get(address=SHOP).ends is None
        assert "without end" in text(bob, f"/aliases/{SHOP}/")
        end(SHOP)
        assert "mail to it is refused" in text(bob, f"/aliases/{SHOP}/")
        assert "Own alias, ended" in text(bob, "/domains/example.com/aliases/")
        export = bob.get("/domains/example.com/aliases/?format=csv&columns=address,state,owner")
        assert export.status_code == 200
        press(bob, f"/aliases/{SHOP}/delete/", confirm=SHOP)
        assert not OwnAlias.objects.exists()


class TestRules:
    def test_the_number_of_ones_own(self, anna: Client) -> None:
        create_own_alias(ANNA, username=NAME, local_part="anna-club")
        said = refused("third", LimitReached)
        assert said.startswith("2 of 2 own aliases are in use. Delete one")
        assert "bob@example.com set this rule; the admins of example.com can change it." in said
        assert "2 of 2 own aliases are in use." in text(anna, f"{PAGE}new/")
        create_own_alias(BOB, username=NAME, local_part="third")

    def test_the_limit_of_the_domain_counts_them(self) -> None:
        update_domain(ALICE, domain="example.com", aliases=2)
        assert refused("third", LimitReached).startswith("2 of 2 aliases are in use in example.com.")
        assert domain_uses(["example.com"])["example.com"].aliases == 2
        delete_own_alias(ANNA, address=SHOP)
        assert domain_uses(["example.com"])["example.com"].aliases == 1

    def test_names_that_cannot_be(self) -> None:
        create_alias(BOB, address="books@example.com", targets=[NAME])
        for local_part, said in {
            "postmaster": "is kept for the people who run the domain",
            "Abuse": "is kept for the people who run the domain",
            "berta+bank": "can have only",
            "": "Enter the part before the @.",
            "*": "can have only",
            "a@b": "can have only",
            "/etc/passwd": "can have only",
            "ä": "can have only",
            "x" * 65: "at most 64 characters",
            "berta": "A mailbox with this address already exists.",
            "books": "An alias with this address already exists.",
        }.items():
            assert said in refused(local_part), local_part

    def test_the_name_of_a_deleted_mailbox_only_from_an_admin(self) -> None:
        delete_mailbox(ALICE, username="berta@example.com")
        assert "was somebody's mailbox" in refused("berta")
        create_own_alias(BOB, username=NAME, local_part="berta")
        create_own_alias(BOB, username=NAME, local_part="webmaster")

    def test_an_end_lies_ahead(self) -> None:
        with pytest.raises(Invalid, match="already passed"):
            create_own_alias(ANNA, username=NAME, local_part="late", ends=in_days(-1))
        with pytest.raises(Invalid, match="already passed"):
            update_own_alias(ANNA, address=SHOP, ends=in_days(-1))
        end(SHOP)
        update_own_alias(ANNA, address=SHOP, description="still ended")

    def test_where_none_are_allowed_any_more_nothing_is_prolonged(self) -> None:
        set_domain_rules(BOB, domain="example.com", own_aliases=0)
        update_own_alias(ANNA, address=SHOP, description="goes on")
        for later in (None, in_days(10)):
            with pytest.raises(Invalid, match="no aliases of their own"):
                update_own_alias(ANNA, address=SHOP, ends=later)
        update_own_alias(ANNA, address=SHOP, active=False)
        with pytest.raises(Invalid, match="no aliases of their own"):
            update_own_alias(ANNA, address=SHOP, active=True)

    def test_it_leads_home_alone(self) -> None:
        for change in (
            lambda: update_alias(BOB, address=SHOP, targets=[NAME, "x@far.example"]),
            lambda: change_aliases(BOB, domain="example.com", addresses=[SHOP], add_target="x@far.example"),
        ):
            with pytest.raises(Invalid, match=r"an own alias of anna@example\.com"):
                change()
        # Another program may: then it is an alias like any other.
        Alias.objects.filter(address=SHOP).update(goto="x@far.example")
        assert own_addresses() == []
        update_alias(BOB, address=SHOP, targets=["y@far.example"])


class TestRemade:
    def test_they_go_with_their_mailbox(self, bob: Client) -> None:
        page = text(bob, f"/mailboxes/{NAME}/delete/")
        assert f"Its owner's own alias: {SHOP}." in page
        delete_mailbox(BOB, username=NAME)
        assert not Alias.objects.filter(address=SHOP).exists()
        assert not OwnAlias.objects.exists()
        # What is left: info, which also led elsewhere.
        assert domain_uses(["example.com"])["example.com"].aliases == 1

    def test_they_go_with_their_domain(self) -> None:
        delete_domain(ALICE, domain="example.com")
        assert not OwnAlias.objects.exists()

    def test_a_mailbox_made_anew_inherits_none(self) -> None:
        Mailbox.objects.filter(username=NAME).delete()
        Alias.objects.filter(address=NAME).delete()
        create_mailbox(BOB, local_part="anna", domain="example.com", password=PASSWORD)
        assert not Alias.objects.filter(address=SHOP).exists()
        assert not OwnAlias.objects.exists()

    def test_nor_one_that_another_program_made_anew(self) -> None:
        Mailbox.objects.filter(username=NAME).update(created=in_days(-1))
        assert own_addresses() == []
        assert own_of(list(Alias.objects.filter(address=SHOP))) == {}
        with pytest.raises(NotFound):
            delete_own_alias(ANNA, address=SHOP)
        delete_alias(BOB, address=SHOP)

    def test_a_mailbox_that_postfixadmin_made_has_a_fraction_of_a_second(self) -> None:
        fraction = "" if connection.vendor == "mysql" else ".123456"
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE mailbox SET created = '2024-05-06 07:08:09{fraction}'")
        assert own_addresses() == []
        create_own_alias(ANNA, username=NAME, local_part="anna-new")
        assert own_addresses() == ["anna-new@example.com"]
        assert list(own_of(list(Alias.objects.all()))) == ["anna-new@example.com"]

    def test_an_alias_made_anew_by_another_program_has_no_end(self) -> None:
        end(SHOP)
        assert lookups.run(lookups.ALIASES, SHOP) == []
        Alias.objects.filter(address=SHOP).update(created=in_days(-1))
        assert lookups.run(lookups.ALIASES, SHOP) == [NAME]
        Alias.objects.filter(address=SHOP).delete()
        create_own_alias(ANNA, username=NAME, local_part="anna-shop")
        assert OwnAlias.objects.get(address=SHOP).ends is None


def test_an_ended_one_answers_like_one_that_is_off() -> None:
    create_alias(ALICE, address="@example.com", targets=["berta@example.com"])
    mirror = "anna-shop@alias.example"
    assert lookups.run(lookups.ALIASES, SHOP) == [NAME]
    assert lookups.run(lookups.SENDER_LOGINS, SHOP) == [NAME]
    assert lookups.run(lookups.SWITCHED_OFF, mirror) == ["DUNNO"]
    end(SHOP)
    for lookup in (lookups.ALIASES, lookups.SENDER_LOGINS):
        assert lookups.run(lookup, SHOP) == []
    for lookup in (lookups.ALIASDOM_ALIASES, lookups.LOOKUPS["aliasdom_sender_logins"]):
        assert lookups.run(lookup, mirror) == []
    assert lookups.run(lookups.SELF, SHOP) == [SHOP]
    for address in (SHOP, mirror):
        assert lookups.run(lookups.SWITCHED_OFF, address) == [lookups.REFUSAL]
    # A moment before the end it still works, whatever the zone of the server's clock.
    OwnAlias.objects.filter(address=SHOP).update(ends=timezone.now() + dt.timedelta(seconds=60))
    assert lookups.run(lookups.ALIASES, SHOP) == [NAME]
