"""The columns of the list of mailboxes, its export, and the way back from its switches."""

import re
from typing import Any

import pytest
from django.test import Client

from mailboxes.models import Mailbox, Quota2
from tests.exports import FORMULAS, export_cost, exported
from tests.people import make_domains, make_mailboxes

LIST = "/domains/example.com/mailboxes/"
USUAL = ["Address", "Name", "Used of quota", "State"]


def heads(client: Client, query: str = "") -> list[str]:
    page = client.get(LIST + query).content.decode()
    thead = page.partition("<thead>")[2].partition("</thead>")[0]
    return [re.sub(r"<[^>]+>|\s+$", "", head).strip() for head in re.findall(r"<th.*?</th>", thead, flags=re.S)]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", USUAL),
        ("?columns=state,name", ["Address", "Name", "State"]),
        ("?columns=&columns=modified&columns=created", ["Address", "Created", "Changed"]),
        ("?columns=", ["Address"]),
        ("?columns=history,nonsense", ["Address", "Last change"]),
        ("?columns=nonsense", USUAL),
        ("?columns=password,totp_secret,token", USUAL),
    ],
)
def test_columns_are_in_the_url(bob: Client, query: str, shown: list[str]) -> None:
    assert heads(bob, query) == shown
    rows = bob.get(LIST + query).content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    assert len(re.findall(r"<t[hd][ >]", rows)) == len(shown)


def test_everything_in_the_url_stays_together(bob: Client) -> None:
    make_mailboxes(*(f"m{number:03}@example.com" for number in range(60)), quota=5)
    query = "?q=m0&state=active&sort=-quota&size=25&columns=&columns=name&columns=history"
    context: Any = bob.get(LIST + query).context
    page = context["page"]
    urls = [page.next_url, page.sorts["name"]["url"], page.sizes[0]["url"], context["filters"].chips[1]["url"]]
    for url in urls:
        assert "columns=name,history" in url
        assert "q=m0" in url
    assert "sort=-quota" in page.next_url and "size=25" in page.next_url and "state=active" in page.next_url
    assert context["filters"].keep == {"state": "active", "sort": "-quota", "size": "25", "columns": "name,history"}
    assert dict(context["columns"].keep) == {"q": "m0", "state": "active", "sort": "-quota", "size": "25"}
    assert heads(bob, page.next_url) == ["Address", "Name", "Last change"]
    assert "columns" not in context["columns"].default_url


def test_the_last_change_is_told(bob: Client) -> None:
    make_mailboxes("berta@example.com")
    bob.post("/mailboxes/berta@example.com/toggle/", {"active": "0"})
    page = bob.get(f"{LIST}?columns=history").content.decode()
    assert page.count("Mailbox switched") == 1
    rows = exported(bob, f"{LIST}?columns=history&format=csv")
    assert [row["Last change by"] for row in rows] == ["CLI", "bob@ops.example"]
    assert rows[1]["Last change"] == "Mailbox switched"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", rows[1]["Last change at"])


