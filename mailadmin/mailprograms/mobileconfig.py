"""Apple's configuration profile for one address: the payload com.apple.mail.managed, without a password, unsigned."""

import plistlib
import uuid

from mailadmin.core.branding import brand
from mailadmin.mailprograms.access import IMAP, SMTP, ProgramSettings

CONTENT_TYPE = "application/x-apple-aspen-config"


def mobileconfig(found: ProgramSettings, address: str, name: str = "") -> bytes:
    """Return the profile; always the same for an address, so that installing it again replaces it.

    name: of the person, for the sender of mail; left out where anybody may ask.
    """
    account = {
        "PayloadType": "com.apple.mail.managed",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{_identifier(address)}.account",
        "PayloadUUID": _uuid(f"{address}/account"),
        "PayloadDisplayName": address,
        "EmailAccountDescription": address,
        "EmailAccountType": "EmailTypeIMAP",
        "EmailAddress": address,
        "OutgoingPasswordSameAsIncomingPassword": True,
        **_server(found, "Incoming", IMAP, address),
        **_server(found, "Outgoing", SMTP, address),
    }
    if name:
        account["EmailAccountName"] = name
    profile = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": _identifier(address),
        "PayloadUUID": _uuid(address),
        "PayloadDisplayName": address,
        "PayloadOrganization": brand().name,
        "PayloadContent": [account],
    }
    return plistlib.dumps(profile)


def _server(found: ProgramSettings, way: str, kind: str, address: str) -> dict[str, str | int | bool]:
    access = found.best(kind)
    assert access is not None, "asked for where servers are missing"
    return {
        f"{way}MailServerAuthentication": "EmailAuthPassword",
        f"{way}MailServerHostName": access.host,
        f"{way}MailServerPortNumber": access.port,
        f"{way}MailServerUseSSL": access.is_tls,
        f"{way}MailServerUsername": found.username(address),
    }


def _identifier(address: str) -> str:
    """Return a name of the profile in reverse order of the domain, of letters that every version takes."""
    domain = address.rpartition("@")[2]
    return ".".join([*reversed(domain.split(".")), "mail", _uuid(address)])


def _uuid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{name}")).upper()
