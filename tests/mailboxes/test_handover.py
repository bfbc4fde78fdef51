"""What is handed over after a mailbox was made."""

import re

import pytest
from django.test import Client

from tests.mailboxes.screens import PASSWORD

NEW = "/domains/example.com/mailboxes/new/"
PAGE = "/mailboxes/anna@example.com/handover/"


@pytest.fixture(autouse=True)
def server(settings: object) -> None:
    settings.MAILADMIN_MAIL_HOSTNAME = "mx.hoster.example"  # type: ignore[attr-defined]
    settings.MAILADMIN_WEBMAIL_URL = ""  # type: ignore[attr-defined]


def test_a_typed_password_is_not_on_the_page(bob: Client) -> None:
    fields = {"local_part": "berta", "name": "", "password": PASSWORD, "repeat": PASSWORD, "active": "on"}
    answer = bob.post(NEW, fields, follow=True)
    assert answer.redirect_chain == [("/mailboxes/berta@example.com/handover/", 302)]
    page = answer.content.decode()
    assert "berta@example.com can now receive mail." in page
    assert PASSWORD not in page
    assert "handover-password" not in page
    assert "no-store" in answer["Cache-Control"]


def test_it_names_servers_ports_and_encryption_in_words(bob: Client, settings: object) -> None:
    settings.MAILADMIN_SUBMISSIONS_PORT = 10465  # type: ignore[attr-defined]
    page = bob.get(PAGE).content.decode()
    for protocol, port, words in (
        ("IMAP", 993, "TLS from the start (SSL/TLS)"),
        ("POP3", 995, "TLS from the start (SSL/TLS)"),
        ("SMTP", 10465, "TLS from the start (SSL/TLS)"),
        ("SMTP", 587, "STARTTLS"),
    ):
        line = rf'{protocol}: <strong id="[\w-]+">mx.hoster.example</strong>, port <strong>{port}</strong>, '
        assert re.search(line + re.escape(words), page)
    assert "Webmail" not in page


def test_webmail_is_named_where_there_is_one(bob: Client, settings: object) -> None:
    settings.MAILADMIN_WEBMAIL_URL = "https://webmail.hoster.example/"  # type: ignore[attr-defined]
    assert 'href="https://webmail.hoster.example/"' in bob.get(PAGE).content.decode()


def test_broken_settings_of_the_mail_server_do_not_break_the_page(bob: Client, settings: object) -> None:
    settings.MAILADMIN_MAIL_HOSTNAME = "mx.hoster.example\nevil"  # type: ignore[attr-defined]
    answer = bob.get(PAGE)
    assert answer.status_code == 200
    assert "port <strong>" not in answer.content.decode()
    assert "name is not configured" in answer.content.decode()


def test_nobody_else_sees_it(charlie: Client, anna: Client, client: Client) -> None:
    assert charlie.get(PAGE).status_code == 404
    assert anna.get(PAGE).status_code == 404
    assert client.get(PAGE).status_code == 302
    assert charlie.post(PAGE).status_code == 405
