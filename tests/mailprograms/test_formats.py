"""What programs ask and are told: the documented formats, the same values in each, and nothing about mailboxes."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.mailprograms.conftest import ANNA, NOT_HERE
from tests.mailprograms.documented import (
    ANSWER,
    Way,
    autoconfig_faults,
    autoconfig_ways,
    autodiscover_ways,
    profile_ways,
    question,
)

AUTOCONFIG = "/mail/config-v1.1.xml"
AUTODISCOVER = "/autodiscover/autodiscover.xml"
AUTODISCOVER_JSON = "/autodiscover/autodiscover.json"


def autoconfig(address: str = "", host: str = "panel.hoster.example", path: str = AUTOCONFIG) -> Any:
    query = {"emailaddress": address} if address else {}
    return Client().get(path, query, HTTP_HOST=host)


def autodiscover(body: str | bytes, path: str = AUTODISCOVER) -> Any:
    client = Client(enforce_csrf_checks=True, headers={"host": "autodiscover.customer.example"})
    return client.post(path, body, content_type="text/xml")


def profile(address: str) -> Any:
    return Client().get(f"/mail-programs/{quote(address)}/mail.mobileconfig")


WAYS = [
    Way("imap", "mx.hoster.example", 993, True, ANNA),
    Way("pop3", "mx.hoster.example", 995, True, ANNA),
    Way("smtp", "mx.hoster.example", 465, True, ANNA),
    Way("smtp", "mx.hoster.example", 587, False, ANNA),
]


def test_the_checker_of_the_format_finds_what_is_wrong(world: None) -> None:
    right = autoconfig(ANNA).content.decode()
    assert autoconfig_faults(right.encode()) == []
    for wrong in (
        right.replace("clientConfig", "config"),
        right.replace('version="1.1"', ""),
        right.replace("<socketType>SSL<", "<socketType>TLS<"),
        right.replace("password-cleartext", "password"),
        right.replace("%EMAILADDRESS%", "%EMAIL%"),
        right.replace('type="imap"', 'type="imaps"'),
        right.replace(">993<", ">0<"),
        right.replace("<displayName>", "<displayName>x</displayName><displayName>"),
        right.replace("<hostname>", "<host>").replace("</hostname>", "</host>"),
        re.sub("<outgoingServer.*</outgoingServer>", "", right),
        re.sub("<domain>.*</domain>", "", right),
    ):
        assert wrong != right
        assert autoconfig_faults(wrong.encode()), wrong


def test_all_formats_tell_the_same(world: None) -> None:
    found = autoconfig(ANNA)
    assert found.status_code == 200
    assert autoconfig_ways(found.content, ANNA) == WAYS
    outlook = autodiscover(question(ANNA))
    assert outlook.status_code == 200
    assert autodiscover_ways(outlook.content) == WAYS[:3]
    assert profile_ways(profile(ANNA).content) == [WAYS[0], WAYS[2]]


def test_installation_and_domain_name_their_hosts(world: None, settings: object) -> None:
    settings.MAILADMIN_IMAP_HOST = "imap.hoster.example"  # type: ignore[attr-defined]
    settings.MAILADMIN_IMAPS_PORT = 10993  # type: ignore[attr-defined]
    address = "x@own.example"
    of_installation, of_domain = (autoconfig_ways(autoconfig(one).content, one) for one in (ANNA, address))
    assert [(way.host, way.port) for way in of_installation[:2]] == [
        ("imap.hoster.example", 10993),
        ("mx.hoster.example", 995),
    ]
    assert [way.host for way in of_domain] == ["imap.own.example", "mx.hoster.example"] + 2 * ["smtp.own.example"]
    assert [way.host for way in profile_ways(profile(address).content)] == ["imap.own.example", "smtp.own.example"]
    assert autodiscover_ways(autodiscover(question(address)).content)[2].host == "smtp.own.example"


@pytest.mark.parametrize("alias", ["alias.example", "rowless.example"])
def test_an_alias_domain_has_its_targets_values_and_names(world: None, alias: str) -> None:
    """Nobody signs in by an address of an alias domain."""
    address = f"anna@{alias}"
    found = autoconfig(address).content
    assert autoconfig_faults(found) == []
    assert autoconfig_ways(found, address) == WAYS
    assert ET.fromstring(found).find("emailProvider").get("id") == alias  # type: ignore[union-attr]
    assert autodiscover_ways(autodiscover(question(address)).content) == WAYS[:3]
    assert profile_ways(profile(address).content) == [WAYS[0], WAYS[2]]


def test_letters_beyond_ascii_sign_in_as_they_are_stored(world: None) -> None:
    typed, stored = "anna@exämple.example", "anna@xn--exmple-cua.example"
    found = autoconfig(typed).content
    assert autoconfig_faults(found) == []
    assert {way.username for way in autoconfig_ways(found, typed)} == {stored}
    assert {way.username for way in autodiscover_ways(autodiscover(question(typed)).content)} == {stored}


WELL_KNOWN = "/.well-known/autoconfig/mail/config-v1.1.xml"
ASKED = [
    ("autoconfig.example.com", AUTOCONFIG),
    ("AUTOCONFIG.Example.com:80", AUTOCONFIG),
    ("autoconfig.example.com.", AUTOCONFIG),
    ("example.com", WELL_KNOWN),
    ("autoconfig.example.com", WELL_KNOWN),
]
ODD = ["[::1]:8000", "", "%", "a" * 300, "autoconfig.", "autoconfig.absent.example", "😀"]


def test_without_an_address_the_name_that_was_asked_counts(world: None) -> None:
    for host, path in ASKED:
        assert autoconfig_ways(autoconfig(host=host, path=path).content, ANNA) == WAYS, host
    for host in ODD:
        assert autoconfig(host=host).status_code == 404, host


def test_other_pages_are_still_only_for_the_hosts_that_are_allowed(world: None) -> None:
    assert Client().get("/login/", headers={"host": "autoconfig.example.com"}).status_code == 400


def test_outlook_asks_in_three_spellings(world: None) -> None:
    for path in (AUTODISCOVER, "/Autodiscover/Autodiscover.xml", "/AutoDiscover/AutoDiscover.xml"):
        assert autodiscover_ways(autodiscover(question(ANNA), path).content) == WAYS[:3]


def test_plain_http_passes_and_outlook_is_led_to_the_panel(world: None, settings: object) -> None:
    settings.SECURE_SSL_REDIRECT = True  # type: ignore[attr-defined]
    assert autoconfig(host="autoconfig.example.com").status_code == 200
    answer = Client().get(AUTODISCOVER, headers={"host": "autodiscover.example.com"})
    assert (answer.status_code, answer["Location"]) == (302, f"https://panel.hoster.example{AUTODISCOVER}")
    settings.MAILADMIN_URL = ""  # type: ignore[attr-defined]
    assert Client().get(AUTODISCOVER).status_code == 405
    assert Client().put(AUTODISCOVER).status_code == 405
    assert Client().post(AUTOCONFIG).status_code == 405


def test_the_newer_question_leads_to_the_older(world: None, settings: object) -> None:
    asked = {"Email": ANNA, "Protocol": "AutodiscoverV1"}
    expected = {"Protocol": "AutodiscoverV1", "Url": f"https://panel.hoster.example{AUTODISCOVER}"}
    assert Client().get(AUTODISCOVER_JSON, asked).json() == expected
    settings.MAILADMIN_URL = ""  # type: ignore[attr-defined]
    url = Client().get(AUTODISCOVER_JSON, asked).json()["Url"]
    assert url == f"https://autodiscover.example.com{AUTODISCOVER}"
    assert Client().get(AUTODISCOVER_JSON, {**asked, "Protocol": "Ews"}).status_code == 400
    assert Client().get(AUTODISCOVER_JSON, {**asked, "Email": "x@absent.example"}).status_code == 404
    assert Client().post(AUTODISCOVER_JSON).status_code == 405


ASKS: dict[str, Callable[[str], Any]] = {
    "autoconfig": autoconfig,
    "autodiscover": lambda address: autodiscover(question(address)),
    "json": lambda address: Client().get(AUTODISCOVER_JSON, {"Email": address, "Protocol": "AutodiscoverV1"}),
    "page": lambda address: Client().get(f"/mail-programs/{address}/"),
    "profile": profile,
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_nothing_is_told_of_who_exists(ask: Callable[[str], Any], world: None) -> None:
    """The same answer, by the same three look-ups, for a mailbox and for a name that nobody has."""
    told = []
    for local_part in ("anna", "nina"):
        with CaptureQueriesContext(connection) as captured:
            answer = ask(f"{local_part}@example.com")
        assert answer.status_code == 200
        statements = [query["sql"] for query in captured]
        assert len(statements) == 3, statements
        assert not [one for one in statements if re.search(r"FROM\W+mailbox\W", one)]
        text = re.sub(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", "uuid", answer.content.decode())
        headers = {name: value for name, value in answer.headers.items() if name != "Expires"}  # The time of day.
        told.append((headers, text.replace(local_part, "…")))
    assert told[0] == told[1]


def test_every_other_domain_gets_one_refusal(world: None) -> None:
    expected = autoconfig("x@absent.example"), autodiscover(question("x@absent.example"))
    for domain in NOT_HERE:
        address = f"x@{domain}"
        answers = [autoconfig(address)]
        if re.fullmatch(r"[\x20-\x7e]+", domain):
            answers.append(autodiscover(question(address)))
        for answer, refused in zip(answers, expected, strict=False):
            assert (answer.status_code, answer.content) == (404, refused.content), domain
        assert profile(address).status_code in (400, 404), domain


def test_no_server_no_answer(world: None, settings: object) -> None:
    settings.MAILADMIN_MAIL_HOSTNAME = "mx.hoster.example\nevil"  # type: ignore[attr-defined]
    assert autoconfig(ANNA).status_code == 404
    assert autodiscover(question(ANNA)).status_code == 404
    assert profile(ANNA).status_code == 404


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


BAD_QUESTIONS: list[str | bytes] = [
    b"",
    b"\x00",
    b"not xml",
    b"<a>",
    b"\xff\xfe<",
    question(ANNA).replace("?>\n", f"?>{ENTITIES}").replace(ANNA, "&b;@example.com"),
    question(ANNA).replace("?>\n", f"?>{FILE}").replace(ANNA, "&a;@example.com"),
    question(ANNA).replace("?>\n", '?><!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'),
    question(ANNA).replace('encoding="utf-8"', 'encoding="klingon"'),
    question(""),
    question("anna"),
    question("@example.com"),
    question(ANNA).replace("requestschema/2006", "requestschema/1999"),
    question(ANNA) + "<!-- " + "x" * 10_000 + " -->",
    "<a>" * 3000 + "</a>" * 3000,
    question(ANNA, "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"),
]


def test_a_bad_question_is_refused_in_words(world: None) -> None:
    for body in BAD_QUESTIONS:
        answer = autodiscover(body)
        assert answer.status_code == 400
        error = ET.fromstring(answer.content).find(f"{ANSWER}Response/{ANSWER}Error")
        assert error is not None and error.findtext(f"{ANSWER}ErrorCode") in ("600", "601")
        assert b"root:" not in answer.content


def test_a_question_in_another_encoding_is_read(world: None) -> None:
    for encoding in ("utf-16", "iso-8859-1"):
        body = question(ANNA).replace("utf-8", encoding).encode(encoding)
        assert autodiscover_ways(autodiscover(body).content) == WAYS[:3]


def test_answers_may_be_kept_and_carry_no_cookie(anna: Client) -> None:
    """Whoever asks, signed in or not."""
    for path in (f"{AUTOCONFIG}?emailaddress={ANNA}", f"/mail-programs/{ANNA}/mail.mobileconfig"):
        answer = anna.get(path)
        assert answer["Cache-Control"] in ("public, max-age=3600", "max-age=3600, public")
        assert not answer.cookies
        assert answer["X-Content-Type-Options"] == "nosniff"
    refused = anna.get(AUTOCONFIG, {"emailaddress": "x@absent.example"})
    assert refused["Cache-Control"] == "public, max-age=300"
    assert "no-store" in autodiscover(question(ANNA))["Cache-Control"]


def test_a_profile_installs_over_itself_and_names_no_password(world: None) -> None:
    answer = profile(ANNA)
    assert answer["Content-Type"] == "application/x-apple-aspen-config"
    assert answer["Content-Disposition"] == 'attachment; filename="mail.mobileconfig"'
    assert profile(ANNA).content == answer.content
    assert profile("berta@example.com").content != answer.content
    assert b"Rossi" not in answer.content
