"""What stands in an alias row for a vacation program: no forwarding, in step with the vacation, and gone with it."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone

from aliases.models import Alias, AliasTarget
from aliases.services import update_alias
from aliases.targets import write_gotos
from domains.services import free_domain_name
from mailadmin.accounts.credentials import AccountKind
from mailadmin.core.errors import Invalid
from mailadmin.sweep.services import sweep_all
from mailboxes import vacation_entry
from mailboxes.models import Vacation, VacationNotification
from mailboxes.services import delete_mailbox, update_mailbox
from mailboxes.vacation import set_vacation
from tests.operations.cases import ALICE, populate
from tests.operations.pages import press
from tests.people import signed_in

ANNA = "anna@example.com"
BERTA = "berta@example.com"
DOMAIN = "autoreply.example.org"
ENTRY = f"anna#example.com@{DOMAIN}"
WITH_ENTRY = f"{ANNA},{ENTRY}"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world(db: None) -> None:
    populate()


@pytest.fixture
def transport() -> Iterator[None]:
    with override_settings(MAILADMIN_VACATION="transport", MAILADMIN_VACATION_DOMAIN=DOMAIN):
        yield


@pytest.fixture
def old_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostfixAdmin is in use beside this panel."""
    monkeypatch.setattr(vacation_entry, "is_old_panel_in_use", lambda: True)


@pytest.fixture
def bob() -> Client:
    return signed_in(AccountKind.ADMIN, "bob@example.com")


def goto(address: str = ANNA) -> str:
    return Alias.objects.get(address=address).goto


def write(*targets: str, address: str = ANNA) -> None:
    Alias.objects.filter(address=address).update(goto=",".join(targets))


def switch(active: bool = True, *, until: dt.timedelta | None = None, begin: dt.timedelta | None = None) -> None:
    """Set the vacation, and then its times as another program would."""
    set_vacation(ALICE, username=ANNA, active=active, subject="Away", body="Back soon")
    times = {"activeuntil": until, "activefrom": begin}
    values = {name: timezone.now() + delta for name, delta in times.items() if delta is not None}
    if values:
        Vacation.objects.filter(email=ANNA).update(**values)


def expire() -> None:
    call_command("vacation_expire", stdout=None)


HOUR = dt.timedelta(hours=1)


def test_it_goes_when_the_vacation_is_switched_off(old_panel: None) -> None:
    write("out@far.example", "Anna#Example.com@autoreply.example.org", "berta#example.com@autoreply.example.org", ANNA)
    switch()
    assert "Anna#Example.com@" in goto()
    switch(active=False)
    assert goto() == f"out@far.example,berta#example.com@autoreply.example.org,{ANNA}"
    assert not AliasTarget.objects.filter(address=ANNA, target=ENTRY).exists()


def test_a_mailbox_that_had_nothing_else_keeps_its_mail() -> None:
    write(ENTRY)
    switch()
    switch(active=False)
    assert goto() == ANNA


def test_the_forwarding_page_hides_and_keeps_it(bob: Client, transport: None) -> None:
    expire()
    for page in ("", "forwarding/"):
        assert "autoreply" not in bob.get(f"/mailboxes/{ANNA}/{page}").content.decode()
    press(bob, f"/mailboxes/{ANNA}/forwarding/", targets="out@far.example")
    assert sorted(goto().split(",")) == sorted([ENTRY, ANNA, "out@far.example"])


