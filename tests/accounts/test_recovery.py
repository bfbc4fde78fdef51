"""Recovery: a link by mail for whoever forgot the password, and nothing for whoever wants to know who is there."""

import datetime as dt
import logging
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from domains.models import Domain
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account, Admin, OneTimeLink, OutgoingMail
from mailadmin.accounts.outbox import WAITS
from mailadmin.accounts.postman import send_due
from mailadmin.accounts.recovery import NAME_MAILS, NETWORK_MAILS, VIA, _make_link
from mailadmin.accounts.recovery_address import language_of
from mailadmin.accounts.throttle import NAME_TRIES, NETWORK_TRIES
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.errors import NotFound
from mailadmin.core.log_lines import MaskedFormatter
from mailboxes.models import AppPassword, Mailbox
from mailboxes.passwords import set_mailbox_password
from mailboxes.services import create_mailbox, delete_mailbox
from mailboxes.setup_links import create_setup_link
from tests.operations.cases import PASSWORD, populate
from tests.people import admin_client, signed_in
from tests.servers.sink import Received, Sink

ANNA, OTHER = "anna@example.com", "anna@elsewhere.example"
ALICE, BOB = "alice@ops.example", "bob@example.com"
URL = "https://panel.example.com"
CHOSEN = "quiet lighthouse keeper"
CLI = Actor.cli()


@pytest.fixture(autouse=True)
def world(db: None, sink: Sink, settings: Any) -> None:
    """A mail server, the address of the panel, and a mailbox with a recovery address."""
    settings.MAILADMIN_SMTP_URL = {
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": sink.port,
        "EMAIL_HOST_USER": "",
        "EMAIL_HOST_PASSWORD": "",
    }
    settings.MAILADMIN_MAIL_FROM, settings.MAILADMIN_URL = "panel@example.com", URL
    populate()
    Mailbox.objects.filter(username=ANNA).update(email_other=OTHER)


def ask(username: str = ANNA, ip: str = "192.0.2.7", client: Client | None = None) -> int:
    return (client or Client()).post("/recover/", {"username": username}, REMOTE_ADDR=ip).status_code


def worker() -> None:
    """Do what a worker does with the mails that are due."""
    send_due(threading.Event())


def path_in(mail: Received) -> str:
    """Return the path of the link in a mail."""
    text = mail.message.get_content().replace("\r\n", "\n")
    found = re.findall(rf"^{URL}(/set-up/[\w-]{{32}}/)$", text, re.M)
    assert len(found) == 1, text
    path: str = found[0]
    return path


def recovered(sink: Sink, username: str = ANNA) -> str:
    """Ask, let the worker send, and return the path of the newest link."""
    assert ask(username) == 302
    worker()
    return path_in(sink.messages[-1])


def test_from_the_question_to_a_new_password(sink: Sink) -> None:
    client, elsewhere = Client(), Client()
    elsewhere.post("/login/", {"username": ANNA, "password": PASSWORD})
    assert 'href="/recover/"' in client.get("/login/").content.decode()
    answer = client.post("/recover/", {"username": " Anna@EXAMPLE.com "}, follow=True)
    assert answer.redirect_chain == [("/recover/asked/", 302)]
    waiting = OutgoingMail.objects.get()
    assert (waiting.about, waiting.recipient, waiting.subject, waiting.body) == (ANNA, "", "", "")
    assert not OneTimeLink.objects.filter(purpose="recovery").exists(), "made when it is sent"
    worker()
    (mail,) = sink.messages
    assert mail.recipients == (OTHER,)
    assert mail.subject == f"Mailadmin: a new password for {ANNA}"
    assert mail.message["From"] == "Mailadmin <panel@example.com>"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    path = path_in(mail)
    page = client.get(path)
    assert "Choose a new password" in page.content.decode()
    assert page["Referrer-Policy"] == "strict-origin" and "no-store" in page["Cache-Control"]
    assert elsewhere.get("/account/").status_code == 200
    answer = client.post(path, {"password": CHOSEN}, follow=True)
    assert answer.redirect_chain == [("/login/", 302)]
    page_text = answer.content.decode()
    assert "Your password is set. Sign in with it." in page_text and f'value="{ANNA}"' in page_text
    assert elsewhere.get("/account/").status_code == 302, "the other sessions are over"
    assert client.get(path).status_code == 404, "it works once"
    assert client.post("/login/", {"username": ANNA, "password": CHOSEN})["Location"] == "/"
    events = list(AuditEvent.objects.filter(target=ANNA).order_by("-id").values_list("action", "via", "actor")[:3])
    assert events == [
        ("sign_in", "web", ANNA),
        ("edit_password", "recovery link", ANNA),
        ("recovery_sent", "recovery", ANNA),
    ]


