"""Ends what a test run started once the run is gone, however it went. Started by `processes`, never imported.

Standard input is a pipe that the run holds open. Its lines say what exists: `+pid`, `-pid`, `+dir`. When the pipe
closes, whether the run ended, was interrupted or was killed, everything still on the list is stopped and removed.
"""

import contextlib
import os
import shutil
import signal
import sys
import time


def running(pid: int) -> bool:
    """Return whether the process exists and is not just waiting to be reaped."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def end(pids: list[int], patience: float) -> None:
    """Ask every process to end, and kill the process groups of those that do not within `patience` seconds."""
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while any(running(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid in pids:
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    pids: list[int] = []
    directories: list[str] = []
    for line in sys.stdin:
        sign, value = line[0], line[1:].rstrip("\n")
        if value.isdigit():
            pids.append(int(value)) if sign == "+" else pids.remove(int(value))
        else:
            directories.append(value)
    end(pids, patience=10)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
