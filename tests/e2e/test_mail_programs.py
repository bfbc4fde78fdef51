"""Mail programs that know an address and a password: they ask the panel, and by its answers alone send and read."""

import urllib.error
import urllib.request
from email.message import Message

import pytest

from tests.mailprograms.documented import (
    Way,
    autoconfig_faults,
    autoconfig_ways,
    autodiscover_ways,
    profile_ways,
    question,
)
from tests.servers.clients import Imap, Pop3, Smtp
from tests.servers.mailstack import MailStack, letter
from tests.servers.processes import wait_until

pytestmark = pytest.mark.slow

DOMAIN, ALIAS = "programs.example", "alias.programs.example"
PASSWORD = "a lighthouse keeper's words"


def ask(stack: MailStack, path: str, host: str, data: str = "") -> tuple[int, bytes, Message]:
    """Ask the panel as whoever follows a customer's own DNS."""
    request = urllib.request.Request(f"{stack.panel.url}{path}", data=data.encode() or None, headers={"Host": host})
    if data:
        request.add_header("Content-Type", "text/xml")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def first(ways: list[Way], kind: str, *, is_tls: bool = True) -> Way:
    return next(way for way in ways if (way.kind, way.is_tls) == (kind, is_tls))


def sends(stack: MailStack, way: Way, address: str, subject: str) -> None:
    """Write to oneself, as one who tries a new account."""
    message = letter(subject, sender=address, to=address)
    with Smtp(way.host, way.port, stack.ca.context(), is_tls=way.is_tls) as client:
        client.login(way.username, PASSWORD)
        assert client.send_message(message) == {}


def read(stack: MailStack, way: Way) -> list[str]:
    """Return the subjects of the mail that is there."""
    client = Imap(way.host, way.port, stack.ca.context())
    client.login(way.username, PASSWORD)
    _status, [number] = client.select("INBOX", readonly=True)
    lines = client.fetch("1:*", "(BODY[HEADER.FIELDS (SUBJECT)])")[1] if number != b"0" else []
    client.logout()
    found = [line[1].decode() for line in lines if isinstance(line, tuple)]
    return [line.partition(":")[2].strip() for line in found]


def receives(stack: MailStack, way: Way, subject: str) -> None:
    wait_until(lambda: subject in read(stack, way), f"{subject} by {way}", 20)


@pytest.fixture(scope="module")
def address(stack: MailStack) -> str:
    """A mailbox, of a domain that has an alias domain."""
    for name in (DOMAIN, ALIAS):
        stack.panel.manage("domain", "create", name)
    stack.panel.manage("alias_domain", "create", ALIAS, "--target", DOMAIN)
    stack.panel.manage("mailbox", "create", f"anna@{DOMAIN}", "--password-stdin", stdin=PASSWORD)
    return f"anna@{DOMAIN}"


def test_from_the_answers_alone_to_a_message(stack: MailStack, address: str) -> None:
    status, told, headers = ask(stack, f"/mail/config-v1.1.xml?emailaddress={address}", f"autoconfig.{DOMAIN}")
    assert status == 200
    assert "Set-Cookie" not in headers
    assert autoconfig_faults(told) == []
    thunderbird = autoconfig_ways(told, address)
    sends(stack, first(thunderbird, "smtp"), address, "By autoconfig")
    receives(stack, first(thunderbird, "imap"), "By autoconfig")
    sends(stack, first(thunderbird, "smtp", is_tls=False), address, "By STARTTLS")
    receives(stack, first(thunderbird, "imap"), "By STARTTLS")
    pop3 = first(thunderbird, "pop3")
    client = Pop3(pop3.host, pop3.port, stack.ca.context())
    client.user(pop3.username)
    client.pass_(PASSWORD)
    assert client.stat()[0] == 2
    client.quit()
    _status, told, _headers = ask(
        stack, "/autodiscover/autodiscover.xml", f"autodiscover.{DOMAIN}", data=question(address)
    )
    assert autodiscover_ways(told) == thunderbird[:3]
    _status, told, _headers = ask(stack, f"/mail-programs/{address}/mail.mobileconfig", stack.panel.url[7:])
    assert profile_ways(told) == [first(thunderbird, "imap"), first(thunderbird, "smtp")]


def test_an_address_of_an_alias_domain_sends_and_reads(stack: MailStack, address: str) -> None:
    mirrored = f"anna@{ALIAS}"
    # Without an address, as a program that asks by the name alone.
    status, told, _headers = ask(stack, "/.well-known/autoconfig/mail/config-v1.1.xml", ALIAS)
    assert status == 200
    ways = autoconfig_ways(told, mirrored)
    sends(stack, first(ways, "smtp"), mirrored, "From the alias domain")
    receives(stack, first(ways, "imap"), "From the alias domain")
    assert ask(stack, "/login/", ALIAS)[0] == 400