@pytest.mark.parametrize("is_intrusion", [False, True])
def test_app_passwords_stay_unless_somebody_else_knew_the_password(sink: Sink, is_intrusion: bool) -> None:
    count = AppPassword.objects.filter(username=ANNA).count()
    assert count
    older = create_setup_link(CLI, username=ANNA)[0]
    path = recovered(sink)
    page = Client().get(path).content.decode()
    assert "Somebody else knew my password" in page
    assert "Somebody else knew my password" not in Client().get(f"/set-up/{older}/").content.decode()
    ticked = {"is_intrusion": "on"} if is_intrusion else {}
    assert Client().post(path, {"password": CHOSEN} | ticked).status_code == 302
    worker()
    assert AppPassword.objects.filter(username=ANNA).count() == (0 if is_intrusion else count)
    told = [mail.recipients for mail in sink.messages if mail.subject == f"Intrusion reported by {ANNA}"]
    assert told == ([(BOB,)] if is_intrusion else [])
    assert AuditEvent.objects.latest("id").action == ("report_intrusion" if is_intrusion else "edit_password")


def names(settings: Any) -> Iterator[str]:
    """Yield a name of each kind that there is, and of which there is none."""
    settings.MAILADMIN_ADMIN_RECOVERY = True
    create_mailbox(CLI, local_part="off", domain="example.com", password=PASSWORD, active=False, email_other=OTHER)
    create_mailbox(CLI, local_part="carla", domain="other.example", password=PASSWORD, email_other=OTHER)
    Domain.objects.filter(domain="other.example").update(active=False)
    yield from (ANNA, "berta@example.com", "off@example.com", "carla@other.example", ALICE, BOB)
    yield from (
        "nobody@example.com",
        "nobody@elsewhere.example",
        "no address",
        "usér@example.com",
        "x" * 255,
    )


def shape(statement: str) -> str:
    """Return what a statement does, and to which table."""
    tables = re.findall(r"(?:FROM|INTO|UPDATE)\W+(\w+)", statement)
    return " ".join([statement.split()[0], *tables])


def test_no_name_is_told_from_another(settings: Any, sink: Sink) -> None:
    """Not by the answer, nor by what is asked of the database, of which the time is."""
    answers, statements = set(), set()
    for number, name in enumerate(names(settings)):
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        with CaptureQueriesContext(connection) as seen:
            answer = client.post("/recover/", {"username": name})
        # Before the next request, which forgets them.
        statements.add(tuple(shape(query["sql"]) for query in seen.captured_queries))
        assert answer.status_code == 302
        page = client.get(answer["Location"]).content.decode()
        answers.add((answer.status_code, answer["Location"], answer.content, re.sub(r'value="[^"]{20,}"', "", page)))
    assert len(answers) == 1
    assert len(statements) == 1, sorted(statements)
    assert "INSERT mailadmin_outgoing_mail" in statements.pop()
    worker()
    assert sorted(mail.recipients for mail in sink.messages) == [(ALICE,), (OTHER,)]
    refused = AuditEvent.objects.filter(action="recovery_refused").values_list("target", flat=True)
    assert sorted(refused) == ["berta@example.com", BOB, "carla@other.example", "off@example.com"]


def test_bad_input_breaks_nothing() -> None:
    form = "application/x-www-form-urlencoded"
    # The last is longer as it would be stored.
    bad = ["", "x" * 300, "%00", "%ED%A0%80", "%F0%9F%98%80", "%E2%80%AE", "';--", "a%0d%0aBcc:x@y.z"]
    for number, name in enumerate([*bad, f"{'x' * 150}@{'%E4%BD%A0%E5%A5%BD.' * 15}example"]):
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        assert client.post("/recover/", f"username={name}", content_type=form).status_code in (200, 302)
    worker()


