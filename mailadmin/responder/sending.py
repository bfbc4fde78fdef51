"""Handing a reply over, with the null sender (RFC 3834 section 3.3): by SMTP, or to sendmail(1)."""

from __future__ import annotations

import os

from mailadmin.responder.errors import Refused, TryLater

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Connection

TIMEOUT = 60.0
"""Seconds that a step may take."""
_NO_SUCH = (b"5.1.", b"5.2.")
"""Beginnings of the status that says that an address, or the mailbox there, is not to be had (RFC 3463); other refusals
are about us, and may end once somebody sets the server right."""


def send(reply: bytes, *, recipient: str, submission: str, sendmail: str, hostname: str) -> None:
    """Hand the reply over; raises TryLater unless it was taken, or Refused where it never will be.

    submission: `host:port`, or `host` for port 25, or "" for sendmail, the path of the program.
    """
    if submission:
        _send_by_smtp(reply, recipient, submission, hostname)
    else:
        _send_by_sendmail(reply, recipient, sendmail)


def _send_by_smtp(reply: bytes, recipient: str, submission: str, hostname: str) -> None:
    try:
        connection = _connect(submission)
        talk = _Talk(connection)
        talk.expect("220")
        talk.say(f"EHLO {hostname}", "250")
        talk.say("MAIL FROM:<>", "250")
        talk.say(f"RCPT TO:<{recipient}>", "250")
        talk.say("DATA", "354")
        lines = reply.replace(b"\r\n.", b"\r\n..")
        connection.sendall((b"." + lines if lines.startswith(b".") else lines) + b".\r\n")
        talk.expect("250")
    except (OSError, ValueError) as error:
        raise TryLater(f"{submission}: {error}") from error
    try:
        connection.sendall(b"QUIT\r\n")
        connection.close()
    except OSError:
        # The reply was taken, however the connection ends.
        pass


def _connect(submission: str) -> Connection:
    """Return a connection to the first address of the server that answers; raises OSError and ValueError."""
    # socket itself loads four times as much.
    import _socket

    host, _colon, port = submission.rpartition(":")
    if not port.isdigit():
        # As Dovecot reads the same setting.
        host, port = submission, "25"
    failure = OSError(f"no address of {host}")
    for family, kind, protocol, _name, place in _socket.getaddrinfo(
        host.strip("[]"), int(port), 0, _socket.SOCK_STREAM
    ):
        try:
            connection = _socket.socket(family, kind, protocol)
            connection.settimeout(TIMEOUT)
            if number := connection.connect_ex(place):
                raise OSError(number, os.strerror(number))
        except OSError as error:
            failure = error
        else:
            return connection
    raise failure


class _Talk:
    """One SMTP dialogue."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read = b""

    def say(self, line: str, code: str) -> None:
        self._connection.sendall(f"{line}\r\n".encode("ascii"))
        self.expect(code)

    def expect(self, code: str) -> None:
        """Read one answer; raises TryLater for another than the code, or Refused."""
        while True:
            line, end, rest = self._read.partition(b"\r\n")
            if not end:
                piece = self._connection.recv(4096)
                if not piece or len(self._read) > 65_536:
                    raise TryLater("the mail server ended the connection")
                self._read += piece
                continue
            self._read = rest
            if line[3:4] == b"-":
                continue
            if line[:3] != code.encode():
                told = f"the mail server says {line[:200].decode('ascii', 'replace')}"
                raise Refused(told) if line[4:8] in _NO_SUCH else TryLater(told)
            return


def _send_by_sendmail(reply: bytes, recipient: str, sendmail: str) -> None:
    reading, writing = os.pipe()
    arguments = [sendmail, "-i", "-f", "", "--", recipient]
    actions = [(os.POSIX_SPAWN_DUP2, reading, 0), (os.POSIX_SPAWN_CLOSE, writing)]
    try:
        process = os.posix_spawn(sendmail, arguments, {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, file_actions=actions)
    except OSError as error:
        raise TryLater(f"{sendmail}: {error}") from error
    os.close(reading)
    try:
        # A program that ends early is told by its status.
        with open(writing, "wb") as stream:
            stream.write(reply.replace(b"\r\n", b"\n"))
    except BrokenPipeError:
        pass
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if status:
        raise TryLater(f"{sendmail} ended with {status}")
