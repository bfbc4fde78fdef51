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
        return _with_tls(self.ssl_context, self.port, self.host)


class Pop3(poplib.POP3_SSL):
    """POP3 with TLS from the start."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        self._tls = context
        super().__init__(host, port, context=context, timeout=TIMEOUT)

    def _create_socket(self, timeout: float) -> ssl.SSLSocket:
        return _with_tls(self._tls, self.port, self.host)


class Smtp(smtplib.SMTP):
    """SMTP, with TLS from the start or by STARTTLS."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext, *, is_tls: bool) -> None:
        self._context = context if is_tls else None
        super().__init__(host, port, timeout=TIMEOUT)
        if not is_tls:
            self.starttls(context=context)

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        return _with_tls(self._context, port, host) if self._context else _connected(port)


def _connected(port: int) -> socket.socket:
    return socket.create_connection((HOST, port), TIMEOUT)


def _with_tls(context: ssl.SSLContext, port: int, name: str) -> ssl.SSLSocket:
    return context.wrap_socket(_connected(port), server_hostname=name)
