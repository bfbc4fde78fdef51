"""A private Dovecot that runs a directory of generated configuration."""

import imaplib
import os
import shutil
import smtplib
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from .ca import Certificate
from .processes import HOST, Process, Server, ServerError, answers, free_port, run


class Dovecot(Server):
    """Dovecot on what `manage.py mailconfig --output DIR` wrote (DIR/dovecot/dovecot.conf and the files beside it).

    The files are copied and used as they are. Only what makes the instance private is laid over them: directories, log,
    free ports on the loopback, no delay after a wrong password, no fsync. Beside the generated listeners there are two
    at fixed places, open to every local user: `lmtp_socket` and `auth_socket`.

    config: DIR.
    submission_port: where replies and redirections of Sieve are sent: a Postfix service that trusts the loopback.
    extra: more configuration, put last.
    replace: texts to replace in all files, for paths that the generator fixes.
    certificate: the certificate to serve, if the generated one does not exist here.
    """

    def __init__(
        self,
        config: Path,
        *,
        submission_port: int | None = None,
        extra: str = "",
        replace: Mapping[str, str] | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        super().__init__()
        self.source = config / "dovecot"
        self.submission_port = submission_port
        self.extra = extra
        self.replace = dict(replace or {})
        self.certificate = certificate
        self.config = self.dir / "etc"
        self.conf = self.config / "dovecot.conf"
        self.base_dir = self.dir / "run"
        self.log_file = self.dir / "log"
        self.lmtp_socket = self.base_dir / "lmtp-test"
        self.auth_socket = self.base_dir / "auth-test"
        self.imap_port = free_port()
        self.imaps_port = free_port()
        self.pop3_port = free_port()
        self.pop3s_port = free_port()
        self.sieve_port = free_port()
        self.process: Process | None = None

    def _overlay(self) -> str:
        """Return the configuration that makes the instance private; Dovecot merges it with what came before."""
        lines = [
            "",
            "# What the test adds",
            f"base_dir = {self.base_dir}",
            f"state_dir = {self.dir / 'state'}",
            f"log_path = {self.log_file}",
            "info_log_path =",
            "debug_log_path =",
            f"instance_name = {self.dir.name}",
            f"listen = {HOST}",
            "auth_failure_delay = 0",
            "mail_fsync = never",
            # A stranger's wrong password must not slow the next test down.
            "service anvil {\nunix_listener anvil-auth-penalty {\nmode = 0\n}\n}",
            _listeners("imap-login", imap=self.imap_port, imaps=self.imaps_port),
            _listeners("pop3-login", pop3=self.pop3_port, pop3s=self.pop3s_port),
            _listeners("managesieve-login", sieve=self.sieve_port),
            "service lmtp {\nunix_listener lmtp-test {\nmode = 0666\n}\n}",
            "service auth {\nunix_listener auth-test {\nmode = 0666\n}\n}",
        ]
        if self.submission_port:
            lines.append(f"submission_host = {HOST}:{self.submission_port}")
        if self.certificate:
            lines += [f"ssl_cert = <{self.certificate.certificate}", f"ssl_key = <{self.certificate.key}"]
        return "\n".join([*lines, self.extra, ""])

    def write(self) -> None:
        """Copy the generated configuration and lay the overlay over it."""
        shutil.rmtree(self.config, ignore_errors=True)
        shutil.copytree(self.source, self.config)
        for path in self.config.rglob("*"):
            if path.is_file() and (self.replace or b"/etc/dovecot/" in path.read_bytes()):
                text = path.read_text().replace("/etc/dovecot/", f"{self.config}/")
                for old, new in self.replace.items():
                    text = text.replace(old, new)
                path.write_text(text)
            if os.geteuid() == 0:
                shutil.chown(path, group="dovecot")
        with self.conf.open("a") as conf:
            conf.write(self._overlay())

    def start(self) -> Self:
        if self.process is not None:
            return self
        self.write()
        # Sockets left behind by a run before this one make Dovecot wait 5 seconds.
        shutil.rmtree(self.base_dir, ignore_errors=True)
        self.base_dir.mkdir()
        (self.dir / "state").mkdir(exist_ok=True)
        self.process = Process(["/usr/sbin/dovecot", "-c", self.conf, "-F"], self.dir / "output")
        try:
            self.process.wait_ready(lambda: answers(self.imap_port, b"* OK") or answers(self.imaps_port))
        except ServerError as error:
            raise ServerError(f"{error}\n{self.log()[-4000:]}") from None
        return self

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()
            self.process = None

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def doveadm(self, *arguments: str, stdin: str = "") -> str:
        """Run doveadm against this instance and return what it printed; ServerError when it fails."""
        return run(["doveadm", "-c", self.conf, *arguments], stdin=stdin)

    def doveconf(self, *arguments: str) -> str:
        """Return the configuration in force as doveconf prints it."""
        return run(["doveconf", "-c", self.conf, *arguments])

    def imap(self) -> imaplib.IMAP4:
        """Return a connected IMAP client, not signed in, without TLS."""
        return imaplib.IMAP4(HOST, self.imap_port, timeout=30)

    def lmtp(self) -> smtplib.LMTP:
        """Return a connected LMTP client that delivers past Postfix."""
        client = smtplib.LMTP(str(self.lmtp_socket), timeout=30)
        assert isinstance(client.sock, socket.socket)
        client.sock.settimeout(30)
        return client


def _listeners(service: str, **ports: int) -> str:
    """Return the configuration of a service's ports."""
    inner = "\n".join(f"inet_listener {name} {{\nport = {port}\n}}" for name, port in ports.items())
    return f"service {service} {{\n{inner}\n}}"
