"""Set-up links: they work once, for a while, for one row with one password, and tell strangers nothing."""

import datetime as dt
import html
import logging
import re
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from domains.grants import revoke_domain
from domains.models import Domain
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import OneTimeLink
from mailadmin.accounts.services import delete_admin, update_admin
from mailadmin.audit.models import AuditEvent, Log
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.errors import NotFound
from mailadmin.core.log_lines import MaskedFormatter
from mailadmin.core.passwords import verify_password
from mailboxes.models import Mailbox
from mailboxes.passwords import set_mailbox_password
from mailboxes.services import create_mailbox, delete_mailbox
from mailboxes.setup_links import create_setup_link, open_setup_link
from tests.mailboxes.screens import PASSWORD
from tests.people import signed_in

ANNA = "anna@example.com"
PAGE = f"/mailboxes/{ANNA}/set-up-link/"
NEW = "/domains/example.com/mailboxes/new/"
CHOSEN = "quiet lighthouse keeper"
CLI = Actor.cli()


@pytest.fixture
def token(world: None) -> str:
    return create_setup_link(CLI, username=ANNA)[0]


def path(token: str) -> str:
    return f"/set-up/{token}/"


def password_of(username: str = ANNA) -> str:
    return Mailbox.objects.get(username=username).password


def is_set(password: str = CHOSEN) -> bool:
    return verify_password(password, password_of(), username=ANNA)


