"""The outside world: an SMTP server that takes every message and keeps it."""

import email
import email.policy
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from .processes import HOST, ServerError, free_port


@dataclass(frozen=True)
class Received:
    """One message as it came in: envelope and content."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.content, policy=email.policy.default)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")


class Sink:
    """Keeps what it receives in `messages`. `refuse` maps recipients to the reply they get instead, for example
    {"full@out.example": "452 4.2.2 Mailbox full"}."""

    def __init__(self) -> None:
        self.port = free_port()
        self.messages: list[Received] = []
        self.refuse: dict[str, str] = {}
        self._arrived = threading.Condition()
        self._controller: Controller | None = None

    def start(self) -> Self:
        if self._controller is None:
            self._controller = Controller(
                self, hostname=HOST, port=self.port, enable_SMTPUTF8=True, data_size_limit=0, ident="sink"
            )
            self._controller.start()
        return self

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: Any) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        received = Received(
            envelope.mail_from or "",
            tuple(envelope.rcpt_tos),
            content if isinstance(content, bytes) else str(content or "").encode(),
        )
        with self._arrived:
            self.messages.append(received)
            self._arrived.notify_all()
        return "250 OK"

    def clear(self) -> None:
        with self._arrived:
            self.messages.clear()

    def find(self, predicate: Callable[[Received], bool]) -> Received | None:
        with self._arrived:
            return next((message for message in self.messages if predicate(message)), None)

    def wait_for(self, predicate: Callable[[Received], bool], timeout: float = 15) -> Received:
        """Return the first message that fits, waiting up to `timeout` seconds; ServerError lists what came instead."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while True:
                for message in self.messages:
                    if predicate(message):
                        return message
                left = deadline - time.monotonic()
                if left <= 0:
                    came = [(m.sender, m.recipients, m.subject) for m in self.messages]
                    raise ServerError(f"no such message within {timeout} s, only: {came}")
                self._arrived.wait(left)
