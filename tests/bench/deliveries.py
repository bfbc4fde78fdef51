"""What vacation replies cost a delivery: `python -m tests.bench.deliveries`, as root, on MariaDB.

Messages go straight into Dovecot's LMTP over four connections, in rounds that take turns, so that what else the machine
does meets all alike.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Callable

from tests.servers.ca import CertificateAuthority
from tests.servers.dovecot import Dovecot
from tests.servers.mailstack import MailStack
from tests.servers.mariadb import MariaDB
from tests.servers.sink import Sink

CONNECTIONS = 4
USERS = 20
DOMAIN = "bench.example"
WITHOUT = "no sieve plugin"
NONE, KNOWN, EACH = "no vacation", "on vacation, sender known", "on vacation, every message answered"


def fill(stack: MailStack) -> None:
    """Make USERS people of each kind: without a vacation, who answer once, who answer every message."""
    stack.sql(f"INSERT INTO domain (domain, description, transport) VALUES ('{DOMAIN}', '', 'virtual')")
    for kind, interval in (("none", None), ("known", 0), ("each", 1)):
        for number in range(USERS):
            name = f"{kind}{number}"
            address = f"{name}@{DOMAIN}"
            stack.sql(
                "INSERT INTO mailbox (username, password, name, maildir, local_part, domain)"
                f" VALUES ('{address}', '', '', '{DOMAIN}/{name}/', '{name}', '{DOMAIN}')"
            )
            if interval is not None:
                stack.sql(
                    "INSERT INTO vacation (email, subject, body, domain, activefrom, interval_time) VALUES"
                    f" ('{address}', 'Away', 'Back on Monday', '{DOMAIN}', '2001-01-01 00:00:00', {interval})"
                )


def deliver(dovecot: Dovecot, kind: str, messages: int) -> float:
    """Deliver to the people of a kind in turn and return the messages per second."""

    def some(first: int) -> None:
        with dovecot.lmtp() as client:
            for number in range(first, messages, CONNECTIONS):
                to = f"{kind}{number % USERS}@{DOMAIN}"
                head = (
                    f"From: friend@out.example\r\nTo: {to}\r\nSubject: {number}\r\nMessage-ID: <{number}@out.example>"
                )
                client.sendmail("friend@out.example", [to], f"{head}\r\n\r\n{'Hello. ' * 80}\r\n")

    threads = [threading.Thread(target=some, args=(first,)) for first in range(CONNECTIONS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return messages / (time.perf_counter() - started)


def measure(rounds: int, messages: int, say: Callable[[str], None]) -> dict[str, float]:
    """Return the median messages per second of each case."""
    with MariaDB() as database, Sink() as sink, MailStack(database, sink, CertificateAuthority()) as stack:
        fill(stack)
        plain = {"mail_plugins = $mail_plugins sieve": "mail_plugins = $mail_plugins"}
        with Dovecot(stack.config, replace=plain) as without:
            cases = [(WITHOUT, without, "none"), (NONE, stack.dovecot, "none")]
            cases += [(KNOWN, stack.dovecot, "known"), (EACH, stack.dovecot, "each")]
            for _name, dovecot, kind in cases:
                # Scripts are compiled and senders answered before anything is measured.
                deliver(dovecot, kind, 2 * USERS)
            found: dict[str, list[float]] = {name: [] for name, _dovecot, _kind in cases}
            for number in range(rounds):
                for name, dovecot, kind in cases:
                    found[name].append(deliver(dovecot, kind, messages))
                say(f"round {number + 1}: " + ", ".join(f"{name} {rates[-1]:.0f}" for name, rates in found.items()))
    return {name: statistics.median(rates) for name, rates in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.deliveries", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=400, help="in each round, of each case (default: %(default)s)")
    options = parser.parse_args()
    found = measure(options.rounds, options.messages, lambda line: print(line, flush=True))  # noqa: T201
    for name, rate in found.items():
        print(f"{name:36} {rate:7.0f} a second  {rate / found[WITHOUT]:.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
