"""Where mail to a mailbox goes: set by its owner within the domain's rules, or by an admin, whom they do not bind."""

import html

import pytest
from django.test import Client

from aliases.models import Alias, AliasTarget
from aliases.services import create_alias
from domains.rules import set_domain_rules
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account
from mailadmin.audit.models import AuditEvent
from mailadmin.core.errors import Invalid, NotFound
from mailboxes import vacation_entry
from mailboxes.forwarding import set_forwarding
from mailboxes.models import Mailbox
from mailboxes.vacation import set_vacation
from tests.operations.cases import ALICE, ANNA, BOB, populate
from tests.operations.pages import press, send
from tests.people import signed_in

pytestmark = pytest.mark.django_db

PAGE = "/account/forwarding/"
NAME = "anna@example.com"
BERTA = "berta@example.com"


@pytest.fixture(autouse=True)
def world(db: None) -> None:
    populate()


@pytest.fixture
def anna() -> Client:
    Account.objects.filter(login=f"mailbox:{NAME}").delete()
    return signed_in(AccountKind.MAILBOX, NAME)


def goto(address: str = NAME) -> str:
    return Alias.objects.get(address=address).goto


def refused(*targets: str, keep_copy: bool = True) -> str:
    before = goto()
    with pytest.raises(Invalid) as error:
        set_forwarding(ANNA, username=NAME, targets=targets, keep_copy=keep_copy)
    assert list(error.value.messages) == ["targets"]
    assert goto() == before
    return error.value.message


def test_a_person_sends_mail_on_and_keeps_a_copy_or_not(anna: Client) -> None:
    press(anna, PAGE, targets="Out@far.example\r\nberta@example.com")
    assert goto() == f"{NAME},out@far.example,berta@example.com"
    assert AliasTarget.objects.filter(address=NAME, target="out@far.example").exists()
    event = AuditEvent.objects.order_by("-id")[0]
    assert (event.action, event.actor, event.target, event.domain) == ("edit_alias", NAME, NAME, "example.com")
    page = html.unescape(anna.get(PAGE).content.decode()).replace("<wbr>", "")
    assert "Mail is kept here and sent on to out@far.example, berta@example.com." in page
    press(anna, PAGE, keep=False)
    assert goto() == "out@far.example,berta@example.com"
    assert "Nothing is kept here" in anna.get(PAGE).content.decode()
    press(anna, PAGE, targets="", keep=True)
    assert goto() == NAME


def test_mail_never_goes_nowhere(anna: Client) -> None:
    assert refused(keep_copy=False) == "Enter an address, or keep a copy here: mail must go somewhere."
    Alias.objects.filter(address=NAME).update(goto=f"anna#example.com@autoreply.example.org,{NAME}")
    assert "somewhere" in refused(" ", keep_copy=False)
    assert send(anna, PAGE, keep=False)[0] == 200


def test_the_own_address_as_a_target_is_a_copy() -> None:
    set_forwarding(ANNA, username=NAME, targets=["ANNA@example.com", "x@far.example"], keep_copy=False)
    assert goto() == f"{NAME},x@far.example"


def test_nothing_changed_writes_nothing(anna: Client) -> None:
    Alias.objects.filter(address=NAME).update(goto="Out@Far.example, anna@example.com ,|/bin/old")
    events = AuditEvent.objects.count()
    press(anna, PAGE)
    set_forwarding(ANNA, username=NAME, targets=["Out@Far.example", "|/bin/old"], keep_copy=True)
    assert goto() == "Out@Far.example, anna@example.com ,|/bin/old"
    assert AuditEvent.objects.count() == events


def test_two_people_cannot_send_mail_in_a_circle(anna: Client) -> None:
    set_forwarding(BOB, username=BERTA, targets=[NAME], keep_copy=False)
    path = f"{NAME} → {BERTA} → {NAME}"
    assert refused(BERTA) == f"Mail would go in a circle: {path}."
    assert path in send(anna, PAGE, targets=BERTA)[1].replace("<wbr>", "")
    assert "circle" in refused("anna@alias.example")


def test_a_missing_row_is_made_and_one_that_is_off_follows_the_mailbox(anna: Client) -> None:
    Alias.objects.filter(address=NAME).delete()
    assert "as long as no catch-all takes it" in anna.get(PAGE).content.decode()
    press(anna, PAGE, targets="x@far.example")
    row = Alias.objects.get(address=NAME)
    assert (row.goto, row.domain, row.active) == (f"{NAME},x@far.example", "example.com", True)
    Alias.objects.filter(address=NAME).update(active=False)
    assert "another program switched that off" in anna.get(PAGE).content.decode()
    press(anna, PAGE)
    assert Alias.objects.get(address=NAME).active


