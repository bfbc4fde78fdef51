"""What a mail program is set up with, in words for the person who does it."""

from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from mailadmin.mailserver.conf import load


class Access(NamedTuple):
    """One way to the mail server: what for, by which protocol, and where (a TCP port)."""

    purpose: str
    protocol: str
    host: str
    port: int
    encryption: str


def program_settings() -> list[Access]:
    """Return the ways into a mailbox; none where the mail server's settings are broken, which `mailconfig` tells."""
    try:
        server = load()
    except ImproperlyConfigured:
        return []
    tls, starttls = _("TLS from the start (SSL/TLS)"), _("STARTTLS")
    return [
        Access(_("Receive"), "IMAP", server.hostname, server.imaps_port, tls),
        Access(_("Receive, without folders"), "POP3", server.hostname, server.pop3s_port, tls),
        Access(_("Send"), "SMTP", server.hostname, server.submissions_port, tls),
        Access(_("Send, where that is not offered"), "SMTP", server.hostname, server.submission_port, starttls),
    ]
