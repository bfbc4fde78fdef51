"""Starting, waiting for and ending the programs that the tests use."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

HOST = "127.0.0.1"

_guard: "subprocess.Popen[str] | None" = None
_taken_ports: set[int] = set()


class ServerError(Exception):
    """A server did not start, or a command for it failed; the text holds its output."""


def _tell_guard(line: str) -> None:
    """Tell the guard process what to clean up; it acts when this process is gone, however it went."""
    global _guard
    if _guard is None:
        _guard = subprocess.Popen(
            [sys.executable, "-E", "-S", str(Path(__file__).with_name("guard.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
    assert _guard.stdin is not None
    _guard.stdin.write(line + "\n")
    _guard.stdin.flush()


def private_dir() -> Path:
    """Return a new directory with a short path (unix sockets allow 107 bytes), removed when the run ends.

    Other users may enter it: the servers run as their own users.
    """
    path = Path(tempfile.mkdtemp(prefix="ma-", dir="/tmp"))
    path.chmod(0o755)
    _tell_guard(f"+{path}")
    return path


def free_port() -> int:
    """Return a TCP port nobody listens on, never the same one twice in a run.

    Below the ephemeral range, so that an outgoing connection cannot take it before the server does.
    """
    while True:
        port = random.randint(10000, 31999)
        if port in _taken_ports:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            _taken_ports.add(port)
            return port


def complete(
    command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, stdin: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, whatever that is."""
    return subprocess.run(
        [str(word) for word in command], env=env, input=stdin, text=True, capture_output=True, start_new_session=True
    )


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, stdin: str = "") -> str:
    """Run a command to its end and return its standard output; raise ServerError with all it said if it fails."""
    done = complete(command, env=env, stdin=stdin)
    if done.returncode:
        raise ServerError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def as_user(user: str) -> list[str]:
    """Return the words to put before a command so that it runs as `user` when we are root."""
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--"] if os.geteuid() == 0 else []


def wait_until(ready: Callable[[], bool], what: str, timeout: float = 30) -> None:
    """Wait until `ready` returns true; raise ServerError naming `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not ready():
        if time.monotonic() > deadline:
            raise ServerError(f"{what}: not within {timeout} s")
        time.sleep(0.02)


def answers(port: int, greeting: bytes = b"") -> bool:
    """Return whether the port accepts a connection and, if one is given, begins with this greeting."""
    try:
        with socket.create_connection((HOST, port), 1) as connection:
            return not greeting or connection.recv(200).startswith(greeting)
    except OSError:
        return False


class Process:
    """A program in the foreground, in its own session, with its output in a file."""

    def __init__(self, command: Sequence[str | Path], log: Path, *, env: Mapping[str, str] | None = None) -> None:
        self.log = log
        self.name = Path(str(command[0])).name
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                [str(word) for word in command],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._popen.pid
        _tell_guard(f"+{self.pid}")

    def wait_ready(self, ready: Callable[[], bool], timeout: float = 30) -> None:
        """Wait for `ready`; a program that ends or takes too long is a ServerError with the tail of its output."""
        try:
            wait_until(lambda: self._popen.poll() is not None or ready(), self.name, timeout)
        except ServerError:
            self.stop()
            raise ServerError(f"{self.name} was not ready within {timeout} s:\n{self.tail()}") from None
        if self._popen.poll() is not None:
            status = self._popen.returncode
            self.stop()
            raise ServerError(f"{self.name} ended with {status}:\n{self.tail()}")

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    def send(self, signal_number: signal.Signals) -> None:
        self._popen.send_signal(signal_number)

    def stop(self, signal_number: signal.Signals = signal.SIGTERM, patience: float = 15) -> None:
        """Ask the program to end, then kill whatever of its process group is left."""
        if self._popen.poll() is None:
            self._popen.send_signal(signal_number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(patience)
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()
        with contextlib.suppress(OSError):
            _tell_guard(f"-{self.pid}")


class Server:
    """What every server here has: a private directory, `start` and `stop`, and use as a context manager."""

    def __init__(self) -> None:
        self.dir = private_dir()

    def start(self) -> Self:
        """Start the server, wait until it answers, and return it."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop the server; nothing happens when it does not run."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop the server and remove its directory."""
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()
