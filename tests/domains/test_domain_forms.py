"""Making, changing, switching and deleting a domain in the browser's forms."""

from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from aliases.models import Alias
from aliases.services import create_alias
from domains.models import AliasDomain, Domain
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor
from mailboxes.models import Mailbox
from tests.people import admin_client, make_domains, make_mailboxes

pytestmark = pytest.mark.django_db

NEW = {
    "domain": "new.example",
    "description": "",
    "mailboxes": "unlimited",
    "aliases": "unlimited",
    "maxquota": "unlimited",
    "quota": "unlimited",
    "transport": "virtual",
    "active": "on",
}
EVIL = [
    "x" * 300,
    "a\x00b",
    "a\x1bb",
    "a\r\nb",
    "'; DROP TABLE domain; --",
    "<script>alert(1)</script>",
    "%",
    "_",
    "😀",
    "usér",
    "../etc",
    "a@b@c",
    " ",
    "-1",
    "0",
    "9" * 30,
    "1e400",
    "NaN",
]


@pytest.fixture
def alice() -> Client:
    return admin_client("alice@example.org", superadmin=True)


def test_create_stores_what_was_meant(alice: Client) -> None:
    form = NEW | {
        "domain": " BÜCHER.example ",
        "mailboxes": "50",
        "aliases": "none",
        "maxquota": "1.5 GB",
        "quota": "1 TB",
    }
    answer = alice.post("/domains/new/", form, follow=True)
    assert answer.redirect_chain == [("/domains/xn--bcher-kva.example/", 302)]
    assert "Domain bücher.example created." in answer.content.decode()
    row = Domain.objects.get()
    stored = (row.domain, row.mailboxes, row.aliases, row.maxquota, row.quota, row.transport, row.backupmx, row.active)
    assert stored == ("xn--bcher-kva.example", 50, -1, 1536, 1024**2, "virtual", False, True)
    assert AuditEvent.objects.get().actor == "alice@example.org"


