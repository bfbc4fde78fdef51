"""Private instances of the programs that checked passwords before Dovecot did: saslauthd with PAM, Courier.

Both read fixed directories, so each runs where it sees one of its own in their place (mount_namespaces(7)).
"""

import os
import shutil
from pathlib import Path
from typing import Self

from .processes import Process, Server, ServerError, complete

AUTHDAEMOND = "/usr/lib/courier/courier-authlib/authdaemond"


class _Secluded(Server):
    """A program that finds directories of ours at fixed places: `places` are by those."""

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[str, Path] = {}
        self.command: list[str] = []
        self.socket = self.dir
        self.process: Process | None = None

    def start(self) -> Self:
        if os.geteuid() != 0:
            raise ServerError("Only root can give a program directories of its own")
        binds = "".join(f"mount --bind {ours} {fixed} && " for fixed, ours in self.places.items())
        shell = ["unshare", "--mount", "sh", "-c", f'{binds}exec "$@"', "sh"]
        self.process = Process([*shell, *self.command], self.dir / "output")
        self.process.wait_ready(self.socket.is_socket)
        return self

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()
            self.process = None

    def log(self) -> str:
        return self.process.tail() if self.process is not None else ""

    def ask(self, *command: str | Path) -> tuple[bool, str]:
        """Run a client where it sees what the program sees; returns whether it was let in, and what was said."""
        assert self.process is not None
        done = complete(["nsenter", f"--target={self.process.pid}", "--mount", *command])
        return done.returncode == 0, done.stdout + done.stderr


class Saslauthd(_Secluded):
    """saslauthd that asks PAM, which finds the given file for the service `smtp` and no other.

    service: what `manage.py mailconfig` wrote as saslauthd/smtp.
    """

    def __init__(self, service: Path) -> None:
        super().__init__()
        (self.dir / "pam.d").mkdir()
        shutil.copy(service, self.dir / "pam.d" / "smtp")
        self.places = {"/etc/pam.d": self.dir / "pam.d"}
        self.socket = self.dir / "mux"
        # In the foreground; names are whole addresses.
        self.command = ["/usr/sbin/saslauthd", "-d", "-a", "pam", "-r", "-n", "1", "-m", str(self.dir)]

    def accepts(self, user: str, password: str) -> bool:
        """Ask as Postfix's Cyrus SASL would."""
        name, _at, realm = user.rpartition("@")
        asked = ("-s", "smtp", "-u", name, "-r", realm, "-p", password)
        return self.ask("testsaslauthd", "-f", self.socket, *asked)[0]


class CourierAuth(_Secluded):
    """Courier's authdaemond with authmysql alone.

    authmysqlrc: what `manage.py mailconfig` wrote as courier/authmysqlrc.
    """

    def __init__(self, authmysqlrc: Path) -> None:
        super().__init__()
        for name in ("etc", "run/courier/authdaemon"):
            (self.dir / name).mkdir(parents=True)
        shutil.copy(authmysqlrc, self.dir / "etc" / "authmysqlrc")
        (self.dir / "etc" / "authdaemonrc").write_text('authmodulelist="authmysql"\ndaemons=1\n')
        self.places = {"/etc/courier": self.dir / "etc", "/run": self.dir / "run"}
        self.socket = self.dir / "run/courier/authdaemon/socket"
        self.command = ["env", "authmodulelist=authmysql", "daemons=1", AUTHDAEMOND]

    def accepts(self, user: str, password: str, service: str = "imap") -> bool:
        """Ask as Courier's servers do."""
        return self.ask("authtest", "-s", service, user, password)[0]

    def account(self, user: str) -> dict[str, str]:
        """Return what Courier knows of a user, by its own words for it."""
        _found, said = self.ask("authtest", user)
        lines = [line.partition(":") for line in said.splitlines()]
        return {name.strip(): value.strip() for name, colon, value in lines if colon}
