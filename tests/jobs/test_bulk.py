"""Changing what was chosen in a list."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aliases.models import Alias, AliasTarget
from domains.models import Domain
from mailadmin.accounts.models import Admin
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.jobs.models import Job
from mailadmin.jobs.services import actor_of_job, queue_job
from mailboxes.models import Mailbox
from tests.jobs.firm import ALIASES, MAILBOXES, active, confirm, events, make_aliases, make_firm, preview, queued
from tests.people import admin_client, make_mailboxes

ANNA, BERTA, INFO = "anna@example.com", "berta@example.com", "info@example.com"


@pytest.fixture
def firm(db: None) -> list[str]:
    return make_firm(3)


@pytest.fixture
def bob(firm: list[str]) -> Client:
    return admin_client("bob@ops.example", domains=["example.com"])


@pytest.fixture
def charlie(firm: list[str]) -> Client:
    return admin_client("charlie@ops.example", domains=["other.example"])


def toast(client: Client) -> str:
    return " ".join(str(message) for message in client.get("/domains/").context["messages"])


def test_a_few_change_within_the_request_as_one_batch(bob: Client, firm: list[str]) -> None:
    Mailbox.objects.filter(username=firm[0]).update(active=False)
    page = preview(bob, "mailboxes_off", key=firm)
    text = page.content.decode()
    assert page.context["checked"].change == firm[1:]
    assert "<strong>2</strong> will change" in text and "1 is so already" in text
    assert (active(), events()) == (2, 0)
    answer = confirm(bob, "mailboxes_off", key=firm)
    assert answer["Location"] == "/domains/example.com/mailboxes/"
    assert toast(bob) == "2 changed. 1 was so already."
    assert active() == 0
    batches = set(AuditEvent.objects.filter(action="edit_mailbox_state").values_list("batch_id", flat=True))
    assert len(batches) == 1 and "" not in batches
    assert not Job.objects.exists()


@pytest.mark.parametrize(("path", "name"), [("mailboxes", "m00001@example.com"), ("aliases", INFO)])
def test_the_list_offers_its_rows_and_all_that_match(bob: Client, path: str, name: str) -> None:
    make_aliases(INFO, "office@example.com", "post@example.com")
    page = bob.get(f"/domains/example.com/{path}/").content.decode()
    assert "Select all 3" in page and f'action="/domains/example.com/{path}/bulk/"' in page
    assert f'<input type="checkbox" name="key" value="{name}" form="bulk"' in page
    page = bob.get(f"/domains/example.com/{path}/?q={name}").content.decode()
    assert "Select the one that matches" in page and f'name="q" value="{name}"' in page


def test_the_filter_travels_not_the_names(bob: Client, firm: list[str]) -> None:
    Mailbox.objects.filter(username=firm[0]).update(active=False)
    page = preview(bob, "mailboxes_on", state="off")
    assert page.context["checked"].change == firm[:1]
    assert firm[0] not in [value for key, value in page.wsgi_request.POST.items() if key == "key"]
    confirm(bob, "mailboxes_off", q="m00002")
    assert sorted(Mailbox.objects.filter(active=False).values_list("username", flat=True)) == [firm[0], firm[2]]


def test_foreign_rows_are_not_chosen(bob: Client, charlie: Client, firm: list[str]) -> None:
    make_mailboxes("otto@other.example")
    assert charlie.post(MAILBOXES, {"change": "mailboxes_off", "everything": "1"}).status_code == 404
    theirs = "/domains/other.example/mailboxes/bulk/"
    assert charlie.post(theirs, {"change": "mailboxes_off", "key": firm})["Location"].endswith("/mailboxes/")
    assert toast(charlie) == "Choose at least one."
    page = preview(bob, "mailboxes_off", key=[firm[0], "otto@other.example"])
    assert page.context["checked"].change == firm[:1]
    confirm(bob, "mailboxes_off", key=[firm[0], "otto@other.example"])
    assert Mailbox.objects.get(username="otto@other.example").active


def test_a_foreign_job_is_nobodys_business(bob: Client, charlie: Client) -> None:
    make_mailboxes(*(f"n{number:03}@example.com" for number in range(300)))
    job = queued(bob, "mailboxes_off")
    path = f"/jobs/{job.batch_id}/"
    assert bob.get(path).status_code == 200 and path in bob.get("/jobs/").content.decode()
    assert charlie.get(path).status_code == charlie.post(f"{path}cancel/").status_code == 404
    assert path not in charlie.get("/jobs/").content.decode()
    alice = admin_client("alice@ops.example", superadmin=True)
    assert path in alice.get("/jobs/").content.decode()
    # A later admin of the same name does not see it.
    Job.objects.update(actor_since="2020-01-01T00:00Z")
    assert bob.get(path).status_code == 404
    job.refresh_from_db()
    assert (job.state, job.cancel_requested) == ("queued", False)


@pytest.mark.usefixtures("bob")
def test_a_job_is_of_the_admin_who_began_it() -> None:
    actor = Actor(ActorKind.ADMIN, "bob@ops.example")
    fraction = "" if connection.vendor == "mysql" else ".123456"
    with connection.cursor() as cursor:
        # As PostfixAdmin leaves it on PostgreSQL.
        cursor.execute(f"UPDATE admin SET created = '2024-05-06 07:08:09{fraction}'")
    job = queue_job(actor, kind="mailboxes_off", domain="example.com", arguments={}, total=1)
    assert actor_of_job(job) == replace(actor, batch_id=job.batch_id, via=job.via)
    Admin.objects.update(created=timezone.now())
    assert actor_of_job(job) is None


def test_what_was_confirmed_is_what_was_seen(bob: Client, firm: list[str]) -> None:
    seen = preview(bob, "mailboxes_off").context["seen"]
    make_mailboxes(BERTA)
    bob.post(MAILBOXES, {"change": "mailboxes_off", "everything": "1", "confirm": "1", "seen": seen})
    assert "The list has changed" in toast(bob)
    bob.post(MAILBOXES, {"change": "mailboxes_off", "everything": "1", "confirm": "1"})
    assert active() == 4


def test_the_quota_is_asked_and_judged(bob: Client, firm: list[str]) -> None:
    Domain.objects.filter(domain="example.com").update(quota=10, maxquota=8)
    page = bob.post(MAILBOXES, {"change": "mailboxes_quota", "everything": "1"})
    assert "Show what will change" in page.content.decode() and not page.context["form"].is_bound
    page = bob.post(MAILBOXES, {"change": "mailboxes_quota", "everything": "1", "look": "1", "quota": "lots"})
    assert page.context["form"].errors["quota"]
    page = preview(bob, "mailboxes_quota", quota="4 MB")
    assert list(page.context["checked"].refused) == firm[2:]
    assert "2 MB are left" in page.content.decode()
    answer = confirm(bob, "mailboxes_quota", quota="4 MB")
    assert answer.status_code == 200 and events() == 0
    confirm(bob, "mailboxes_quota", quota="4 MB", leave_out="1")
    assert list(Mailbox.objects.order_by("username").values_list("quota", flat=True)) == [4 * 1024**2] * 2 + [0]


def test_what_is_given_back_is_there_for_the_others(bob: Client, firm: list[str]) -> None:
    for name, size in zip(firm, (1, 1, 8), strict=True):
        Mailbox.objects.filter(username=name).update(quota=size * 1024**2)
    Domain.objects.filter(domain="example.com").update(quota=10)
    assert not preview(bob, "mailboxes_quota", quota="3 MB").context["checked"].refused
    confirm(bob, "mailboxes_quota", quota="3 MB")
    assert set(Mailbox.objects.values_list("quota", flat=True)) == {3 * 1024**2}


def test_deleting_asks_for_the_number_and_cleans_up(bob: Client, firm: list[str]) -> None:
    make_aliases(INFO, goto=firm[0])
    make_aliases("all@example.com", goto="outside@remote.example")
    Alias.objects.filter(address="all@example.com").update(goto=f"outside@remote.example,{firm[1]}")
    AliasTarget.objects.create(target=firm[1], target_domain="example.com", address="all@example.com")
    answer = confirm(bob, "mailboxes_delete", count="2")
    assert answer.context["counted"].errors and Mailbox.objects.count() == 3
    confirm(bob, "mailboxes_delete", count="3")
    assert not Mailbox.objects.exists()
    assert dict(Alias.objects.values_list("address", "goto")) == {"all@example.com": "outside@remote.example"}
    event = AuditEvent.objects.get(action="delete_mailbox", target=firm[0])
    assert event.after == {"aliases_changed": {}, "aliases_deleted": [INFO]}


def test_targets_are_added_and_removed(bob: Client) -> None:
    names = [f"a{number}@example.com" for number in range(4)]
    make_aliases(*names)
    confirm(bob, "aliases_add_target", path=ALIASES, target="New@Remote.example")
    assert set(Alias.objects.filter(address__in=names).values_list("goto", flat=True)) == {
        "outside@remote.example,new@remote.example"
    }
    assert AliasTarget.objects.filter(target="new@remote.example").count() == 4
    confirm(bob, "aliases_remove_target", path=ALIASES, target="outside@remote.example", key=names[:2])
    assert Alias.objects.filter(goto="new@remote.example").count() == 2
    page = preview(bob, "aliases_remove_target", path=ALIASES, target="new@remote.example")
    assert sorted(page.context["checked"].refused) == names[:2]
    # The second in a chain closes the circle.
    page = preview(bob, "aliases_add_target", path=ALIASES, target=names[0])
    assert list(page.context["checked"].refused) == names[:1]
    confirm(bob, "aliases_off", path=ALIASES)
    confirm(bob, "aliases_delete", path=ALIASES, count="4")
    assert not Alias.objects.filter(address__in=names).exists() and Mailbox.objects.count() == 3


def test_rows_of_mailboxes_are_no_aliases(bob: Client, firm: list[str]) -> None:
    assert bob.post(ALIASES, {"change": "aliases_delete", "key": firm}).status_code == 302
    assert toast(bob) == "Choose at least one."


@pytest.mark.parametrize("change", ["", "nothing", "aliases_off"])
def test_no_change_leads_back_to_the_list(bob: Client, change: str) -> None:
    answer = bob.post(MAILBOXES, {"change": change, "everything": "1"})
    assert answer["Location"] == "/domains/example.com/mailboxes/"


@pytest.mark.parametrize(
    ("change", "fields"), [("mailboxes_off", {}), ("mailboxes_quota", {"quota": "5 MB"}), ("mailboxes_delete", {})]
)
def test_a_hundred_cost_as_many_queries_as_ten(db: None, change: str, fields: dict[str, str]) -> None:
    make_firm(200)
    bob = admin_client("bob@ops.example", domains=["example.com"])
    counts = []
    for prefix, size in (("m0000", 10), ("m001", 100)):
        q = {"q": prefix}
        with CaptureQueriesContext(connection) as looking:
            preview(bob, change, **q, **fields)
        with CaptureQueriesContext(connection) as doing:
            confirm(bob, change, **q, **fields, count=str(size))
        assert toast(bob) == f"{size} changed."
        counts.append((len(looking), len(doing)))
    assert counts[0] == counts[1]
    assert counts[0][0] < 20 and counts[0][1] < 80