def refusal(client: Client, token: str, method: str = "post") -> str:
    """Return the page that says that the link does not work."""
    answer = getattr(client, method)(path(token), {"password": CHOSEN})
    assert answer.status_code == 404
    return re.sub(r'csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())


def test_the_person_chooses_a_password_once(client: Client, token: str) -> None:
    page = client.get(path(token))
    assert "anna@<wbr>" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "strict-origin"
    assert client.get(path(token)).status_code == 200, "opening it does not use it up"
    answer = client.post(path(token), {"password": CHOSEN}, follow=True)
    assert answer.redirect_chain == [("/set-up/done/", 302)]
    assert is_set()
    assert "anna@<wbr>" in answer.content.decode()
    assert CHOSEN not in answer.content.decode()
    assert f'value="{ANNA}"' in client.get("/login/").content.decode(), "the name is filled in"
    assert client.get("/account/").status_code == 302, "nobody is signed in by it"
    assert not OneTimeLink.objects.exists()
    set_mailbox_password(CLI, username=ANNA, password=PASSWORD)
    refusal(client, token)
    assert is_set(PASSWORD)


def test_a_password_that_breaks_the_policy_leaves_the_link(client: Client, token: str) -> None:
    for bad in ("", "short", ANNA, "a\x00" * 10, "x" * 2000):
        assert client.post(path(token), {"password": bad}).status_code == 200
        assert is_set(PASSWORD)
    assert client.post(path(token), {"password": CHOSEN}).status_code == 302


def test_bad_tokens_and_passwords_break_nothing(token: str) -> None:
    for number, bad in enumerate(("x" * 3000, "%00", "%ff", "😀", "..%2f", "' OR 1=1 --", "%0a", "done%00")):
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        assert client.get(f"/set-up/{bad}/").status_code in (400, 404)
        assert client.post(f"/set-up/{bad}/", {"password": CHOSEN}).status_code in (400, 404)
        assert client.post(f"/set-up/{bad}/strength/", {"password": CHOSEN}).status_code in (204, 400, 404)
    form = "application/x-www-form-urlencoded"
    for bad in ("%00", "%ED%A0%80", "x" * 70_000, "%F0%9F%98%80", "%E2%80%AE", "';--"):
        assert Client().post(path(token), f"password={bad}", content_type=form).status_code == 200
        assert Client().post(f"{path(token)}strength/", f"password={bad}", content_type=form).status_code == 200


def test_all_that_does_not_work_gets_the_same_answer(client: Client, token: str) -> None:
    """Never made, used, replaced, expired, of a row made again, of a password that was changed meanwhile."""
    answers = {}
    for method in ("get", "post"):
        answers[f"unknown, {method}"] = refusal(Client(REMOTE_ADDR="192.0.2.1"), "x" * 32, method)
    client.post(path(token), {"password": CHOSEN})
    answers["used"] = refusal(Client(REMOTE_ADDR="192.0.2.2"), token)
    replaced = create_setup_link(CLI, username=ANNA)[0]
    expired = create_setup_link(CLI, username=ANNA)[0]
    answers["replaced"] = refusal(Client(REMOTE_ADDR="192.0.2.3"), replaced)
    OneTimeLink.objects.update(expires=timezone.now() - dt.timedelta(seconds=1))
    answers["expired"] = refusal(Client(REMOTE_ADDR="192.0.2.4"), expired)
    changed = create_setup_link(CLI, username=ANNA)[0]
    set_mailbox_password(CLI, username=ANNA, password=PASSWORD)
    answers["changed"] = refusal(Client(REMOTE_ADDR="192.0.2.5"), changed)
    remade = create_setup_link(CLI, username=ANNA)[0]
    kept = OneTimeLink.objects.get()
    stored = password_of()
    delete_mailbox(CLI, username=ANNA)
    assert not OneTimeLink.objects.exists(), "they go with the mailbox"
    create_mailbox(CLI, local_part="anna", domain="example.com", password=PASSWORD)
    created = timezone.now() + dt.timedelta(seconds=5)
    Mailbox.objects.filter(username=ANNA).update(password=stored, created=created)
    kept.save(force_insert=True)
    answers["remade"] = refusal(Client(REMOTE_ADDR="192.0.2.6"), remade)
    assert len(set(answers.values())) == 1, sorted(answers)
    assert password_of() == stored


def test_it_works_for_an_hour(token: str) -> None:
    link = OneTimeLink.objects.get()
    assert link.expires - link.created == dt.timedelta(hours=1)
    assert link.digest != token and len(token) >= 32


def test_the_present_password_stays_until_then_and_the_stamp_binds_both(token: str) -> None:
    assert is_set(PASSWORD)
    link = OneTimeLink.objects.get()
    Mailbox.objects.filter(username=ANNA).update(created=timezone.now() - dt.timedelta(days=9))
    with pytest.raises(NotFound):
        open_setup_link(token, ip="192.0.2.1")
    assert create_setup_link(CLI, username=ANNA)[1].stamp != link.stamp


@pytest.mark.parametrize("what", ["mailbox", "domain"])
def test_a_switched_off_mailbox_is_told_clearly(what: str, client: Client, token: str) -> None:
    rows = Mailbox.objects.filter(username=ANNA) if what == "mailbox" else Domain.objects.filter(domain="example.com")
    rows.update(active=False)
    for method in ("get", "post"):
        answer = getattr(client, method)(path(token), {"password": CHOSEN})
        assert answer.status_code == 403
        assert "This mailbox is switched off" in answer.content.decode()
    assert is_set(PASSWORD)
    rows.update(active=True)
    assert client.post(path(token), {"password": CHOSEN}).status_code == 302


def test_guessing_is_slowed_down_for_the_network_only(client: Client, token: str) -> None:
    statuses = [client.get(path(f"guess{number}")).status_code for number in range(45)]
    assert statuses[:40] == [404] * 40
    assert set(statuses[40:]) == {429}
    assert client.get(path(token)).status_code == 429, "or guessing would go on"
    assert Client(REMOTE_ADDR="198.51.100.7").get(path(token)).status_code == 200


def test_the_strength_is_told_to_who_has_a_link(client: Client, token: str) -> None:
    answer = client.post(f"{path(token)}strength/", {"password": "anna"})
    assert answer.status_code == 200
    assert "Strength:" in answer.content.decode()
    assert client.post(f"{path('other')}strength/", {"password": "anna"}).status_code == 204


def test_sessions_end_with_the_old_password(client: Client, token: str) -> None:
    elsewhere = signed_in(AccountKind.MAILBOX, ANNA)
    assert elsewhere.get("/account/").status_code == 200
    client.post(path(token), {"password": CHOSEN})
    assert elsewhere.get("/account/").status_code == 302


def test_in_ones_own_session_it_goes_on_to_the_set_up(world: None, token: str) -> None:
    own = signed_in(AccountKind.MAILBOX, ANNA)
    answer = own.post(path(token), {"password": CHOSEN}, follow=True)
    assert answer.redirect_chain == [("/set-up/done/", 302)]
    assert own.get("/account/").status_code == 302


def test_an_admin_makes_it_on_the_page_of_the_mailbox(bob: Client, client: Client) -> None:
    page = html.unescape(bob.post(PAGE).content.decode())
    found = re.search(r"http://testserver(/set-up/[\w-]{32}/)<", page)
    assert found and "Works once, until" in page
    assert client.get(found[1]).status_code == 200
    detail = bob.get(f"/mailboxes/{ANNA}/").content.decode()
    assert "A set-up link by bob@ops.example works until" in detail
    assert found[1] not in detail
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.actor, event.target) == ("create_setup_link", "bob@ops.example", ANNA)


