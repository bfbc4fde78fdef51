"""PostfixAdmin's own vacation script, Debian's, as its pages tell to install it: beside its settings, run by Perl.

It sends to the MX of the user's domain, so a name server stands beside that says localhost for every domain.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import threading
from pathlib import Path

from tests.servers.processes import HOST, ServerError, private_dir

SCRIPT = Path("/usr/share/doc/postfixadmin/examples/VIRTUAL_VACATION/vacation.pl")
SETTINGS = """
$db_type = 'mysql';
$db_host = '{host};port={port}';
$db_username = 'root';
$db_password = '';
$db_name = '{database}';
$vacation_domain = '{domain}';
$smtp_server_port = {smtp_port};
$smtp_ssl = 0;
$log_level = 0;
1;
"""


class VacationScript:
    """The script on a MariaDB database, replying through an SMTP server on the loopback."""

    def __init__(self, *, port: int, database: str, domain: str, smtp_port: int) -> None:
        if not SCRIPT.is_file():
            raise ServerError(f"{SCRIPT} is missing: run tests/bench/peer_install")
        self.dir = private_dir()
        shutil.copy(SCRIPT, self.dir / "vacation.pl")
        values = {"host": HOST, "port": port, "database": database, "domain": domain, "smtp_port": smtp_port}
        (self.dir / "vacation.conf").write_text(SETTINGS.format(**values))
        names = _serve_names()
        self.env = os.environ | {"RES_NAMESERVERS": HOST, "RES_OPTIONS": f"port:{names}"}

    def command(self, sender: str, recipient: str) -> list[str]:
        """Return what Postfix's pipe(8) would run, in `dir` with `env`."""
        return ["perl", "vacation.pl", "-f", sender, "--", recipient]

    def answer(self, sender: str, recipient: str, message: bytes) -> None:
        """Hand it a message; raises ServerError when it fails."""
        command = self.command(sender, recipient)
        done = subprocess.run(
            command, cwd=self.dir, env=self.env, input=message, capture_output=True, check=False, timeout=60
        )
        if done.returncode:
            told = (done.stdout + done.stderr).decode(errors="replace")
            raise ServerError(f"vacation.pl ended with {done.returncode}: {told}")


def _serve_names() -> int:
    """Answer every question for an MX with localhost, as long as the process lives; returns the port."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((HOST, 0))
    answer = b"\xc0\x0c\0\x0f\0\x01\0\0\0\x3c\0\x0d\0\x0a\x09localhost\0"

    def serve() -> None:
        while True:
            with contextlib.suppress(OSError):
                question, asker = server.recvfrom(4096)
                end = question.index(b"\0", 12) + 5
                head = question[:2] + b"\x81\x80\0\x01\0\x01\0\0\0\0"
                server.sendto(head + question[12:end] + answer, asker)

    threading.Thread(target=serve, daemon=True).start()
    return int(server.getsockname()[1])
