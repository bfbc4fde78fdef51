"""PostfixAdmin's own vacation script, Debian's, as its pages tell to install it: beside its settings, run by Perl."""

import shutil
import subprocess
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
$smtp_server = '{host}';
$smtp_server_port = {smtp_port};
$smtp_ssl = 0;
$syslog = 0;
$log_to_file = 0;
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

    def command(self, sender: str, recipient: str) -> list[str]:
        """Return what Postfix's pipe(8) would run, in `dir`."""
        return ["perl", "vacation.pl", "-f", sender, "--", recipient]

    def answer(self, sender: str, recipient: str, message: bytes) -> str:
        """Hand it a message; returns what it printed, and raises ServerError when it fails."""
        done = subprocess.run(
            self.command(sender, recipient), cwd=self.dir, input=message, capture_output=True, check=False, timeout=60
        )
        told = (done.stdout + done.stderr).decode(errors="replace")
        if done.returncode:
            raise ServerError(f"vacation.pl ended with {done.returncode}: {told}")
        return told
