"""What mail programs' makers document of their formats, and readers of them that know nothing of the panel's code.

autoconfig: draft-ietf-mailmaint-autoconfig and Thunderbird's "config file format" 1.1. Autodiscover: MS-OXDSCLI and
Microsoft's POX reference. Profiles: Apple's device management reference, com.apple.mail.managed.
"""

import plistlib
import re
import uuid
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

CONTENTS = {
    "domain": (1, 99),
    "displayName": (1, 1),
    "displayShortName": (0, 1),
    "incomingServer": (1, 99),
    "outgoingServer": (1, 99),
    "documentation": (0, 99),
    "webMail": (0, 1),
}
SERVER_CONTENTS = {
    "hostname": (1, 1),
    "port": (1, 1),
    "socketType": (1, 1),
    "authentication": (1, 9),
    "username": (1, 1),
}
TYPES = {"incomingServer": {"imap", "pop3"}, "outgoingServer": {"smtp"}}
SOCKET_TYPES = {"plain", "SSL", "STARTTLS"}
AUTHENTICATIONS = {
    "password-cleartext",
    "password-encrypted",
    "NTLM",
    "GSSAPI",
    "client-IP-address",
    "TLS-client-cert",
    "OAuth2",
    "none",
}
PLACEHOLDERS = {"%EMAILADDRESS%", "%EMAILLOCALPART%", "%EMAILDOMAIN%"}
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


class Way(NamedTuple):
    """What a program would do: connect by a protocol, with TLS from the start or STARTTLS, and sign in as somebody."""

    kind: str
    host: str
    port: int
    is_tls: bool
    username: str


def autoconfig_faults(text: bytes) -> list[str]:
    """Return where a document breaks the format; the order of elements is nobody's business."""
    root = ET.fromstring(text)
    providers = root.findall("emailProvider")
    if (root.tag, root.get("version")) != ("clientConfig", "1.1") or len(providers) != 1:
        return ["not one emailProvider in a clientConfig of version 1.1"]
    provider = providers[0]
    found = _counted(provider, CONTENTS)
    if not _HOST.fullmatch(provider.get("id", "")):
        found.append("the id is no domain")
    found += [f"no domain: {one.text}" for one in provider.findall("domain") if not _HOST.fullmatch(one.text or "")]
    for server in provider:
        if server.tag in TYPES:
            found += _server_faults(server)
    return found


def _counted(parent: ET.Element, allowed: dict[str, tuple[int, int]]) -> list[str]:
    tags = [child.tag for child in parent]
    found = [f"{parent.tag} has a {tag}" for tag in tags if tag not in allowed]
    for tag, (least, most) in allowed.items():
        if not least <= tags.count(tag) <= most:
            found.append(f"{parent.tag} has {tags.count(tag)} {tag}")
    return found


def _server_faults(server: ET.Element) -> list[str]:
    found = _counted(server, SERVER_CONTENTS)
    if found:
        return found
    texts = {child.tag: child.text or "" for child in server}
    unknown = set(re.findall(r"%[^%]*%?", texts["username"])) - PLACEHOLDERS
    checks = {
        f"type {server.get('type')}": server.get("type") in TYPES[server.tag],
        f"hostname {texts['hostname']}": bool(_HOST.fullmatch(texts["hostname"])),
        f"port {texts['port']}": texts["port"].isdigit() and 0 < int(texts["port"]) < 65536,
        f"socketType {texts['socketType']}": texts["socketType"] in SOCKET_TYPES,
        f"authentication {texts['authentication']}": texts["authentication"] in AUTHENTICATIONS,
        f"placeholders {unknown}": not unknown,
    }
    return [f"{server.tag}: {what}" for what, is_right in checks.items() if not is_right]


def autoconfig_ways(text: bytes, address: str) -> list[Way]:
    """Return what Thunderbird would make of it for an address."""
    local_part, _at, domain = address.rpartition("@")
    values = {"%EMAILADDRESS%": address, "%EMAILLOCALPART%": local_part, "%EMAILDOMAIN%": domain}
    found = []
    for server in ET.fromstring(text).iter():
        if server.tag in TYPES:
            username = server.findtext("username", "")
            for placeholder, value in values.items():
                username = username.replace(placeholder, value)
            is_tls = {"SSL": True, "STARTTLS": False}[server.findtext("socketType", "")]
            host, port = server.findtext("hostname", ""), int(server.findtext("port", ""))
            found.append(Way(server.get("type", ""), host, port, is_tls, username))
    return found


ANSWER = "{http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006}"
OUTLOOK = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"
QUESTION = """<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request>
    <EMailAddress>{address}</EMailAddress>
    <AcceptableResponseSchema>{schema}</AcceptableResponseSchema>
  </Request>
</Autodiscover>"""
OUTLOOK_SCHEMA = OUTLOOK[1:-1]
ON_OFF = ("DomainRequired", "SPA", "SSL", "AuthRequired", "UsePOPAuth", "SMTPLast")


def question(address: str, schema: str = OUTLOOK_SCHEMA) -> str:
    """Return what Outlook sends."""
    return QUESTION.format(address=address, schema=schema)


def autodiscover_ways(text: bytes) -> list[Way]:
    """Return what Outlook would make of it; AssertionError where the answer breaks the format."""
    root = ET.fromstring(text)
    assert root.tag == f"{ANSWER}Autodiscover"
    account = root.find(f"{OUTLOOK}Response/{OUTLOOK}Account")
    assert account is not None
    assert account.findtext(f"{OUTLOOK}AccountType") == "email"
    assert account.findtext(f"{OUTLOOK}Action") == "settings"
    found = []
    for protocol in account.findall(f"{OUTLOOK}Protocol"):
        values = {child.tag.removeprefix(OUTLOOK): child.text or "" for child in protocol}
        assert all(values.get(name, "off") in ("on", "off") for name in ON_OFF)
        kind = values["Type"].lower()
        assert kind in ("imap", "pop3", "smtp")
        found.append(Way(kind, values["Server"], int(values["Port"]), values["SSL"] == "on", values["LoginName"]))
    return found


def profile_ways(text: bytes) -> list[Way]:
    """Return what an iPhone would make of it; AssertionError where the profile breaks the format."""
    profile = plistlib.loads(text)
    assert profile["PayloadType"] == "Configuration"
    [account] = profile["PayloadContent"]
    assert account["PayloadType"] == "com.apple.mail.managed"
    for payload in (profile, account):
        assert payload["PayloadVersion"] == 1
        assert uuid.UUID(payload["PayloadUUID"])
        assert re.fullmatch(r"[A-Za-z0-9.-]+", payload["PayloadIdentifier"])
    assert profile["PayloadUUID"] != account["PayloadUUID"]
    assert account["EmailAccountType"] == "EmailTypeIMAP"
    assert account["OutgoingPasswordSameAsIncomingPassword"] is True
    assert not [key for key in account if key.endswith("Password") and isinstance(account[key], str)]
    return [_profile_way(account, "Incoming", "imap"), _profile_way(account, "Outgoing", "smtp")]


def _profile_way(account: dict[str, Any], way: str, kind: str) -> Way:
    assert account[f"{way}MailServerAuthentication"] == "EmailAuthPassword"
    port, is_tls = account[f"{way}MailServerPortNumber"], account[f"{way}MailServerUseSSL"]
    assert type(port) is int and type(is_tls) is bool
    return Way(kind, account[f"{way}MailServerHostName"], port, is_tls, account[f"{way}MailServerUsername"])
