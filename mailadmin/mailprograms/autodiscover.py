"""Outlook's Autodiscover, "plain old XML": what it asks and what it is told (MS-OXDSCLI)."""

from xml.etree import ElementTree as ET
from xml.parsers import expat

from mailadmin.mailprograms.access import IMAP, POP3, SMTP, Access, ProgramSettings
from mailadmin.mailprograms.xml import add, document

MOST_ASKED = 10_000
"""Bytes; a question is about 500."""

_ANSWER = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
_OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
_OUTLOOK_ASKS = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
_EMAIL, _SCHEMA = f"{_OUTLOOK_ASKS} EMailAddress", f"{_OUTLOOK_ASKS} AcceptableResponseSchema"
_LONGEST = 1000

INVALID_REQUEST, NO_SUCH_SCHEMA, NOT_FOUND = 600, 601, 500


class NotAnswered(Exception):
    """A question without an answer; `code` is Autodiscover's."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Question:
    """Reads the two elements that count. Whatever declares a document type, and so entities, is refused."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._open = ""
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def read(self, body: bytes) -> dict[str, str]:
        self._parser.Parse(body, True)
        return {name: text.strip() for name, text in self.texts.items()}

    def _refuse(self, *_declared: object) -> None:
        raise NotAnswered(INVALID_REQUEST)

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._open = name if name in (_EMAIL, _SCHEMA) and name not in self.texts else ""
        if self._open:
            self.texts[name] = ""

    def _end(self, _name: str) -> None:
        self._open = ""

    def _text(self, text: str) -> None:
        if self._open:
            self.texts[self._open] = (self.texts[self._open] + text)[:_LONGEST]


def asked_address(body: bytes) -> str:
    """Return the address that the request asks about; raises NotAnswered for what is no such request."""
    if len(body) > MOST_ASKED:
        raise NotAnswered(INVALID_REQUEST)
    try:
        texts = _Question().read(body)
    except (expat.ExpatError, ValueError, LookupError):
        raise NotAnswered(INVALID_REQUEST) from None
    address = texts.get(_EMAIL, "")
    if not address.rpartition("@")[0]:
        raise NotAnswered(INVALID_REQUEST)
    if texts.get(_SCHEMA, _OUTLOOK) != _OUTLOOK:
        raise NotAnswered(NO_SUCH_SCHEMA)
    return address


def autodiscover_xml(found: ProgramSettings, address: str) -> bytes:
    """Return the settings for an address, which need not exist."""
    root = ET.Element("Autodiscover", xmlns=_ANSWER)
    response = ET.SubElement(root, "Response", xmlns=_OUTLOOK)
    account = ET.SubElement(response, "Account")
    add(account, "AccountType", "email")
    add(account, "Action", "settings")
    for kind in (IMAP, POP3, SMTP):
        access = found.best(kind)
        if access:
            _add_protocol(account, access, found.username(address))
    return document(root)


def _add_protocol(account: ET.Element, access: Access, username: str) -> None:
    protocol = ET.SubElement(account, "Protocol")
    add(protocol, "Type", access.protocol)
    add(protocol, "Server", access.host)
    add(protocol, "Port", str(access.port))
    add(protocol, "DomainRequired", "off")
    add(protocol, "LoginName", username)
    add(protocol, "SPA", "off")
    add(protocol, "SSL", "on")
    add(protocol, "AuthRequired", "on")
    if access.kind == SMTP:
        add(protocol, "UsePOPAuth", "on")
        add(protocol, "SMTPLast", "off")


_MESSAGES = {
    INVALID_REQUEST: "Invalid Request",
    NO_SUCH_SCHEMA: "Requested schema version not supported",
    NOT_FOUND: "The email address can't be found.",
}


def refusal_xml(code: int) -> bytes:
    """Return the answer to a question that has none; always the same for a code."""
    root = ET.Element("Autodiscover", xmlns=_ANSWER)
    response = ET.SubElement(root, "Response")
    error = ET.SubElement(response, "Error", Time="00:00:00", Id="0")
    add(error, "ErrorCode", str(code))
    add(error, "Message", _MESSAGES[code])
    ET.SubElement(error, "DebugData")
    return document(root)
