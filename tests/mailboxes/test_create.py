"""New mailboxes."""

import re

import pytest
from django.test import Client

from aliases.models import Alias
from domains.models import Domain
from mailadmin.audit.models import AuditEvent
from mailadmin.core.passwords import verify_password
from mailboxes.models import Mailbox
from tests.mailboxes.screens import BAD_LINES, BAD_LOCAL_PARTS, ODD_LINES, PASSWORD, refused, rows, shown, toasts
from tests.people import make_domains

NEW = "/domains/example.com/mailboxes/new/"
FORM = {
    "local_part": "berta",
    "name": "Berta Braun",
    "password": PASSWORD,
    "repeat": PASSWORD,
    "quota": "1.5 GB",
    "active": "on",
    "smtp_active": "on",
}


def test_a_domain_admin_creates_a_mailbox_with_its_alias_row(bob: Client) -> None:
    answer = bob.post(NEW, FORM)
    assert answer.status_code == 302
    assert answer["Location"] == "/mailboxes/berta@example.com/handover/"
    mailbox = Mailbox.objects.get(username="berta@example.com")
    assert (mailbox.name, mailbox.quota, mailbox.active, mailbox.smtp_active) == ("Berta Braun", 1610612736, True, True)
    assert verify_password(PASSWORD, mailbox.password, username=mailbox.username)
    assert Alias.objects.get(address="berta@example.com").goto == "berta@example.com"
    event = AuditEvent.objects.get(action="create_mailbox", target="berta@example.com")
    assert (event.actor, event.via) == ("bob@ops.example", "web")
    assert PASSWORD not in repr(event.after)
    assert toasts(bob) == ["berta@example.com can now receive mail."]


def test_a_superadmin_creates_one_in_any_domain_and_ticks_count(alice: Client) -> None:
    form = {name: value for name, value in FORM.items() if name not in ("active", "smtp_active")}
    assert alice.post("/domains/other.example/mailboxes/new/", form).status_code == 302
    mailbox = Mailbox.objects.get(username="berta@other.example")
    assert (mailbox.active, mailbox.smtp_active) == (False, False)


@pytest.mark.parametrize("who", ["charlie", "anna"])
def test_a_foreign_domain_looks_like_an_absent_one(who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)
    before = rows()
    for path in (NEW, "/domains/absent.example/mailboxes/new/"):
        assert client.get(path).status_code == 404
        assert client.post(path, FORM).status_code == 404
    assert rows() == before


def test_a_stranger_is_asked_to_sign_in(client: Client, world: None) -> None:
    assert client.post(NEW, FORM)["Location"].startswith("/login/")


@pytest.mark.parametrize("local_part", BAD_LOCAL_PARTS)
def test_bad_local_parts_are_refused_at_the_field(bob: Client, local_part: str) -> None:
    refused(bob, NEW, FORM | {"local_part": local_part}, "local_part")


@pytest.mark.parametrize("name", BAD_LINES)
def test_bad_names_are_refused_at_the_field(bob: Client, name: str) -> None:
    refused(bob, NEW, FORM | {"name": name}, "name")


@pytest.mark.parametrize("name", ODD_LINES)
def test_odd_names_are_kept_and_shown_as_text(bob: Client, name: str) -> None:
    bob.post(NEW, FORM | {"name": name})
    assert Mailbox.objects.get(username="berta@example.com").name == name
    for path in ("/mailboxes/berta@example.com/", "/domains/example.com/mailboxes/"):
        assert b"<b>sons" not in bob.get(path).content


@pytest.mark.parametrize(
    "quota", ["much", "-5", "0", "0 MB", "1e9", "99999999999 TB", "5 GB GB", "1.23456789 KB", "😀", "x" * 50]
)
def test_bad_quotas_are_refused_at_the_field(bob: Client, quota: str) -> None:
    refused(bob, NEW, FORM | {"quota": quota}, "quota")


@pytest.mark.parametrize(
    ("quota", "stored"),
    [("unlimited", 0), ("None", -1), ("500", 524288000), ("1 B", 1), ("2,5 gb", 2684354560), ("", 0)],
)
def test_quotas_are_sizes_or_words(bob: Client, quota: str, stored: int) -> None:
    bob.post(NEW, FORM | {"quota": quota})
    assert Mailbox.objects.get(username="berta@example.com").quota == stored


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 1025, "berta@example.com", "password1234", "Quiet\x00river-2048"]
)
def test_bad_passwords_are_refused_and_never_shown_again(bob: Client, password: str) -> None:
    before = rows()
    answer = bob.post(NEW, FORM | {"password": password, "repeat": password})
    assert answer.status_code == 200
    assert "password" in answer.context["form"].errors
    assert rows() == before
    assert 'value="Berta Braun"' in answer.content.decode()
    assert f'value="{password}"' not in answer.content.decode() or not password


