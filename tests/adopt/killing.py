"""Stopping an adoption as a power failure would, and what must be the same after it was run to its end."""

import re
import signal
import subprocess
import sys
import time

from tests.servers.panel import ROOT, Panel

# What tells of the way rather than of the end: times, tokens, counts of changes, numbers of rows.
_NOISE = [
    (re.compile(r"'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^']*'"), "'T'"),
    (re.compile(r"(INSERT INTO \S*mailadmin_sweep\S* VALUES \().*"), r"\1"),
    (re.compile(r"(INSERT INTO \S*mailadmin_(?:alias_target|finding)\S* VALUES ?\()\d+,"), r"\1"),
    (re.compile(r"(INSERT INTO \S*mailadmin_domain\S* VALUES ?\('[^']*', ?)\d+,"), r"\1"),
]


def settled(dump: str) -> list[str]:
    """Return a dump's lines without what differs between any two runs, and without an order among them."""
    for pattern, instead in _NOISE:
        dump = pattern.sub(instead, dump)
    return sorted(line.strip().rstrip(",") for line in dump.splitlines())


def killed(panel: Panel, line: int, delay: float, *arguments: str) -> bool:
    """Start --apply, or what the arguments say, and kill it `delay` seconds after that many lines of progress.

    Returns whether it was under way.
    """
    command = [sys.executable, str(ROOT / "manage.py"), "adopt", *(arguments or ["--apply"])]
    with subprocess.Popen(command, env=panel.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        for _number in range(line):
            process.stdout.readline()
        time.sleep(delay)
        under_way = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    return under_way
