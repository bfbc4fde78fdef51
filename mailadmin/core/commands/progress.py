"""How far a long command is."""

import time

from django.core.management.base import OutputWrapper


class Progress:
    """Says on standard error how far something long is: a line that is written over on a terminal, else now and then.

    What is over within a second says nothing.
    """

    FIRST, LIVE, PLAIN = 1.0, 0.2, 10.0
    """Seconds before the first line, and between two on a terminal and elsewhere."""

    def __init__(self, stream: OutputWrapper, total: int) -> None:
        self._stream, self._total = stream, total
        self._live = stream.isatty()
        self._next = time.monotonic() + self.FIRST
        self._written = False

    def step(self, done: int) -> None:
        """Say that so many of all are done, if it is time to."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + (self.LIVE if self._live else self.PLAIN)
        self._written = True
        line = f"{done:,} / {max(done, self._total):,}"
        self._stream.write(f"\r{line}" if self._live else line, ending="" if self._live else "\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._live and self._written:
            self._stream.write("")
