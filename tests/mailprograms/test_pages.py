"""The pages that people see: whose they are, what they show, and where they lead a phone."""

import html
import re

import pytest
import segno
from django.test import Client

from domains.models import Domain
from mailadmin.core.actor import Actor
from mailadmin.mailserver import conf
from mailboxes.app_passwords import set_app_passwords_only
from tests.mailprograms.conftest import ANNA

OWN = "/account/mail-programs/"
ADMINS = f"/mailboxes/{ANNA}/mail-programs/"
DOMAIN = "/domains/example.com/mail-programs/"
PHONE = f"/mail-programs/{ANNA}/"
NOT_CONFIGURED = "The mail server’s name is not configured"


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return html.unescape(answer.content.decode())


@pytest.mark.parametrize(("who", "path"), [("anna", OWN), ("bob", ADMINS), ("alice", ADMINS), ("client", PHONE)])
def test_servers_ports_and_steps(who: str, path: str, world: None, request: pytest.FixtureRequest) -> None:
    page = text(request.getfixturevalue(who), path)
    for protocol, number, port in (("IMAP", 1, 993), ("POP3", 2, 995), ("SMTP", 3, 465), ("SMTP", 4, 587)):
        assert f'{protocol}: <strong id="server-{number}">mx.hoster.example</strong>, port <strong>{port}<' in page
    # One button for a name that stands there four times.
    assert page.count('data-copy="server-1"') == 1 and 'data-copy="server-2"' not in page
    for program in ("iPhone", "Android", "Thunderbird", "Outlook"):
        assert program in page
    assert f'href="/mail-programs/{ANNA}/mail.mobileconfig"' in page
    assert "anna@<wbr>" in page


def modules(svg: str) -> set[tuple[int, int]]:
    """Return the dark modules of a QR code drawn as horizontal strokes."""
    path = re.search(r'stroke="#000" d="M([\d.]+) ([\d.]+)([^"]*)"', svg)
    assert path
    x, y, dark = int(float(path[1])), int(float(path[2])), set()
    for command, numbers in re.findall(r"([hm])([-\d. ]+)", path[3]):
        step = [int(number) for number in numbers.split()]
        if command == "m":
            x, y = x + step[0], y + step[1]
        else:
            dark |= {(x + one, y) for one in range(step[0])}
            x += step[0]
    return dark