def test_two_different_passwords_are_refused(bob: Client) -> None:
    assert refused(bob, NEW, FORM | {"repeat": "Quiet-river-2049"}, "repeat") == ["The two passwords differ."]


@pytest.mark.parametrize(
    ("local_part", "message"),
    [
        ("anna", "A mailbox with this address already exists."),
        ("ANNA", "A mailbox with this address already exists."),
        ("Anna@Example.com", "A mailbox with this address already exists."),
        ("info", "An alias with this address already exists."),
        ("Info", "An alias with this address already exists."),
    ],
)
def test_an_address_in_use_is_refused(bob: Client, local_part: str, message: str) -> None:
    assert refused(bob, NEW, FORM | {"local_part": local_part}, "local_part") == [message]


def test_upper_case_is_stored_in_lower_case(bob: Client) -> None:
    answer = bob.post(NEW, FORM | {"local_part": "BERTA_B"})
    assert answer["Location"] == "/mailboxes/berta_b@example.com/handover/"


def test_the_page_says_how_many_are_left_and_the_limit_who_can_raise_it(bob: Client, settings: object) -> None:
    settings.MAILADMIN_SUPPORT = "ops@example.net"  # type: ignore[attr-defined]
    Domain.objects.filter(domain="example.com").update(mailboxes=2)
    assert "1 of 2 left" in bob.get(NEW).content.decode()
    assert bob.post(NEW, FORM).status_code == 302
    for path in (NEW, "/domains/example.com/mailboxes/"):
        page = bob.get(path).content.decode()
        assert "No mailbox left of 2. Ask ops@example.net to raise the limit." in page
        assert 'name="local_part"' not in page
        assert f'href="{NEW}"' not in page
    page = bob.get(NEW).content.decode()
    assert "<strong>2</strong> of 2 mailboxes · full" in page
    assert "Back to the mailboxes" in page
    text = refused(bob, NEW, FORM | {"local_part": "carla"}, "local_part")[0]
    assert text == "2 of 2 mailboxes are in use in example.com. Ask ops@example.net to raise the limit."


def test_a_quota_beyond_the_domain_names_limit_and_use(bob: Client) -> None:
    Domain.objects.filter(domain="example.com").update(maxquota=1000, quota=1500)
    Mailbox.objects.filter(username="anna@example.com").update(quota=1024**3)
    page = bob.get(NEW).content.decode()
    assert "At most 476 MB." in page
    assert 'placeholder="476 MB"' in page
    text = refused(bob, NEW, FORM | {"quota": "1001 MB"}, "quota")[0]
    assert text == "A mailbox of this domain can have at most 1000 MB. A superadmin can raise the limit."
    text = refused(bob, NEW, FORM | {"quota": "477 MB"}, "quota")[0]
    assert text.startswith("1 GB of 1.5 GB are promised to other mailboxes of example.com, so at most 476 MB are left.")
    assert bob.post(NEW, FORM | {"quota": ""}).status_code == 302
    assert Mailbox.objects.get(username="berta@example.com").quota == 476 * 1024**2


def test_a_domain_without_storage_left_says_so(bob: Client) -> None:
    Domain.objects.filter(domain="example.com").update(maxquota=1000, quota=1024)
    Mailbox.objects.filter(username="anna@example.com").update(quota=1024**3)
    assert 'placeholder="1000 MB"' in bob.get(NEW).content.decode()
    text = refused(bob, NEW, FORM | {"quota": ""}, "quota")[0]
    assert text.startswith("1 GB of 1 GB are promised to other mailboxes of example.com, so at most 0 B are left.")


def test_a_password_made_here_is_shown_once_and_kept_nowhere(bob: Client) -> None:
    answer = bob.post(NEW, FORM | {"password": "", "repeat": "", "secret": "generate"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    found = re.search(r"<code>(\w{16})</code>", answer.content.decode())
    assert found
    mailbox = Mailbox.objects.get(username="berta@example.com")
    assert verify_password(found[1], mailbox.password, username=mailbox.username)
    assert found[1] not in repr(list(AuditEvent.objects.values_list()))
    assert found[1] not in repr(dict(bob.session))
    assert found[1] not in bob.get("/mailboxes/berta@example.com/").content.decode()


def test_an_international_domain_is_stored_as_labels_and_shown_readable(alice: Client) -> None:
    make_domains("xn--bcher-kva.example")
    page = shown(alice.get("/domains/bücher.example/mailboxes/new/").content)
    assert "@bücher.example" in page
    assert "xn--" not in page
    answer = alice.post(
        "/domains/bücher.example/mailboxes/new/", FORM | {"local_part": "berta@Bücher.example"}, follow=True
    )
    assert Mailbox.objects.filter(username="berta@xn--bcher-kva.example").exists()
    page = shown(answer.content)
    assert "berta@bücher.example can now receive mail." in page
    assert "xn--" not in page
