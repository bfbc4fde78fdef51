"""The one source of what a mail program is told: servers, ports, encryption and user name."""

from dataclasses import dataclass
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from domains.models import AliasDomain, Domain
from domains.rules import rules_of
from mailadmin.core.addresses import domain_key
from mailadmin.core.errors import Invalid
from mailadmin.mailserver.conf import MailServer, load

IMAP, POP3, SMTP, SIEVE = "imap", "pop3", "smtp", "sieve"


class Access(NamedTuple):
    """One way to the mail server: a protocol, and where (`port` by TCP); without `is_tls`, by STARTTLS."""

    kind: str
    host: str
    port: int
    is_tls: bool

    @property
    def protocol(self) -> str:
        return self.kind.upper()

    @property
    def purpose(self) -> str:
        """Return what it is for, in words."""
        if self.kind == SMTP:
            return _("Send") if self.is_tls else _("Send, where that is not offered")
        return _("Receive") if self.kind == IMAP else _("Receive, without folders")

    @property
    def encryption(self) -> str:
        """Return the encryption in the words of mail programs."""
        return _("TLS from the start (SSL/TLS)") if self.is_tls else _("STARTTLS")


@dataclass(frozen=True, slots=True)
class ProgramSettings:
    """What programs are told of a domain.

    mailbox_domain: where its mailboxes are, which for an alias domain is another one.
    servers: what people are shown, best first; none while the mail server's name is not configured.
    others: what programs find by themselves only.
    """

    domain: str
    mailbox_domain: str
    servers: tuple[Access, ...]
    others: tuple[Access, ...] = ()

    def username(self, address: str) -> str:
        """Return the user name of whoever owns an address of the domain."""
        return f"{address.rpartition('@')[0]}@{self.mailbox_domain}"

    def best(self, kind: str) -> Access | None:
        """Return the first choice for a protocol; None where it is not offered."""
        return next((access for access in self.servers if access.kind == kind), None)

    @property
    def is_complete(self) -> bool:
        """Return whether mail can be both read and sent with them."""
        return self.best(IMAP) is not None and self.best(SMTP) is not None


def program_settings(domain: str, mailbox_domain: str = "") -> ProgramSettings:
    """Return what programs are told of a domain that exists; no servers where the settings name none."""
    mailboxes = mailbox_domain or domain
    try:
        server = load()
    except ImproperlyConfigured:
        # `mailconfig` tells which setting is wrong.
        return ProgramSettings(domain, mailboxes, ())
    rules = rules_of(mailboxes)
    imap, pop3, smtp = (
        own or server.told_host(setting)
        for own, setting in (
            (rules.imap_host, server.imap_host),
            (rules.pop3_host, server.pop3_host),
            (rules.smtp_host, server.smtp_host),
        )
    )
    return ProgramSettings(domain, mailboxes, _named(_shown(server, imap, pop3, smtp)), _named(_found(server, imap)))


def _shown(server: MailServer, imap: str, pop3: str, smtp: str) -> list[Access]:
    return [
        Access(IMAP, imap, server.imaps_port, True),
        Access(POP3, pop3, server.pop3s_port, True),
        Access(SMTP, smtp, server.submissions_port, True),
        Access(SMTP, smtp, server.submission_port, False),
    ]


def _found(server: MailServer, imap: str) -> list[Access]:
    return [Access(IMAP, imap, server.imap_port, False), Access(SIEVE, imap, server.sieve_port, False)]


def _named(ways: list[Access]) -> tuple[Access, ...]:
    return tuple(access for access in ways if access.host)


def public_settings(domain: str) -> ProgramSettings | None:
    """Return what anybody may ask of a domain; None for one that has no mailboxes here, and before there is a server.

    Three look-ups by key, none of them of a mailbox.
    """
    try:
        name = domain_key(domain)
    except Invalid:
        return None
    target = AliasDomain.objects.filter(alias_domain=name, active=True).values_list("target_domain", flat=True).first()
    mailboxes = target or name
    rows = Domain.objects.real().filter(domain__in={name, mailboxes})
    states = {row.domain: row.active and not row.backupmx for row in rows}
    # An alias domain need not have a row of its own, but one that is off stops its mail.
    if not states.get(mailboxes) or not states.get(name, True):
        return None
    found = program_settings(name, mailboxes)
    return found if found.is_complete else None