def test_a_link_dies_with_what_it_was_made_for(sink: Sink) -> None:
    refusals: list[str] = []

    def refuses(path: str) -> None:
        client = Client(REMOTE_ADDR=f"203.0.113.{len(refusals)}")
        assert client.get(path).status_code == 404
        answer = client.post(path, {"password": CHOSEN})
        assert answer.status_code == 404
        refusals.append(re.sub(r'value="[^"]{20,}"', "", answer.content.decode()))

    path = recovered(sink)
    link = OneTimeLink.objects.get(purpose="recovery")
    assert link.expires - link.created == dt.timedelta(hours=1)
    OneTimeLink.objects.filter(pk=link.pk).update(expires=timezone.now() - dt.timedelta(seconds=1))
    refuses(path)
    path = recovered(sink)
    set_mailbox_password(CLI, username=ANNA, password=PASSWORD)
    refuses(path)
    path = recovered(sink)
    kept = OneTimeLink.objects.filter(purpose="recovery").latest("created")
    stored = Mailbox.objects.get(username=ANNA).password
    delete_mailbox(CLI, username=ANNA)
    assert not OneTimeLink.objects.filter(login=f"mailbox:{ANNA}").exists()
    create_mailbox(CLI, local_part="anna", domain="example.com", password=PASSWORD)
    Mailbox.objects.filter(username=ANNA).update(password=stored, created=timezone.now() + dt.timedelta(seconds=5))
    kept.save(force_insert=True)
    refuses(path)
    assert len(set(refusals)) == 1


def test_it_lasts_an_hour_however_long_links_of_admins_do(settings: Any, sink: Sink) -> None:
    settings.MAILADMIN_LINK_HOURS = 72
    recovered(sink)
    link = OneTimeLink.objects.get(purpose="recovery")
    assert link.expires - link.created == dt.timedelta(hours=1)


def test_a_mailbox_that_was_switched_off_meanwhile(sink: Sink) -> None:
    path = recovered(sink)
    Mailbox.objects.filter(username=ANNA).update(active=False)
    for method in ("get", "post"):
        answer = getattr(Client(), method)(path, {"password": CHOSEN})
        assert answer.status_code == 403
        assert "Ask your admin to switch it on" in answer.content.decode()


def test_whoever_asks_again_and_again_has_to_wait() -> None:
    assert [ask() for _number in range(NAME_TRIES + 1)] == [302] * NAME_TRIES + [429]
    assert ask("nobody@example.com") == 302, "another name"
    assert ask(ip="192.0.2.8") == 302, "another network"
    assert (
        Client().post("/login/", {"username": ANNA, "password": PASSWORD}, REMOTE_ADDR="192.0.2.7").status_code == 302
    )
    statuses = [ask(f"guess{number}@example.com", ip="203.0.113.9") for number in range(NETWORK_TRIES + 1)]
    assert statuses == [302] * NETWORK_TRIES + [429]


def test_nobody_is_flooded_and_nobody_locked_out(sink: Sink) -> None:
    """One network gets few mails, all together not many; and each of the links works, whoever asked for the next."""
    for _number in range(NAME_TRIES):
        ask(ip="203.0.113.1")
    worker()
    assert len(sink.messages) == NETWORK_MAILS
    path = recovered(sink)
    assert len(sink.messages) == NETWORK_MAILS + 1
    for number in range(2 * NAME_MAILS):
        assert ask(ip=f"198.51.100.{number}") == 302
    worker()
    assert len(sink.messages) == NAME_MAILS
    assert Client().post(path, {"password": CHOSEN}).status_code == 302
    assert [Client().get(path_in(mail)).status_code for mail in sink.messages[:3]] == [404] * 3, "that voids the others"
    OutgoingMail.objects.filter(sent__isnull=False).update(sent=timezone.now() - dt.timedelta(days=1, seconds=1))
    recovered(sink)
    assert len(sink.messages) == NAME_MAILS + 1, "a day later"


