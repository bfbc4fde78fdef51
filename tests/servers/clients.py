"""A mail program that connects to a server by the name it was told, though no DNS knows that name.

The connection goes to this machine; the certificate is checked against the name.
"""

import imaplib
import poplib
import smtplib
import socket
import ssl
from typing import Any

from .processes import HOST

TIMEOUT = 30


class Imap(imaplib.IMAP4_SSL):
    """IMAP with TLS from the start."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(host, port, ssl_context=context, timeout=TIMEOUT)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        return self.ssl_context.wrap_socket(_connected(self.port), server_hostname=self.host)


class Pop3(poplib.POP3_SSL):
    """POP3 with TLS from the start."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(host, port, context=context, timeout=TIMEOUT)

    def _create_socket(self, timeout: float) -> ssl.SSLSocket:
        return self.context.wrap_socket(_connected(self.port), server_hostname=self.host)


class Smtp(smtplib.SMTP):
    """SMTP, with TLS from the start or by STARTTLS."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext, *, is_tls: bool) -> None:
        self._context = context if is_tls else None
        super().__init__(host, port, timeout=TIMEOUT)
        if not is_tls:
            self.starttls(context=context)

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        connected = _connected(port)
        return self._context.wrap_socket(connected, server_hostname=host) if self._context else connected


def _connected(port: int) -> socket.socket:
    return socket.create_connection((HOST, port), TIMEOUT)
