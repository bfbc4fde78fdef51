"""The columns of the list of admins, its export, and the way back from its switches."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from mailadmin.accounts.models import Account, Admin
from tests.exports import export_cost, exported
from tests.people import admin_client, make_domains

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Client:
    make_domains("example.com", "other.example")
    return admin_client("alice@ops.example", superadmin=True)


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("", ["Kind", "Domains", "Last sign-in", "Active"]),
        ("?columns=created,kind", ["Kind", "Created"]),
        ("?columns=", []),
        ("?columns=password", ["Kind", "Domains", "Last sign-in", "Active"]),
    ],
)
def test_columns_are_in_the_url(alice: Client, query: str, labels: list[str]) -> None:
    page = alice.get(f"/admins/{query}").content.decode()
    assert re.findall(r'data-label="([^"]+)"', page) == labels


def test_an_export_holds_what_is_listed_and_no_secret(alice: Client) -> None:
    admin_client("bob@example.com", domains=["example.com", "other.example"])
    others = Admin.objects.exclude(username="alice@ops.example")
    others.update(password="{X}hashed", token="tokenvalue", totp_secret="totpvalue")
    Account.objects.filter(login="admin:bob@example.com").update(last_login=None)
    rows = exported(alice, "/admins/?format=csv")
    assert rows[1] == {
        "Name": "bob@example.com",
        "Kind": "Domain admin",
        "Domains": "2",
        "Last sign-in": "",
        "Active": "yes",
    }
    assert (rows[0]["Kind"], rows[0]["Domains"]) == ("Superadmin", "all")
    text = str(exported(alice, "/admins/?format=csv&columns=kind,created,modified,password,token,totp_secret"))
    assert "hashed" not in text and "tokenvalue" not in text and "totpvalue" not in text
    assert [row["Name"] for row in exported(alice, "/admins/?format=csv&show=superadmins")] == ["alice@ops.example"]


def test_only_superadmins_export_admins(alice: Client) -> None:
    assert admin_client("bob@example.com", domains=["example.com"]).get("/admins/?format=csv").status_code == 403


def test_ten_thousand_rows_cost_the_same_per_batch(alice: Client) -> None:
    now = timezone.now()
    names = [f"=m{number:05}@example.com" for number in range(10_000)]
    Admin.objects.bulk_create(Admin(username=name, password="x", created=now, modified=now) for name in names)
    before, cost, rows = export_cost(alice, "/admins/?format=csv")
    assert (rows, before < 8) == (10_001, True)
    # 21 batches: the admins, the marks of superadmins, the domains, the sign-ins.
    assert cost == 21 * 4
    assert exported(alice, "/admins/?format=csv&q=m00007")[0]["Name"] == "'=m00007@example.com"


def test_a_switch_can_be_undone_without_javascript(alice: Client) -> None:
    admin_client("bob@example.com")
    toggle, here = "/admins/bob@example.com/toggle/", "/admins/?columns=state"
    page = alice.post(toggle, {"active": "0", "next": here}, follow=True).content.decode()
    assert f'action="{toggle}" data-undo="1"' in page
    assert f'name="next" value="{here}"' in page
    assert alice.post(toggle, {"active": "1", "next": here})["Location"] == here
    assert Admin.objects.get(username="bob@example.com").active


def test_a_refused_switch_offers_no_way_back(alice: Client) -> None:
    page = alice.post("/admins/alice@ops.example/toggle/", {"active": "0"}, follow=True).content.decode()
    assert "toast--danger" in page and "data-undo" not in page
