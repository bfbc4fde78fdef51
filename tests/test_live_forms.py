"""What forms tell while they are filled in: who may ask, and that it is what the form itself would say."""

import re

import pytest
from django.test import Client

from domains.models import Domain
from mailboxes.models import Mailbox
from tests.mailboxes.conftest import alice, anna, bob, charlie, world
from tests.mailboxes.screens import BAD_LOCAL_PARTS, PASSWORD, refused
from tests.people import make_domains

__all__ = ["alice", "anna", "bob", "charlie", "world"]

MAILBOX, ALIAS = (f"/domains/example.com/{noun}/new/" for noun in ("mailboxes", "aliases"))
DOMAIN = "/domains/new/"
STRENGTH = "/account/password/strength/"
HTMX = {"HX-Request": "true"}


def words(content: bytes) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", content.decode()).split())


def told(client: Client, form: str, **typed: str) -> str:
    answer = client.get(f"{form}check/", typed, headers=HTMX)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return words(answer.content)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("carla", "carla@example.com is free."),
        (" Carla ", "carla@example.com is free."),
        ("carla@example.com", "carla@example.com is free."),
        ("anna", "A mailbox with this address already exists."),
        ("ANNA@Example.com", "A mailbox with this address already exists."),
        ("info", "An alias with this address already exists."),
        ("", ""),
        ("  ", ""),
    ],
)
def test_an_address_is_free_or_says_why_not(bob: Client, typed: str, answer: str) -> None:
    assert told(bob, MAILBOX, local_part=typed) == answer
    assert told(bob, ALIAS, address=typed) == answer


def test_the_catch_all_can_be_asked_for(bob: Client) -> None:
    assert told(bob, ALIAS, address="*") == "@example.com is free."


@pytest.mark.parametrize("typed", BAD_LOCAL_PARTS)
def test_the_form_says_the_same(bob: Client, typed: str) -> None:
    if not typed.strip() or "\x00" in typed or len(typed) > 255:
        return  # The form refuses these before any rule of addresses.
    fields = {"local_part": typed, "password": PASSWORD, "repeat": PASSWORD, "quota": "", "name": ""}
    message = refused(bob, MAILBOX, fields, "local_part")[0]
    assert told(bob, MAILBOX, local_part=typed) == words(message.encode()).replace("'", "&#x27;").replace(
        " & ", " &amp; "
    )


@pytest.mark.parametrize("form", [MAILBOX, ALIAS, DOMAIN])
def test_whoever_opens_the_fragment_gets_the_form(alice: Client, form: str) -> None:
    assert alice.get(f"{form}check/", {"local_part": "anna"})["Location"] == form


def test_a_domain_is_free_or_says_why_not(alice: Client) -> None:
    assert told(alice, DOMAIN, domain="new.example") == "new.example is free."
    assert told(alice, DOMAIN, domain="Bücher.example") == (
        "bücher.example is free. Mail servers write it xn--bcher-kva.example."
    )
    assert told(alice, DOMAIN, domain="example.com") == "This domain already exists."
    assert told(alice, DOMAIN, domain="nodot").startswith("Enter a domain name such as example.com")
    assert told(alice, DOMAIN, domain="") == ""


def test_international_names_are_shown_as_they_are_written(alice: Client) -> None:
    make_domains("xn--bcher-kva.example")
    answer = told(alice, "/domains/bücher.example/mailboxes/new/", local_part="anna")
    assert answer.startswith("anna@bücher.example is free.")


def test_nobody_learns_of_addresses_beyond_their_domains(charlie: Client, anna: Client, client: Client) -> None:
    for form, name in ((MAILBOX, "local_part"), (ALIAS, "address")):
        absent = form.replace("example.com", "absent.example")
        for person in (charlie, anna):
            for path in (form, absent):
                assert person.get(f"{path}check/", {name: "anna"}).status_code == 404
        assert client.get(f"{form}check/", {name: "anna"}).status_code == 302
    for person in (charlie, anna):
        assert person.get(f"{DOMAIN}check/", {"domain": "example.com"}).status_code == 403
    # Another domain's address typed into the own form.
    own = "/domains/other.example/mailboxes/new/"
    typed = told(charlie, own, local_part="anna@example.com")
    assert typed == told(charlie, own, local_part="nobody@example.com")


@pytest.mark.parametrize("form", [MAILBOX, ALIAS, DOMAIN])
def test_asking_changes_nothing_and_takes_no_post(alice: Client, form: str) -> None:
    before = Mailbox.objects.count(), Domain.objects.count()
    assert alice.post(f"{form}check/", {"local_part": "carla"}).status_code == 405
    assert (Mailbox.objects.count(), Domain.objects.count()) == before


