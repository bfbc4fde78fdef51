"""Real SMTP messages for the vacation program, without Postfix: a database with people, and the program in process."""

from collections.abc import Mapping
from typing import Any

from mailadmin.responder.answering import answer
from tests.servers.sink import Received, Sink

AUTOREPLY = "autoreply.example.org"


def entry(user: str) -> str:
    return f"{user.replace('@', '#')}@{AUTOREPLY}"


def answer_message(config: Mapping[str, str], sender: str, user: str, message: bytes) -> str:
    """Hand a message to the program as Postfix does; returns what it says that it did."""
    from mailadmin.responder.headers import read_header

    pieces = [message.replace(b"\r\n", b"\n"), b""]
    return answer(dict(config), sender, entry(user), read_header(lambda _size: pieces.pop(0)))


def replies_to(sink: Sink, sender: str) -> list[Received]:
    return [received for received in sink.messages if received.recipients == (sender,)]


def config_for(connection: Any, sink: Sink, **changes: str) -> dict[str, str]:
    """Return the program's settings for Django's connection, as its database user."""
    from mailadmin.mailserver.dialects import VENDOR_ENGINES

    values = connection.settings_dict
    return {
        "engine": VENDOR_ENGINES[connection.vendor],
        "database": str(values["NAME"]),
        "host": str(values["HOST"]),
        "port": str(values["PORT"]),
        "user": str(values["USER"]),
        "password": str(values["PASSWORD"]),
        "hostname": "mx.test.example",
        "submission": f"127.0.0.1:{sink.port}",
        "sendmail": "",
    } | changes