def test_an_export_holds_what_is_listed(bob: Client) -> None:
    make_mailboxes("berta@example.com", quota=1000, name="Zoë; “B”, \tÅ", active=False)
    make_mailboxes("carla@example.com", quota=0, smtp_active=False)
    Quota2.objects.create(username="berta@example.com", bytes=950, messages=1)
    rows = exported(bob, f"{LIST}?format=csv&size=25")
    assert [row["Address"] for row in rows] == ["anna@example.com", "berta@example.com", "carla@example.com"]
    assert rows[1] == {
        "Address": "berta@example.com",
        "Name": "Zoë; “B”, \tÅ",
        "Used (bytes)": "950",
        "Quota (bytes)": "1000",
        "State": "Off",
        "On vacation": "no",
    }
    assert (rows[2]["Quota (bytes)"], rows[2]["State"]) == ("unlimited", "Cannot send")
    assert [row["Address"] for row in exported(bob, f"{LIST}?format=csv&state=off&q=BERTA")] == ["berta@example.com"]
    assert next(row["Address"] for row in exported(bob, f"{LIST}?format=csv&sort=-address")) == "carla@example.com"
    assert list(exported(bob, f"{LIST}?format=csv&columns=name")[0]) == ["Address", "Name"]
    assert exported(bob, f"{LIST}?format=csv&q=nobody") == []
    name = bob.get(f"{LIST}?format=csv")["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="mailboxes-example\.com-\d{4}-\d\d-\d\d\.csv"', name)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(bob: Client, text: str) -> None:
    Mailbox.objects.update(name=text)
    assert exported(bob, f"{LIST}?format=csv")[0]["Name"] == f"'{text}"


def test_no_secret_is_exported(alice: Client) -> None:
    Mailbox.objects.update(password="{X}hashed", token="tokenvalue", totp_secret="totpvalue")
    every = "name,used,state,created,modified,history,password,token,totp_secret"
    text = str(exported(alice, f"{LIST}?format=csv&columns={every}"))
    assert "hashed" not in text and "tokenvalue" not in text and "totpvalue" not in text


@pytest.mark.parametrize("who", ["charlie", "anna"])
def test_a_foreign_export_looks_like_an_absent_one(who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)
    for domain in ("example.com", "absent.example"):
        assert client.get(f"/domains/{domain}/mailboxes/?format=csv").status_code == 404


def test_rows_of_other_domains_are_in_no_export(bob: Client) -> None:
    make_domains("foreign.example")
    make_mailboxes("otto@foreign.example")
    assert "otto" not in str(exported(bob, f"{LIST}?format=csv&q=o"))


@pytest.mark.parametrize("sort", ["address", "-name"])
def test_ten_thousand_rows_cost_the_same_per_batch(bob: Client, sort: str) -> None:
    names = [f"m{number:05}@example.com" for number in range(10_000)]
    for start in range(0, len(names), 1000):
        make_mailboxes(*names[start : start + 1000], quota=10, name="Same")
    before, cost, rows = export_cost(bob, f"{LIST}?format=csv&columns=name,used,state&sort={sort}")
    assert rows == 10_001
    assert before < 12
    # 21 batches of 500 rows: the rows, their use, their vacation replies.
    assert cost == 21 * 3


def test_a_switch_can_be_undone_without_javascript(bob: Client) -> None:
    here = f"{LIST}?sort=-address&columns=name"
    page = bob.post("/mailboxes/anna@example.com/toggle/", {"active": "0", "next": here}, follow=True)
    assert page.redirect_chain == [(here, 302)]
    text = page.content.decode()
    assert 'role="status"' in text.partition("mail to it is refused, and its owner cannot sign in.")[0]
    form = re.search(r'<form method="post" action="([^"]+)" data-undo="1">(.*?)</form>', text, flags=re.S)
    assert form
    values = dict(re.findall(r'name="(active|next)" value="([^"]*)"', form[2]))
    assert "Undo" in form[2] and "csrfmiddlewaretoken" in form[2]
    answer = bob.post(form[1], values | {"next": values["next"].replace("&amp;", "&")})
    assert answer["Location"] == here
    assert Mailbox.objects.get(username="anna@example.com").active
    assert 'data-undo="0"' in bob.get(LIST).content.decode()
    assert "data-undo" not in bob.get(LIST).content.decode()


def test_the_answer_to_a_switch_has_the_columns_of_its_list(bob: Client) -> None:
    values = {"active": "0", "next": f"{LIST}?columns=created"}
    row = bob.post("/mailboxes/anna@example.com/toggle/", values, headers={"HX-Request": "true"}).content.decode()
    assert row.count("<td") == 1 and 'data-label="Created"' in row
    assert 'data-undo="1"' in row
    bad = bob.post(
        "/mailboxes/anna@example.com/toggle/",
        {"active": "1", "next": "https://evil.example/?columns=created"},
        headers={"HX-Request": "true"},
    ).content.decode()
    assert bad.count("<td") == 3 and "evil" not in bad