def test_targets_outside_are_refused_where_the_domain_forbids_them(anna: Client) -> None:
    set_forwarding(ANNA, username=NAME, targets=["old@far.example"], keep_copy=True)
    create_alias(ALICE, address="leads-out@example.com", targets=["x@far.example"])
    set_domain_rules(BOB, domain="example.com", forward_outside=False)
    text = refused("old@far.example", "x@far.example", "y@third.example")
    assert text == (
        "x@far.example, y@third.example: mail of example.com may only be sent on to addresses at example.com, "
        "alias.example. bob@example.com set this rule; the admins of example.com can change it."
    )
    assert text in send(anna, PAGE, targets="x@far.example\r\ny@third.example")[1].replace("<wbr>", "")
    # What was there is not judged again; an alias inside was made by an admin, wherever it leads.
    inside = ["old@far.example", "berta@alias.example", "leads-out@example.com"]
    set_forwarding(ANNA, username=NAME, targets=inside, keep_copy=False)
    assert goto() == ",".join(inside)
    set_forwarding(BOB, username=NAME, targets=["x@far.example"], keep_copy=True)
    assert goto() == f"{NAME},x@far.example"


def test_no_vacation_entry_gets_past_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside PostfixAdmin the entry of a running vacation stays as it is, whatever its domain, and no page shows it."""
    monkeypatch.setattr(vacation_entry, "is_old_panel_in_use", lambda: True)
    set_vacation(ANNA, username=NAME, active=True, subject="Away", body="Back soon.")
    set_domain_rules(BOB, domain="example.com", forward_outside=False)
    set_forwarding(ANNA, username=NAME, targets=["anna#example.com@far.example", BERTA], keep_copy=False)
    assert goto() == BERTA
    assert "somewhere" in refused("anna#example.com@far.example", keep_copy=False)
    entry = "anna#example.com@autoreply.example.org"
    Alias.objects.filter(address=NAME).update(goto=f"{NAME},{entry}")
    set_forwarding(ANNA, username=NAME, targets=[BERTA, entry], keep_copy=True)
    assert sorted(goto().split(",")) == sorted([NAME, BERTA, entry])


def test_the_number_of_targets_is_limited(anna: Client) -> None:
    set_forwarding(BOB, username=NAME, targets=["a@far.example", "b@far.example", "c@far.example"], keep_copy=True)
    set_domain_rules(ALICE, domain="example.com", forward_max=2)
    text = refused("a@far.example", "b@far.example", "d@far.example")
    assert text.startswith("Mail of example.com may be sent on to at most 2 addresses. alice@ops.example set this rule")
    # Fewer than before is not refused, though still too many.
    set_forwarding(ANNA, username=NAME, targets=["a@far.example", "c@far.example", "b@far.example"], keep_copy=False)
    set_forwarding(ANNA, username=NAME, targets=["a@far.example", "d@far.example"], keep_copy=True)
    set_domain_rules(ALICE, domain="example.com", forward_max=0)
    assert refused("e@far.example").startswith("Mail of example.com may not be sent on. alice@ops.example set")
    press(anna, PAGE, targets="")
    assert goto() == NAME
    page = anna.get(PAGE).content.decode()
    assert "may not be sent on" in page
    assert 'name="targets"' not in page
    assert send(signed_in(AccountKind.ADMIN, "bob@example.com"), f"/mailboxes/{NAME}/forwarding/")[0] == 302


def test_each_on_their_own_page(anna: Client) -> None:
    with pytest.raises(NotFound):
        set_forwarding(ANNA, username=BERTA, targets=["x@far.example"], keep_copy=True)
    for name in (NAME, BERTA):
        assert anna.get(f"/mailboxes/{name}/forwarding/").status_code == 404
    assert signed_in(AccountKind.ADMIN, "bob@example.com").get(PAGE).status_code == 404
    assert f'href="{PAGE}"' in anna.get("/account/").content.decode()


def test_the_state_of_a_mailbox_that_is_off_is_said() -> None:
    Mailbox.objects.filter(username=NAME).update(active=False)
    bob = signed_in(AccountKind.ADMIN, "bob@example.com")
    assert "The mailbox is off: mail to it is refused." in bob.get(f"/mailboxes/{NAME}/forwarding/").content.decode()