def test_it_names_the_panel_as_the_setting_does(bob: Client, settings: Any) -> None:
    """Whoever gets it may not reach the panel by the name that the admin typed."""
    settings.MAILADMIN_URL = "https://panel.hoster.example"
    assert re.search(r">https://panel\.hoster\.example/set-up/[\w-]{32}/<", bob.post(PAGE).content.decode())


def test_nobody_else_makes_one(charlie: Client, anna: Client, client: Client, bob: Client) -> None:
    assert charlie.post(PAGE).status_code == 404
    assert anna.post(PAGE).status_code == 404
    assert client.post(PAGE).status_code == 302
    assert bob.get(PAGE).status_code == 405
    assert not OneTimeLink.objects.exists()


@pytest.mark.parametrize(
    ("change", "works"),
    [
        (partial(update_admin, domains=["example.com", "other.example"]), True),
        (partial(update_admin, domains=[]), False),
        (partial(update_admin, active=False), False),
        (partial(revoke_domain, domain="example.com"), False),
        (delete_admin, False),
    ],
)
def test_it_goes_with_the_rights_of_the_admin_who_made_it(change: Any, works: bool, bob: Client) -> None:
    token, _link = create_setup_link(Actor(ActorKind.ADMIN, "bob@ops.example"), username=ANNA)
    change(CLI, username="bob@ops.example")
    assert Client().get(path(token)).status_code == (200 if works else 404)


def test_a_new_mailbox_with_a_link(bob: Client, client: Client) -> None:
    answer = bob.post(NEW, {"local_part": "berta", "name": "", "secret": "link", "active": "on", "smtp_active": "on"})
    assert answer.status_code == 200
    found = re.search(r"/set-up/[\w-]+/", answer.content.decode())
    assert found and "no-store" in answer["Cache-Control"]
    assert client.post(found[0], {"password": CHOSEN}).status_code == 302
    assert verify_password(CHOSEN, password_of("berta@example.com"), username="berta@example.com")


def test_no_token_in_the_history_or_in_a_log(
    client: Client, bob: Client, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    page = bob.post(PAGE).content.decode()
    found = re.search(r"/set-up/([\w-]+)/", page)
    assert found
    strict = Client(enforce_csrf_checks=True)
    with caplog.at_level(logging.DEBUG):
        assert strict.post(found[0], {"password": CHOSEN}).status_code == 403
        client.post(found[0], {"password": CHOSEN})
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.actor, event.actor_kind, event.via) == ("edit_password", ANNA, "user", "set-up link")
    told = repr([*AuditEvent.objects.values_list(), *Log.objects.values_list(), *OneTimeLink.objects.values_list()])
    assert found[1] not in told
    formatter = MaskedFormatter(settings.LOGGING["formatters"]["line"]["format"])
    lines = [formatter.format(record) for record in caplog.records if not record.name.startswith("django.db")]
    assert any("/set-up/***" in line for line in lines), "Django logs what it refuses"
    assert found[1] not in "\n".join(lines)
