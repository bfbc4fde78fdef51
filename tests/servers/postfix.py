"""A private Postfix that runs a directory of generated configuration."""

import os
import re
import shutil
import smtplib
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from .ca import Certificate
from .processes import HOST, Process, Server, ServerError, answers, complete, free_port, run

MASTER = "/usr/lib/postfix/sbin/master"
SERVICE = re.compile(r"^(?P<service>\S+)(?P<rest>\s+inet\s.*)$")
SERVICE_PORTS = {"smtp": "smtp", "25": "smtp", "submission": "submission", "587": "submission"}
SERVICE_PORTS |= {"smtps": "smtps", "465": "smtps", "submissions": "smtps"}


def cool_down(directory: Path) -> None:
    """Date all files an hour back: Postfix waits two seconds for a configuration file that has just been written."""
    then = time.time() - 3600
    for path in directory.rglob("*"):
        os.utime(path, (then, then))


class Postfix(Server):
    """Postfix on what `manage.py mailconfig --output DIR` wrote (DIR/postfix/main.cf, master.cf, sql/*.cf).

    The files are copied and used as they are. Only what makes the instance private is laid over them: directories, log,
    free ports on the loopback, and all mail for elsewhere goes to the sink. Local clients count as strangers. There is
    also a service on `inject_port` which trusts the loopback: other servers (Dovecot's replies) send through it.

    config: DIR.
    sink_port: where mail for the outside goes.
    overrides: main.cf settings that the test wants different.
    replace: texts to replace in all files, for paths that the generator fixes.
    certificate: the certificate to serve, if the generated one does not exist here.
    """

    def __init__(
        self,
        config: Path,
        sink_port: int,
        *,
        overrides: Mapping[str, str] | None = None,
        replace: Mapping[str, str] | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        super().__init__()
        self.source = config / "postfix"
        self.sink_port = sink_port
        self.overrides = dict(overrides or {})
        self.replace = dict(replace or {})
        self.certificate = certificate
        self.config = self.dir / "etc"
        self.spool = self.dir / "spool"
        self.log_file = self.dir / "log" / "maillog"
        self.smtp_port = free_port()
        self.submission_port = free_port()
        self.smtps_port = free_port()
        self.inject_port = free_port()
        self.process: Process | None = None

    def _overlay(self) -> dict[str, str]:
        """Return the settings that make the instance private; trusted networks only where none are configured."""
        settings = {
            "queue_directory": str(self.spool),
            "data_directory": str(self.dir / "data"),
            "maillog_file": str(self.log_file),
            "maillog_file_prefixes": "/var, /dev/stdout, /tmp",
            "syslog_name": "postfix",
            "inet_interfaces": HOST,
            "inet_protocols": "ipv4",
            "disable_dns_lookups": "yes",
            "smtp_host_lookup": "native",
            "relayhost": f"[{HOST}]:{self.sink_port}",
            "in_flow_delay": "0",
            "smtpd_client_connection_rate_limit": "0",
            "smtpd_client_connection_count_limit": "0",
            "smtpd_client_event_limit_exceptions": "127.0.0.0/8",
        }
        if not re.search(r"^mynetworks\s*=", (self.source / "main.cf").read_text(), re.M):
            settings["mynetworks"] = "127.0.0.2/32"
        if self.certificate:
            settings["smtpd_tls_cert_file"] = str(self.certificate.certificate)
            settings["smtpd_tls_key_file"] = str(self.certificate.key)
        return settings | self.overrides

    def _master(self, text: str) -> str:
        """Move the network services to our ports, and add the log and the trusting service."""
        ports = {"smtp": self.smtp_port, "submission": self.submission_port, "smtps": self.smtps_port}
        moved = {service: ports[name] for service, name in SERVICE_PORTS.items()}
        moved |= {str(port): port for port in ports.values()}
        lines = []
        for line in text.splitlines():
            if (service := SERVICE.match(line)) and not line.startswith("#"):
                port = moved.get(service["service"].rpartition(":")[2]) or free_port()
                line = f"{HOST}:{port}{service['rest']}"
            lines.append(line)
        if not any(re.match(r"postlog\s+unix-dgram\s", line) for line in lines):
            lines.append("postlog unix-dgram n - n - 1 postlogd")
        lines += [
            f"{HOST}:{self.inject_port} inet n - n - - smtpd",
            "  -o syslog_name=postfix/inject",
            "  -o mynetworks=127.0.0.0/8",
            "  -o smtpd_client_restrictions=",
            "  -o smtpd_helo_restrictions=",
            "  -o smtpd_sender_restrictions=",
            "  -o smtpd_recipient_restrictions=",
            "  -o smtpd_relay_restrictions=permit_mynetworks,reject",
            "  -o smtpd_tls_security_level=none",
        ]
        return "\n".join(lines) + "\n"

    def write(self) -> None:
        """Copy the generated configuration and lay the overlay over it."""
        shutil.rmtree(self.config, ignore_errors=True)
        # The vacation program is run from where it was written.
        shutil.copytree(self.source, self.config, ignore=shutil.ignore_patterns("vacation"))
        for path in self.config.rglob("*"):
            if path.is_file():
                text = path.read_text().replace("/etc/postfix/sql", str(self.config / "sql"))
                for old, new in self.replace.items():
                    text = text.replace(old, new)
                path.write_text(text)
                shutil.chown(path, group="postfix")
        with (self.config / "main.cf").open("a") as main:
            main.write("\n# What the test adds\n")
            main.writelines(f"{name} = {value}\n" for name, value in self._overlay().items())
        master = self.config / "master.cf"
        master.write_text(self._master(master.read_text()))
        cool_down(self.config)

    def start(self) -> Self:
        """Start; raises ServerError when not root, for Postfix runs for nobody else."""
        if self.process is not None:
            return self
        if os.geteuid() != 0:
            raise ServerError("Postfix only runs as root")
        self.write()
        for name, owner in (("spool", "root"), ("data", "postfix"), ("log", "root")):
            (self.dir / name).mkdir(exist_ok=True)
            shutil.chown(self.dir / name, owner)
        run(["postfix", "-c", self.config, "check"])
        self.process = Process([MASTER, "-c", self.config], self.dir / "output")
        self.process.wait_ready(lambda: answers(self.inject_port, b"220"))
        return self

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()
            self.process = None

    def reload(self) -> None:
        """Read the configuration again; heals at once what Postfix 3.7 waits a minute for after a database restart."""
        run(["postfix", "-c", self.config, "reload"])

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def postconf(self, name: str) -> str:
        """Return the value of a main.cf setting in force, expanded."""
        return run(["postconf", "-c", self.config, "-x", "-h", name]).strip()

    def postmap(self, map_spec: str, keys: Iterable[str]) -> dict[str, str]:
        """Ask one table for many keys; keys without an answer are left out. A table error is a ServerError.

        map_spec: as in main.cf; `proxy:` is dropped, for postmap may read the file itself.
        """
        return postmap(self.config, map_spec.replace("proxy:", "", 1), keys)

    def postmap_setting(self, name: str, keys: Iterable[str]) -> dict[str, str]:
        """Ask the tables of a main.cf setting in order, the first answer counting, as Postfix itself does."""
        waiting = list(keys)
        found: dict[str, str] = {}
        for map_spec in self.postconf(name).replace(",", " ").split():
            found |= self.postmap(map_spec, waiting)
            waiting = [key for key in waiting if key not in found]
        return found

    def queue(self) -> str:
        """Return the mail queue as `postqueue -j` tells it, one JSON object per line."""
        return run(["postqueue", "-c", self.config, "-j"])

    def flush(self) -> None:
        """Try all deferred mail again now."""
        run(["postqueue", "-c", self.config, "-f"])

    def client(self, port: int | None = None) -> smtplib.SMTP:
        """Return a connected SMTP client, a stranger to Postfix unless `port` is `inject_port`."""
        return smtplib.SMTP(HOST, port or self.smtp_port, local_hostname="client.out.example", timeout=30)


def postmap(config: Path, map_spec: str, keys: Iterable[str]) -> dict[str, str]:
    """Ask a Postfix table for many keys without a running Postfix, in one process; needs no root.

    config: a directory with a main.cf. Raises ServerError when the table cannot be read. Source: postmap(1), `-q -`.
    """
    done = complete(["postmap", "-c", config, "-q", "-", map_spec], stdin="".join(f"{key}\n" for key in keys))
    # Status 1 also means that no key was found.
    if done.returncode and re.search("fatal|error|warning", done.stderr):
        raise ServerError(f"postmap {map_spec}: {done.stderr}")
    return dict(line.split("\t", 1) for line in done.stdout.splitlines())
