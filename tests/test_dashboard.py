"""The overview, by role: what needs somebody today, and nothing that is mended by now."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from domains.models import Domain, DomainGuard
from domains.services import set_domain_active
from mailadmin import dashboards
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account, Admin
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from mailadmin.sweep import overview
from mailadmin.sweep.models import Finding, Sweep
from mailadmin.sweep.services import sweep_all
from mailboxes.models import Mailbox, Quota2
from tests.people import admin_client, make_domains, make_mailboxes, signed_in

pytestmark = pytest.mark.django_db


def cost(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/").status_code == 200
    return len(queries)


def text_of(client: Client) -> str:
    """Return the words of the overview."""
    page = client.get("/").content.decode()
    main = page[page.index("<main") : page.index("</main")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", main.replace("<wbr>", "")))


def refuse(target: str, **values: Any) -> AuditEvent:
    fields = {"action": "sign_in_failed", "ip": "192.0.2.9", "time": timezone.now(), "repeats": 1}
    return AuditEvent.objects.create(target=target, domain=target.rpartition("@")[2], **fields | values)


def make_full(username: str, percent: int) -> None:
    make_mailboxes(username, quota=1000)
    Quota2.objects.create(username=username, bytes=percent * 10)


def test_superadmin_before_the_first_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    make_domains("example.com", "other.example")
    make_mailboxes("anna@example.com", "berta@example.com")
    set_domain_active(Actor.cli(), domain="other.example", active=False)
    refuse("x@example.com", repeats=4)
    alice = admin_client("alice@ops.example", superadmin=True)
    page = alice.get("/").content.decode()
    assert "Not everything is checked yet" in page
    assert "1 switched off" in page
    assert "192.0.2.9" in page
    assert "4 refused sign-ins since yesterday" in page
    assert "Domain changed" in page
    assert "All is well" not in page
    monkeypatch.setattr(dashboards, "MOST", 1)
    assert "<strong>1+</strong>" in alice.get("/").content.decode()


def test_superadmin_where_all_is_well() -> None:
    make_domains("example.com", mailboxes=10)
    make_mailboxes("anna@example.com", quota=1000)
    alice = admin_client("alice@ops.example", superadmin=True)
    sweep_all()
    text = text_of(alice)
    assert "Checked at" in text
    assert "All is well" in text
    assert (
        "Looked for and not found: reported intrusions, refused sign-ins, domains near their limits, "
        "mailboxes nearly full, admins without recent sign-in." in text
    )
    Sweep.objects.update(finished=timezone.now() - dt.timedelta(minutes=31))
    assert "Is the worker running?" in text_of(alice)


def test_superadmin_sees_what_needs_somebody_and_not_what_is_mended() -> None:
    make_domains("near.example", "mended.example", mailboxes=2)
    make_domains("full.example")
    make_mailboxes("a@near.example", "b@near.example", "a@mended.example", "b@mended.example")
    for number in range(12):
        make_full(f"m{number:02}@full.example", 90)
    make_full("top@full.example", 99)
    make_full("emptied@full.example", 98)
    long_ago = timezone.now().replace(microsecond=0) - dt.timedelta(days=200)
    for name in ("idle@ops.example", "back@ops.example", "never@ops.example"):
        Admin.objects.create(username=name, password="x", created=long_ago, modified=long_ago)
        last = None if name == "never@ops.example" else long_ago
        Account.objects.create(login=f"admin:{name}", row_created=long_ago, last_login=last)
    alice = admin_client("alice@ops.example", superadmin=True)
    sweep_all()
    text = text_of(alice)
    for name in ("near.example", "mended.example", "top@full.example", "emptied@full.example", "back@ops.example"):
        assert name in text
    assert "2 of 2 mailboxes · full" in text
    assert "the first 8 of 14" in text
    assert text.index("never@ops.example") < text.index("idle@ops.example")
    assert "Looked for and not found: reported intrusions, refused sign-ins." in text
    Domain.objects.filter(domain="mended.example").update(mailboxes=10)
    Quota2.objects.filter(username="emptied@full.example").update(bytes=1)
    Mailbox.objects.filter(username="m00@full.example").delete()
    Account.objects.filter(login="admin:back@ops.example").update(last_login=timezone.now())
    text = text_of(alice)
    for name in ("mended.example", "emptied@full.example", "m00@full.example", "back@ops.example"):
        assert name not in text
    for name in ("near.example", "top@full.example", "idle@ops.example"):
        assert name in text


def test_refused_sign_ins_are_those_of_a_day_with_all_their_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    refuse("slow@example.com", repeats=30)
    refuse("old@example.com", time=now - dt.timedelta(days=2))
    refuse("two@example.com", repeats=2, time=now - dt.timedelta(hours=1))
    alice = admin_client("alice@ops.example", superadmin=True)
    text = text_of(alice)
    assert "32 refused sign-ins since yesterday" in text
    assert "old@example.com" not in text
    monkeypatch.setattr(dashboards, "MOST_REFUSED", 1)
    assert "1+ refused sign-ins since yesterday" in text_of(alice)


def test_domain_admin() -> None:
    make_domains("example.com", mailboxes=10)
    make_domains("other.example")
    make_mailboxes("anna@example.com", "berta@example.com")
    bob = admin_client("bob@example.com", domains=["example.com"])
    page = bob.get("/").content.decode()
    assert "<strong>2</strong> of 10" in page
    assert "other.example" not in page
    assert "Not everything is checked yet" in page
    assert "No domain is yours yet" in admin_client("carl@example.com").get("/").content.decode()
    sweep_all()
    assert "All is well" in text_of(bob)
    assert "<strong>2</strong> of 10" in bob.get("/").content.decode()


def test_a_domain_admin_sees_what_needs_somebody_in_own_domains_only() -> None:
    make_domains("own.example", "roomy.example", "others.example", "z-near.example", mailboxes=50)
    Domain.objects.filter(domain="z-near.example").update(mailboxes=10)
    make_mailboxes(*(f"m{number}@z-near.example" for number in range(9)))
    for name in ("own.example", "others.example"):
        make_full(f"full@{name}", 95)
        refuse(f"guessed@{name}")
    bob = admin_client("bob@ops.example", domains=["own.example", "roomy.example", "z-near.example"])
    sweep_all()
    text = text_of(bob)
    assert "full@own.example" in text and "guessed@own.example" in text
    assert "others.example" not in text
    # Those near their limits come first, then by name.
    assert text.index("z-near.example") < text.index("roomy.example")
    assert "9 of 10 · nearly full" in text
    # A finding of a domain that was taken away, or that somebody wrote there, is not shown.
    assert Finding.objects.filter(key="full@others.example").update(domain="own.example", share=2000) == 1
    assert "others.example" not in text_of(bob)


def test_the_fullest_of_many_domains_are_the_fullest_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboards, "TOP", 2)
    monkeypatch.setattr(overview, "SHOWN", 2)
    names = [f"d{number}.example" for number in range(6)]
    make_domains(*names)
    for number, name in enumerate(names):
        make_full(f"m@{name}", 90 + number)
    make_full("second@d5.example", 94)
    bob = admin_client("bob@ops.example", domains=names)
    sweep_all()
    text = text_of(bob)
    shown = re.findall(r"\w+@d\d\.example", text[text.index("nearly full") : text.index("Your domains")])
    assert shown[0] == "m@d5.example" and shown[1] in ("m@d4.example", "second@d5.example") and len(shown) == 2
    assert "the first 2 of 7" in text


def test_old_changes_of_a_quiet_domain_are_found_behind_many_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboards, "LOOKED_AT_CHANGES", 5)
    make_domains("quiet.example", "other.example")
    now = timezone.now()

    def change(target: str, **values: Any) -> None:
        fields = {"action": "edit_mailbox", "time": now, "target": target, "domain": target.rpartition("@")[2]}
        AuditEvent.objects.create(**fields | values)

    change("old@quiet.example")
    change("secret@other.example")
    change("signed-in@quiet.example", action="sign_in")
    for number in range(10):
        change(f"m{number}@other.example")
    text = text_of(admin_client("bob@ops.example", domains=["quiet.example"]))
    assert "old@quiet.example" in text
    assert "other.example" not in text and "signed-in" not in text
    text = text_of(admin_client("carl@ops.example", domains=["quiet.example", "other.example"]))
    assert [text.index(f"m{number}@") for number in range(9, 1, -1)] == sorted(
        text.index(f"m{number}@") for number in range(9, 1, -1)
    )


def test_mailbox_user() -> None:
    make_domains("example.com")
    make_mailboxes("anna@example.com", password="x")
    assert signed_in(AccountKind.MAILBOX, "anna@example.com").get("/")["Location"] == "/account/"


@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.parametrize("superadmin", [True, False])
def test_the_overview_costs_the_same_for_any_number(superadmin: bool, swept: bool) -> None:
    names = [f"d{number}.example" for number in range(40)]
    make_domains(*names, mailboxes=5)
    # The changes of a quiet admin are looked for in up to eight domains, one by one.
    for name in names[:10]:
        make_full(f"m@{name}", 99)
        refuse(f"m@{name}")
    make_mailboxes(*(f"near{number}@{names[0]}" for number in range(5)))
    few_client = admin_client("few@ops.example", superadmin=superadmin, domains=names[:10])
    if swept:
        sweep_all()
    few = cost(few_client)
    make_mailboxes(*(f"m{number}@{name}" for number in range(5) for name in names))
    for name in names[10:]:
        make_full(f"m@{name}", 99)
        refuse(f"m@{name}")
    many_client = admin_client("many@ops.example", superadmin=superadmin, domains=names)
    if swept:
        sweep_all()
        assert DomainGuard.objects.filter(counted__isnull=False).count() == 40
    assert cost(many_client) == few
    assert few <= 31