def test_a_mail_server_that_refuses_is_tried_again(sink: Sink, caplog: pytest.LogCaptureFixture, settings: Any) -> None:
    sink.refuse[OTHER] = "452 4.2.2 Mailbox full"
    ask()
    with caplog.at_level(logging.DEBUG):
        worker()
        worker()
        waiting = OutgoingMail.objects.get()
        assert waiting.attempts == 1, "not at once"
        assert waiting.due and WAITS[0] >= waiting.due - timezone.now() > dt.timedelta(0)
        sink.refuse.clear()
        OutgoingMail.objects.update(due=timezone.now())
        worker()
    path = path_in(sink.messages[-1])
    assert Client().get(path).status_code == 200
    formatter = MaskedFormatter(settings.LOGGING["formatters"]["line"]["format"])
    lines = [formatter.format(record) for record in caplog.records]
    assert any("Mail not sent (tried again)" in line for line in lines)
    assert not [line for line in lines if path.split("/")[2] in line], "no link in the log"


def test_it_is_given_up_in_the_end(sink: Sink, settings: Any) -> None:
    settings.MAILADMIN_SMTP_URL = settings.MAILADMIN_SMTP_URL | {"EMAIL_PORT": 1}
    ask()
    for _number in range(len(WAITS) + 1):
        assert OutgoingMail.objects.count() == 1
        OutgoingMail.objects.update(due=timezone.now())
        worker()
    assert not OutgoingMail.objects.exists()


def test_a_mail_that_a_worker_left_in_the_middle_is_anothers(sink: Sink) -> None:
    ask()
    now = timezone.now()
    OutgoingMail.objects.update(attempts=1, due=now + dt.timedelta(minutes=3))
    worker()
    assert not sink.messages
    OutgoingMail.objects.update(due=now)
    worker()
    assert len(sink.messages) == 1


@pytest.mark.parametrize("missing", ["MAILADMIN_URL", "MAILADMIN_SMTP_URL", "MAILADMIN_RECOVERY"])
def test_where_it_is_not_possible_it_says_whom_to_ask(missing: str, settings: Any) -> None:
    """No link is made from the Host header, which may be anybody's."""
    setattr(settings, missing, "" if missing == "MAILADMIN_URL" else {})
    settings.MAILADMIN_SUPPORT = "the help desk, 123"
    for method in ("get", "post"):
        answer = getattr(Client(), method)("/recover/", {"username": ANNA}, headers={"host": "localhost"})
        assert "Ask the help desk, 123 for a link" in answer.content.decode()
        assert "Send the link" not in answer.content.decode()
    assert not OutgoingMail.objects.exists()


def test_admins_get_no_link_unless_that_is_set(settings: Any, sink: Sink) -> None:
    ask(ALICE)
    worker()
    assert not sink.messages and not AuditEvent.objects.filter(action__startswith="recovery").exists()
    settings.MAILADMIN_ADMIN_RECOVERY = True
    session = signed_in(AccountKind.ADMIN, ALICE)
    path = recovered(sink, ALICE)
    assert sink.messages[-1].recipients == (ALICE,)
    page = Client().get(path).content.decode()
    assert "For your admin account" in page and "Mail programs" not in page
    assert Client().post(path, {"password": CHOSEN})["Location"] == "/login/"
    assert session.get("/account/").status_code == 302
    assert Client().post("/login/", {"username": ALICE, "password": CHOSEN})["Location"] == "/"


def test_who_manages_a_domain_cannot_take_over_an_admin_by_it(settings: Any, sink: Sink) -> None:
    """The mail of an admin's recovery never goes to a mailbox here: bob's domain is somebody's to manage."""
    settings.MAILADMIN_ADMIN_RECOVERY = True
    ask(BOB)
    Admin.objects.filter(username=ALICE).update(email_other="alice@alias.example")
    ask(ALICE)
    worker()
    assert not sink.messages
    Admin.objects.filter(username=BOB).update(email_other=OTHER)
    ask(BOB)
    worker()
    assert [mail.recipients for mail in sink.messages] == [(OTHER,)]