@pytest.mark.parametrize(
    "name", ["", *EVIL, "localhost", "no dots", "a..example", "-a.example", "a.123", "new.example/x"]
)
def test_bad_names(alice: Client, name: str) -> None:
    answer = alice.post("/domains/new/", NEW | {"domain": name, "description": "kept"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert 'id="id_domain_error"' in page
    assert 'value="kept"' in page
    assert "<script>alert" not in page
    assert not Domain.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("field", ["mailboxes", "aliases", "maxquota", "quota"])
@pytest.mark.parametrize("value", ["", *EVIL])
def test_bad_limits(alice: Client, field: str, value: str) -> None:
    answer = alice.post("/domains/new/", NEW | {field: value})
    assert answer.status_code == 200
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert not Domain.objects.exists()


@pytest.mark.parametrize("value", ["x" * 300, "a\x00b", "a\x1bb", "a\nb"])
def test_bad_descriptions(alice: Client, value: str) -> None:
    answer = alice.post("/domains/new/", NEW | {"description": value})
    assert answer.status_code == 200
    assert 'id="id_description_error"' in answer.content.decode()
    assert not Domain.objects.exists()


@pytest.mark.parametrize("value", ["'; DROP TABLE domain; --", "<b>bold</b>", "100 %_", "😀", "usér \\", '"quoted"'])
def test_descriptions_are_any_text(alice: Client, value: str) -> None:
    page = alice.post("/domains/new/", NEW | {"description": value}, follow=True).content.decode()
    assert Domain.objects.get().description == value
    assert "<b>bold" not in page
    assert alice.get("/domains/", {"q": value}).content.decode().count('<th scope="row"') == 1


@pytest.mark.parametrize("value", ["", *EVIL])
def test_bad_transports(alice: Client, value: str) -> None:
    answer = alice.post("/domains/new/", NEW | {"transport": value})
    assert answer.status_code == 200
    assert 'id="id_transport_error"' in answer.content.decode()
    assert not Domain.objects.exists()


def test_an_existing_name_in_another_spelling(alice: Client) -> None:
    make_domains("new.example", "xn--bcher-kva.example")
    for name in ("NEW.example", "bücher.example"):
        page = alice.post("/domains/new/", NEW | {"domain": name}).content.decode()
        assert "This domain already exists." in page
        assert f'value="{name}"' in page


def test_an_empty_post_shows_what_is_missing(alice: Client) -> None:
    assert 'id="id_domain_error"' in alice.post("/domains/new/", {}).content.decode()
    assert alice.put("/domains/new/").status_code == 405


def settings_form(**changes: str) -> dict[str, str]:
    return {name: value for name, value in (NEW | changes).items() if name != "domain"}


def test_settings_change_only_what_was_changed(alice: Client) -> None:
    make_domains("a.example", mailboxes=50, quota=100, maxquota=-1, aliases=-7, password_expiry=90)
    form = settings_form(mailboxes="51", quota="100 MB", maxquota="none", aliases="none")
    answer = alice.post("/domains/a.example/settings/", form, follow=True)
    assert "Settings of a.example saved." in answer.content.decode()
    row = Domain.objects.get()
    assert (row.mailboxes, row.quota, row.maxquota, row.aliases, row.password_expiry) == (51, 100, -1, -7, 90)
    assert AuditEvent.objects.count() == 1
    alice.post("/domains/a.example/settings/", form)
    assert AuditEvent.objects.count() == 1


def test_settings_never_show_a_raw_zero_or_minus_one(alice: Client) -> None:
    make_domains("a.example", mailboxes=0, aliases=-1, quota=0, maxquota=-1)
    bob = admin_client("bob@example.org", domains=["a.example"])
    page = alice.get("/domains/a.example/settings/").content.decode()
    assert page.count('value="unlimited" ') + page.count('value="none" ') >= 4
    assert 'value="0"' not in page
    assert 'value="-1"' not in page
    facts = bob.get("/domains/a.example/settings/").content.decode()
    assert "<dd>unlimited</dd>" in facts
    assert "<dd>-1</dd>" not in facts


@pytest.mark.parametrize(
    ("field", "value"), [("mailboxes", "0"), ("quota", "lots"), ("transport", "a b"), ("maxquota", "9" * 18 + "TB")]
)
def test_a_bad_setting_changes_nothing(alice: Client, field: str, value: str) -> None:
    make_domains("a.example", mailboxes=50)
    answer = alice.post("/domains/a.example/settings/", settings_form(**{field: value}))
    assert answer.status_code == 200
    assert f'value="{value}"' in answer.content.decode()
    assert Domain.objects.get().mailboxes == 50
    assert not AuditEvent.objects.exists()


def test_toggle(alice: Client) -> None:
    make_domains("a.example")
    answer = alice.post("/domains/a.example/toggle/", {"active": "0", "next": "/domains/?state=active"})
    assert answer.headers["Location"] == "/domains/?state=active"
    assert not Domain.objects.get().active
    row = alice.post("/domains/a.example/toggle/", {"active": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert row.strip().startswith("<tr")
    assert "a.example is on" in row
    assert Domain.objects.get().active


@pytest.mark.parametrize("data", [{}, {"active": ""}, {"active": "2"}, {"active": "on"}])
def test_a_switch_without_a_state(alice: Client, data: dict[str, str]) -> None:
    make_domains("a.example")
    assert alice.post("/domains/a.example/toggle/", data).status_code == 400
    assert alice.get("/domains/a.example/toggle/").status_code == 405
    away = alice.post("/domains/a.example/toggle/", {"active": "1", "next": "https://elsewhere.example/"})
    assert away.headers["Location"] == "/domains/a.example/"


def populated() -> None:
    make_domains("a.example", "b.example", "mirror.example")
    make_mailboxes(*(f"user{number:02d}@a.example" for number in range(20)))
    AliasDomain.objects.create(alias_domain="mirror.example", target_domain="a.example")
    cli = Actor.cli()
    create_alias(cli, address="info@a.example", targets=["user01@a.example"])
    create_alias(cli, address="both@b.example", targets=["user01@a.example", "out@elsewhere.example"])
    create_alias(cli, address="only@b.example", targets=["user02@a.example"])


def test_deleting_tells_what_goes_and_what_stays(alice: Client) -> None:
    populated()
    page = strip_tags(alice.get("/domains/a.example/delete/").content.decode())
    assert "20 mailboxes: user00@a.example, " in page
    assert "user07@a.example and 12 more." in page
    assert "1 alias: info@a.example." in page
    assert "1 alias domain: mirror.example." in page
    assert "2 aliases of other domains that point here: both@b.example, only@b.example." in page
    assert "Switch off instead" in page
    assert Domain.objects.count() == 3


@pytest.mark.parametrize("typed", ["", "b.example", "a.exampl", "%", "\x00", "😀", "x" * 300])
def test_deleting_needs_the_name(alice: Client, typed: str) -> None:
    populated()
    answer = alice.post("/domains/a.example/delete/", {"confirm": typed})
    assert answer.status_code == 200
    assert 'id="id_confirm_error"' in answer.content.decode()
    assert Domain.objects.filter(domain="a.example").exists()


def test_deleting_cleans_up_if_wanted(alice: Client) -> None:
    populated()
    answer = alice.post("/domains/a.example/delete/", {"confirm": "A.example ", "clean_references": "on"}, follow=True)
    assert answer.redirect_chain == [("/domains/", 302)]
    assert "Domain a.example deleted" in answer.content.decode()
    assert not Mailbox.objects.exists()
    assert not AliasDomain.objects.exists()
    assert dict(Alias.objects.values_list("address", "goto")) == {"both@b.example": "out@elsewhere.example"}


def test_deleting_leaves_other_aliases_alone_if_wanted(alice: Client) -> None:
    populated()
    alice.post("/domains/a.example/delete/", {"confirm": "a.example"})
    assert Alias.objects.get(address="only@b.example").goto == "user02@a.example"


def test_an_international_name_is_typed_in_either_spelling(alice: Client) -> None:
    for typed in ("bücher.example", "xn--bcher-kva.example"):
        make_domains("xn--bcher-kva.example")
        page = alice.get("/domains/xn--bcher-kva.example/delete/").content.decode()
        assert "Type bücher.example to delete it" in page
        alice.post("/domains/xn--bcher-kva.example/delete/", {"confirm": typed})
        assert not Domain.objects.exists()


def test_forms_need_their_token() -> None:
    make_domains("a.example")
    alice = admin_client("alice@example.org", superadmin=True)
    alice.handler.enforce_csrf_checks = True
    posts: list[tuple[str, dict[str, Any]]] = [
        ("/domains/new/", NEW),
        ("/domains/a.example/toggle/", {"active": "0"}),
        ("/domains/a.example/delete/", {"confirm": "a.example"}),
    ]
    for url, data in posts:
        assert alice.post(url, data).status_code == 403
    assert Domain.objects.filter(active=True).count() == 1