@pytest.mark.parametrize("typed", ["x" * 60_000, "<script>alert(1)</script>", "\x00", "a\r\nb", "\u202e", "%", "😀"])
def test_odd_input_is_answered_calmly(alice: Client, typed: str) -> None:
    for form, name in ((MAILBOX, "local_part"), (ALIAS, "address"), (DOMAIN, "domain")):
        answer = alice.get(f"{form}check/", {name: typed}, headers=HTMX)
        assert answer.status_code == 200
        assert "<script" not in answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "label", "advice"),
    [
        ({"password": "correct horse battery"}, "strong", ""),
        ({"new": "correct horse battery"}, "strong", ""),
        ({"password": "short"}, "very weak", "The password must have at least 10 characters."),
        ({"password": "iloveyoumonkey"}, "weak", "This password is too easy to guess. It is made of common words"),
        ({"password": "carla.braun@example.com1", "username": "carla.braun@example.com"}, "weak", "from the address"),
        ({"password": "Rumpelstilz1", "name": "Carla Rumpelstilz"}, "weak", "from the address or the name"),
    ],
)
def test_strength_is_told_in_words(bob: Client, fields: dict[str, str], label: str, advice: str) -> None:
    answer = bob.post(STRENGTH, fields)
    assert answer.status_code == 200
    text = words(answer.content)
    assert text.startswith(f"Strength: {label}.")
    assert advice in text
    assert bool(advice) == (text != f"Strength: {label}.")
    for typed in fields.values():
        assert typed not in answer.content.decode()


def test_no_password_has_no_strength(anna: Client) -> None:
    for fields in ({}, {"password": ""}, {"other": "correct horse battery"}):
        answer = anna.post(STRENGTH, fields)
        assert (answer.status_code, words(answer.content)) == (200, "")


@pytest.mark.parametrize("typed", ["x" * 70_000, "\x00", "\ud7ff😀", "4@8({[</369&#!1|0$5+7%2" * 100, " "])
def test_any_password_is_answered(anna: Client, typed: str) -> None:
    assert anna.post(STRENGTH, {"password": typed, "username": typed, "name": typed}).status_code == 200


def test_strength_is_for_people_who_signed_in_and_for_this_site(client: Client, bob: Client) -> None:
    assert client.post(STRENGTH, {"password": "x"}).status_code == 302
    assert bob.get(STRENGTH, {"password": "x"}).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = bob.cookies
    assert strict.post(STRENGTH, {"password": "x"}).status_code == 403


def test_whoever_must_change_the_password_is_told_its_strength(bob: Client) -> None:
    from mailadmin.accounts.models import Account

    Account.objects.filter(login="admin:bob@ops.example").update(must_change_password=True)
    assert bob.post(STRENGTH, {"new": "correct horse battery"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "username"),
    [
        ("/mailboxes/anna@example.com/password/", "anna@example.com"),
        ("/admins/bob@ops.example/password/", "bob@ops.example"),
        ("/account/password/", "alice@ops.example"),
    ],
)
def test_password_managers_learn_whose_password_it_is(alice: Client, bob: Client, path: str, username: str) -> None:
    page = alice.get(path).content.decode()
    assert f'<input type="text" name="username" value="{username}" autocomplete="username" readonly hidden>' in page
    assert "<li>At least 10 characters.</li>" in page and "<li>Not the address, and no common password.</li>" in page


@pytest.mark.parametrize(
    ("path", "shown", "folded", "wrong"),
    [
        (MAILBOX, ["local_part", "name", "password"], ["quota", "active", "smtp_active"], {"quota": "many"}),
        (ALIAS, ["address", "targets"], ["description", "catch_all", "active"], {"description": "x" * 300}),
        (DOMAIN, ["domain", "description"], ["mailboxes", "transport", "active"], {"mailboxes": "many"}),
    ],
)
def test_few_fields_come_first_and_the_rest_opens_when_it_is_wrong(
    alice: Client, path: str, shown: list[str], folded: list[str], wrong: dict[str, str]
) -> None:
    def parts(page: str) -> tuple[str, str]:
        start = page.index('<details class="fold"')
        end = page.index("</details>", start)
        return page[:start] + page[end:], page[start:end]

    first, rest = parts(alice.get(path).content.decode())
    assert all(f'name="{name}"' in first for name in shown)
    assert all(f'name="{name}"' in rest and f'name="{name}"' not in first for name in folded)
    assert not rest.startswith('<details class="fold" open')
    rest = parts(alice.post(path, wrong).content.decode())[1]
    assert rest.startswith('<details class="fold" open')
    assert "field__error" in rest


def test_a_form_with_a_name_of_its_own_has_no_second_one(alice: Client) -> None:
    assert alice.get("/admins/new/").content.decode().count('name="username"') == 1
