"""Handing the reply to a mail server."""

import _socket
import socket
import struct
import threading
from typing import Any

import pytest

from mailadmin.responder.errors import TryLater
from mailadmin.responder.sending import send
from tests.mailserver.responder.letters import write
from tests.servers.sink import Sink


def test_how_a_connection_ends_does_not_matter_once_the_reply_was_taken() -> None:
    """A server that goes as soon as it has taken the message, so that QUIT meets nobody; not each time."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=take_and_go, args=(server,), daemon=True).start()
        place = f"127.0.0.1:{server.getsockname()[1]}"
        for _ in range(50):
            send(b"Text\r\n", recipient="one@out.example", submission=place, sendmail="", hostname="mx.test.example")


def take_and_go(server: socket.socket) -> None:
    while True:
        connection, _place = server.accept()
        connection.sendall(b"220 here\r\n")
        for answer in (b"250 OK", b"250 OK", b"250 OK", b"354 go on", b"250 OK"):
            while not connection.recv(4096).endswith(b"\r\n"):
                pass
            connection.sendall(answer + b"\r\n")
        # Without a word more than TCP's reset.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


def test_all_addresses_of_the_mail_server_are_tried(
    config: dict[str, str], sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = _socket.getaddrinfo("127.0.0.1", sink.port, 0, _socket.SOCK_STREAM)
    nobody = (*places[0][:4], ("127.0.0.1", 1))
    monkeypatch.setattr(_socket, "getaddrinfo", lambda *_arguments: [nobody, *places])
    assert write(config) == "answered"
    monkeypatch.setattr(_socket, "getaddrinfo", lambda *_arguments: [nobody, nobody])
    with pytest.raises(TryLater, match="refused"):
        write(config)


@pytest.mark.mysql
@pytest.mark.parametrize(
    ("submission", "asked"),
    [("mx.example:587", ("mx.example", 587)), ("mx.example", ("mx.example", 25)), ("[::1]", ("::1", 25))],
)
def test_the_mail_server_may_be_named_without_a_port(
    submission: str, asked: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Any] = []

    def find(*arguments: Any) -> list[Any]:
        found.append(arguments[:2])
        return []

    monkeypatch.setattr(_socket, "getaddrinfo", find)
    with pytest.raises(TryLater, match="no address of"):
        send(b"Text\r\n", recipient="one@out.example", submission=submission, sendmail="", hostname="mx.test.example")
    assert found == [asked]