def test_a_name_of_both_kinds_gets_a_link_for_each(settings: Any, sink: Sink) -> None:
    settings.MAILADMIN_ADMIN_RECOVERY = True
    create_mailbox(CLI, local_part="bob", domain="example.com", password=PASSWORD, email_other="b@elsewhere.example")
    Admin.objects.filter(username=BOB).update(email_other=OTHER)
    ask(BOB)
    worker()
    paths = {mail.recipients[0]: path_in(mail) for mail in sink.messages}
    assert Client().post(paths[OTHER], {"password": CHOSEN}).status_code == 302
    page = Client().get(paths["b@elsewhere.example"])
    assert page.status_code == 200 and "For your mailbox" in page.content.decode()
    # One after the other in two histories, not one event that came twice.
    sent = AuditEvent.objects.filter(action="recovery_sent", target=BOB)
    assert sorted(sent.values_list("domain", "repeats")) == [("", 1), ("example.com", 1)]


def test_no_link_goes_to_the_address_of_another_row_than_it_was_read_from() -> None:
    row = Mailbox.objects.get(username=ANNA)
    actor = Actor(ActorKind.USER, ANNA, via=VIA)
    for later in ({"email_other": "new@elsewhere.example"}, {"created": timezone.now() + dt.timedelta(seconds=5)}):
        Mailbox.objects.filter(username=ANNA).update(**later)
        with pytest.raises(NotFound):
            _make_link(actor, row)
        Mailbox.objects.filter(username=ANNA).update(email_other=row.email_other)
    assert not OneTimeLink.objects.filter(purpose="recovery").exists()


@pytest.mark.parametrize(
    "stored", ["", "garbage", ANNA, "ANNA@example.com", "x@y", "a@b.example\r\nBcc: c@d.example", "x" * 255]
)
def test_what_other_programs_wrote_there_may_be_anything(stored: str, sink: Sink) -> None:
    Mailbox.objects.filter(username=ANNA).update(email_other=stored)
    ask()
    worker()
    assert not sink.messages
    assert not OutgoingMail.objects.exists()


def test_it_is_written_in_the_language_of_the_person() -> None:
    row = Mailbox.objects.get(username=ANNA)
    account = Account.objects.get(login=f"mailbox:{ANNA}")
    assert language_of(row) == "en"
    Account.objects.filter(pk=account.pk).update(language="it")
    assert language_of(row) == "it"
    Account.objects.filter(pk=account.pk).update(row_created=timezone.now() - dt.timedelta(days=9))
    assert language_of(row) == "en", "of an earlier mailbox of the name"


def test_what_waits_goes_with_the_mailbox() -> None:
    ask()
    delete_mailbox(CLI, username=ANNA)
    assert not OutgoingMail.objects.exists()


def test_a_superadmin_hands_out_links_to_admins(settings: Any) -> None:
    alice = signed_in(AccountKind.ADMIN, ALICE)
    answer = alice.post(f"/admins/{BOB}/set-up-link/")
    found = re.search(r"/set-up/([\w-]{32})/", answer.content.decode())
    assert found and "no-store" in answer["Cache-Control"]
    assert f">{settings.MAILADMIN_URL}{found[0]}<" in answer.content.decode()
    detail = alice.get(f"/admins/{BOB}/").content.decode()
    assert f"A set-up link by {ALICE} works until" in detail and "Set-up link made" in detail
    Admin.objects.filter(username=BOB).update(active=False)
    assert "This account is switched off" in Client().get(found[0]).content.decode()
    Admin.objects.filter(username=BOB).update(active=True)
    assert Client().post(found[0], {"password": CHOSEN})["Location"] == "/login/"
    assert Client().get(found[0]).status_code == 404
    assert Client().post("/login/", {"username": BOB, "password": CHOSEN})["Location"] == "/"
    for other in (
        admin_client("charlie@third.example", domains=["third.example"]),
        signed_in(AccountKind.MAILBOX, "berta@example.com"),
    ):
        assert other.post(f"/admins/{BOB}/set-up-link/").status_code in (403, 404)
    assert alice.post("/admins/nobody@ops.example/set-up-link/").status_code == 404
    assert not OneTimeLink.objects.filter(login=f"admin:{BOB}").exists()


def test_no_header_can_be_put_into_a_mail() -> None:
    with pytest.raises(ValueError, match="newlines"):
        EmailMessage("a\r\nBcc: b@c.example", "", "a@b.example", ["c@d.example"]).message()
