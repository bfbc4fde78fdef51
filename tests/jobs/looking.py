"""Asking what Postfix and Dovecot ask, over and over, while something else is at work."""

import itertools
import statistics
import threading
import time
from collections.abc import Sequence

from django.db import connection

from mailadmin.mailserver import lookups


class Looking(threading.Thread):
    """Asks every lookup of each address in turn, on a plain connection of its own."""

    def __init__(self, addresses: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self.addresses = addresses
        self.waits: list[float] = []
        self.errors: list[str] = []
        self.began = time.monotonic()
        self._ended = threading.Event()

    def run(self) -> None:
        try:
            for address in itertools.cycle(self.addresses):
                if self._ended.is_set():
                    return
                self._ask(address)
        except Exception as error:
            self.errors.append(repr(error))
        finally:
            connection.close()

    def _ask(self, address: str) -> None:
        for lookup in lookups.ALL:
            if lookup is lookups.ITERATE_QUERY:
                continue  # It reads every user, for `doveadm -A`.
            began = time.monotonic()
            if lookup.runner is lookups.Runner.POSTFIX:
                lookups.run(lookup, address)
            else:
                lookups.run_dovecot(lookup, address)
            self.waits.append(time.monotonic() - began)

    def end(self) -> "Looking":
        """Stop asking."""
        self.seconds = time.monotonic() - self.began
        self._ended.set()
        self.join()
        return self

    @property
    def per_second(self) -> float:
        return len(self.waits) / self.seconds

    @property
    def slowest(self) -> float:
        """Return the longest wait in seconds."""
        return max(self.waits)

    @property
    def usual(self) -> float:
        """Return the 99th percentile of the waits in seconds."""
        return statistics.quantiles(self.waits, n=100)[98]