def test_the_code_leads_to_the_public_page(anna: Client, settings: object) -> None:
    for url in ("https://panel.hoster.example", ""):
        settings.MAILADMIN_URL = url  # type: ignore[attr-defined]
        page = text(anna, OWN)
        svg = re.search(r"<svg(?:(?!</svg>).)*#000.*?</svg>", page)
        assert svg and "style" not in svg[0]
        matrix = segno.make_qr(f"{url or 'http://testserver'}{PHONE}", error="m").matrix_iter(border=4)
        expected = {(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
        assert modules(svg[0]) == expected


def test_whose_pages_they_are(anna: Client, bob: Client, charlie: Client, client: Client) -> None:
    assert anna.get(ADMINS).status_code == 302
    assert anna.get("/mailboxes/berta@example.com/mail-programs/").status_code == 404
    assert anna.get(DOMAIN).status_code == 404
    for path in (ADMINS, DOMAIN):
        assert charlie.get(path).status_code == 404
        assert client.get(path).status_code == 302
    assert bob.get(OWN).status_code == 404
    assert client.get(OWN).status_code == 302


@pytest.mark.parametrize(
    "address", ["@example.com", "anna", "anna@absent.example", "a b@example.com", "a%00@example.com"]
)
def test_what_is_no_address_here_has_no_page(world: None, client: Client, address: str) -> None:
    for path in (f"/mail-programs/{address}/", f"/mail-programs/{address}/mail.mobileconfig"):
        assert client.get(path).status_code == 404


def test_odd_names_are_text(world: None, client: Client) -> None:
    page = client.get("/mail-programs/<script>'\"&x@example.com/")
    assert page.status_code == 200
    assert "<script>'" not in page.content.decode()
    assert client.get("/mail-programs/<script>'\"&x@example.com/mail.mobileconfig").status_code == 200


def test_the_home_leads_there(anna: Client, bob: Client) -> None:
    assert f'href="{OWN}"' in text(anna, "/account/")
    assert f'href="{ADMINS}"' in text(bob, f"/mailboxes/{ANNA}/")
    assert f'href="{DOMAIN}"' in text(bob, "/domains/example.com/mailboxes/")


def test_it_says_which_password_they_take(anna: Client, bob: Client) -> None:
    needed = "Mail programs need an app password here"
    assert needed not in text(anna, OWN)
    assert 'href="/account/app-passwords/"' in text(anna, OWN)
    set_app_passwords_only(Actor.cli(), username=ANNA, only=True, confirmed=True)
    assert needed in text(anna, OWN)
    assert needed in text(bob, ADMINS)
    assert needed not in text(Client(), PHONE), "nobody else learns it"


def test_an_alias_domains_own_name_is_told(world: None, client: Client) -> None:
    page = text(client, "/mail-programs/anna@alias.example/")
    assert '<strong id="username">anna@' in page
    assert "The user name is the whole address" not in page


def test_a_domain_that_is_off_has_no_code(alice: Client) -> None:
    Domain.objects.filter(domain="example.com").update(active=False)
    page = text(alice, ADMINS)
    assert "port <strong>993" in page
    assert "On a phone" not in page
    assert alice.get(PHONE).status_code == 404


def test_a_server_without_a_name_is_said_plainly(
    anna: Client, alice: Client, bob: Client, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAILADMIN_MAIL_HOSTNAME = ""  # type: ignore[attr-defined]
    for name in ("box", "box.localdomain", "192.0.2.1", "localhost"):
        monkeypatch.setattr(conf, "_full_name", lambda name=name: name)
        assert NOT_CONFIGURED in text(bob, DOMAIN), name
    for client, path in ((anna, OWN), (bob, ADMINS), (alice, ADMINS), (bob, f"/mailboxes/{ANNA}/handover/")):
        page = text(client, path)
        assert NOT_CONFIGURED in page
        assert ("MAILADMIN_MAIL_HOSTNAME" in page) == (client is alice)
        assert "port <strong>" not in page


def test_the_name_of_the_host_counts_where_it_is_one(
    anna: Client, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAILADMIN_MAIL_HOSTNAME = ""  # type: ignore[attr-defined]
    monkeypatch.setattr(conf, "_full_name", lambda: "mail.example.net")
    assert "mail.example.net" in text(anna, OWN)


RECORDS = """_imaps._tcp.example.com. 3600 IN SRV 0 1 993 mx.hoster.example.
_imap._tcp.example.com. 3600 IN SRV 10 1 143 mx.hoster.example.
_pop3s._tcp.example.com. 3600 IN SRV 20 1 995 mx.hoster.example.
_submissions._tcp.example.com. 3600 IN SRV 0 1 465 mx.hoster.example.
_submission._tcp.example.com. 3600 IN SRV 10 1 587 mx.hoster.example.
_sieve._tcp.example.com. 3600 IN SRV 0 1 4190 mx.hoster.example.
_autodiscover._tcp.example.com. 3600 IN SRV 0 1 443 panel.hoster.example.
autoconfig.example.com. 3600 IN CNAME panel.hoster.example.
autodiscover.example.com. 3600 IN CNAME panel.hoster.example.
"""


def test_the_records_to_publish(bob: Client, settings: object) -> None:
    shown = re.search(r"<pre[^>]*>([^<]*)</pre>", text(bob, DOMAIN))
    assert shown and shown[1].strip().splitlines() == RECORDS.splitlines()
    settings.MAILADMIN_URL = ""  # type: ignore[attr-defined]
    page = text(bob, DOMAIN)
    assert "CNAME" not in page and "MAILADMIN_URL" in page
    assert "_imaps._tcp.own.example. 3600 IN SRV 0 1 993 imap.own.example." in text(
        bob, "/domains/own.example/mail-programs/"
    )
