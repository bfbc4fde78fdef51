"""Thunderbird's autoconfig, format 1.1 (draft-ietf-mailmaint-autoconfig)."""

from xml.etree import ElementTree as ET

from mailadmin.core.branding import brand
from mailadmin.mailprograms.access import SMTP, Access, ProgramSettings
from mailadmin.mailprograms.xml import add, document


def autoconfig_xml(found: ProgramSettings) -> bytes:
    """Return the answer for a domain; the same for all of its addresses: the program puts its own in."""
    root = ET.Element("clientConfig", version="1.1")
    provider = ET.SubElement(root, "emailProvider", id=found.domain)
    for domain in dict.fromkeys((found.domain, found.mailbox_domain)):
        add(provider, "domain", domain)
    add(provider, "displayName", brand().name)
    add(provider, "displayShortName", brand().name)
    for access in found.servers:
        _add_server(provider, access, _username(found))
    return document(root)


def _username(found: ProgramSettings) -> str:
    """Return the user name's pattern.

    Whoever types an address of an alias domain, or one in letters beyond ASCII, signs in by the mailbox's own.
    """
    if found.mailbox_domain != found.domain or "xn--" in found.domain:
        return f"%EMAILLOCALPART%@{found.mailbox_domain}"
    return "%EMAILADDRESS%"


def _add_server(provider: ET.Element, access: Access, username: str) -> None:
    tag = "outgoingServer" if access.kind == SMTP else "incomingServer"
    server = ET.SubElement(provider, tag, type=access.kind)
    add(server, "hostname", access.host)
    add(server, "port", str(access.port))
    add(server, "socketType", "SSL" if access.is_tls else "STARTTLS")
    # The password as it is, inside TLS: nothing but its hash is kept.
    add(server, "authentication", "password-cleartext")
    add(server, "username", username)