@pytest.mark.usefixtures("transport")
class TestTransport:
    def test_it_stands_there_while_the_vacation_is_on(self) -> None:
        switch()
        assert goto() == WITH_ENTRY
        assert AliasTarget.objects.filter(address=ANNA, target=ENTRY, target_domain=DOMAIN).exists()
        switch(active=False)
        assert goto() == ANNA
        assert not AliasTarget.objects.filter(address=ANNA, target=ENTRY).exists()

    def test_one_that_is_to_come_has_it_already(self) -> None:
        set_vacation(ALICE, username=ANNA, active=True, subject="A", body="B", activefrom=timezone.now() + HOUR)
        assert goto() == WITH_ENTRY

    def test_the_entry_of_another_domain_is_replaced(self) -> None:
        write(ANNA, "anna#example.com@old.example")
        switch()
        assert goto() == WITH_ENTRY

    def test_a_mailbox_whose_row_held_the_entry_alone_gets_its_mail_again(self) -> None:
        write(ENTRY)
        switch()
        assert goto() == WITH_ENTRY

    def test_a_change_of_the_alias_row_keeps_it(self) -> None:
        switch()
        update_alias(ALICE, address=ANNA, targets=["out@far.example"])
        assert goto() == f"out@far.example,{ENTRY}"

    def test_a_change_of_the_alias_row_drops_it_after_the_end(self) -> None:
        switch(until=-HOUR)
        assert goto() == WITH_ENTRY
        update_alias(ALICE, address=ANNA, description="Anna")
        assert goto() == ANNA

    def test_a_missing_row_is_repaired_with_it(self) -> None:
        switch()
        Alias.objects.filter(address=ANNA).delete()
        update_mailbox(ALICE, username=ANNA)
        assert goto() == WITH_ENTRY

    def test_deleting_the_only_target_of_a_forward_leaves_the_mailbox_its_mail(self) -> None:
        switch()
        update_alias(ALICE, address=ANNA, targets=[BERTA])
        assert goto() == f"{BERTA},{ENTRY}"
        delete_mailbox(ALICE, username=BERTA)
        assert goto() == WITH_ENTRY

    def test_it_goes_with_its_mailbox(self) -> None:
        switch()
        delete_mailbox(ALICE, username=ANNA)
        assert not AliasTarget.objects.filter(target=ENTRY).exists()
        assert not Alias.objects.filter(goto__contains="#").exists()

    @pytest.mark.parametrize("do", [expire, sweep_all], ids=["command", "worker"])
    def test_the_end_takes_it_away(self, do: object) -> None:
        switch(until=-HOUR)
        assert goto() == WITH_ENTRY
        for name in (ANNA, BERTA):
            Vacation.objects.get_or_create(
                email=name, defaults={"domain": "example.com", "subject": "", "body": "", "modified": timezone.now()}
            )
            VacationNotification.objects.create(on_vacation=name, notified="x@far.example", notified_at=timezone.now())
        do()  # type: ignore[operator]
        assert goto() == ANNA
        # Who was answered is forgotten where it is over, and only there.
        assert list(VacationNotification.objects.values_list("on_vacation", flat=True)) == [BERTA]

    def test_the_command_gives_and_takes(self) -> None:
        write("out@far.example", ANNA)
        write(BERTA, f"berta#example.com@{DOMAIN}", address=BERTA)
        AliasTarget.objects.create(target=f"berta#example.com@{DOMAIN}", target_domain=DOMAIN, address=BERTA)
        expire()
        assert goto() == f"out@far.example,{ANNA},{ENTRY}"
        # It has no vacation at all.
        assert goto(BERTA) == BERTA
        before = Alias.objects.get(address=ANNA).modified
        expire()
        assert Alias.objects.get(address=ANNA).modified == before

    def test_a_leftover_of_another_domain_goes_too(self) -> None:
        write_gotos({ANNA: f"{ANNA},anna#example.com@old.example"}, modified=timezone.now())
        Vacation.objects.filter(email=ANNA).delete()
        expire()
        assert goto() == ANNA

    def test_an_alias_of_no_mailbox_is_left_alone(self) -> None:
        address = f"info#example.com@{DOMAIN}"
        write("out@far.example", address, address="info@example.com")
        Vacation.objects.create(
            email="info@example.com", domain="example.com", subject="", body="", active=True, modified=timezone.now()
        )
        expire()
        assert goto("info@example.com") == f"out@far.example,{address}"

    def test_the_domain_can_be_nobodys(self) -> None:
        with pytest.raises(Invalid, match="kept for vacation replies"):
            free_domain_name(DOMAIN)


class TestSieve:
    def test_a_save_drops_it(self) -> None:
        write(ANNA, ENTRY)
        set_vacation(ALICE, username=ANNA, active=True, subject="Other", body="Back soon")
        assert goto() == ANNA

    def test_the_command_drops_it(self) -> None:
        write(ANNA, ENTRY)
        expire()
        assert goto() == ANNA

    def test_both_keep_it_while_postfixadmin_is_in_use(self, old_panel: None) -> None:
        write(ANNA, ENTRY)
        switch()
        expire()
        update_alias(ALICE, address=ANNA, targets=[ANNA, ENTRY, "out@far.example"])
        assert goto() == f"{ANNA},{ENTRY},out@far.example"

    def test_after_the_end_it_goes_in_any_case(self, old_panel: None) -> None:
        switch(until=-HOUR)
        write(ANNA, ENTRY)
        expire()
        assert goto() == ANNA

    def test_those_whose_vacation_is_gone_are_found_and_dropped(self) -> None:
        """As after MAILADMIN_VACATION=transport, whose domain the settings do not name any more."""
        with override_settings(MAILADMIN_VACATION="transport", MAILADMIN_VACATION_DOMAIN=DOMAIN):
            switch()
        info = f"out@far.example,a#example.com@{DOMAIN}"
        write_gotos({"info@example.com": info}, modified=timezone.now())
        Vacation.objects.filter(email=ANNA).delete()
        assert goto() == WITH_ENTRY
        assert vacation_entry.entry_domains() == [DOMAIN]
        expire()
        assert (goto(), goto("info@example.com")) == (ANNA, info)
        assert vacation_entry.entry_domains() == []

    def test_none_is_passed_over_between_two_batches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Neither of one address that holds much that looks like an entry, nor of several addresses."""
        old = "autoreply.old.example"
        others = [f"{name}#example.com@{old}" for name in ("aaron", "abel", "zoe")]
        write_gotos(
            {
                ANNA: ",".join([ANNA, *others, f"anna#example.com@{old}", ENTRY]),
                BERTA: ",".join([BERTA, *others, f"berta#example.com@{old}"]),
            },
            modified=timezone.now(),
        )
        monkeypatch.setattr(vacation_entry, "SIZE", 1)
        assert vacation_entry.entry_domains() == [DOMAIN, old]
        expire()
        assert (goto(), goto(BERTA)) == (",".join([ANNA, *others]), ",".join([BERTA, *others]))

    def test_the_domains_of_entries_are_found(self) -> None:
        write(ANNA, "anna#example.com@Autoreply.Old.example")
        assert vacation_entry.entry_domains() == ["autoreply.old.example"]
