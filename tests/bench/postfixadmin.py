"""A private PostfixAdmin, Debian's, to measure the panel against and to take databases over from: nginx and PHP-FPM on
a private MariaDB.

tests/bench/peer_install installs it. Sites keep its settings beside its code, so each instance runs a copy of what is
installed, in its own directory.
"""

import http.cookiejar
import os
import re
import shutil
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from mailadmin.core.passwords.crypt3 import sha512_string
from tests.servers.mariadb import MariaDB
from tests.servers.processes import HOST, Process, Server, ServerError, as_user, complete, free_port, run

CODE = Path("/usr/share/postfixadmin")
PHP = "8.2"
USER = "www-data"
# Nothing that would leave this machine; vacations and storage limits on, as the panel has them; the rest as installed.
SETTINGS: dict[str, str | bool] = {
    "configured": True,
    "encrypt": "php_crypt:SHA512",
    "emailcheck_resolve_domain": "NO",
    "sendmail": "NO",
    "quota": "YES",
    "used_quotas": "YES",
    "quota_multiplier": "1048576",
    "vacation": "YES",
    "vacation_domain": "autoreply.example.org",
    "show_footer_text": "NO",
}
# As Debian's php.ini and nginx.conf have it, OPcache on, but for what makes the instance private.
PHP_FPM = """
[global]
daemonize = no
error_log = {dir}/php.log
[www]
listen = {dir}/php.sock
pm = static
pm.max_children = {workers}
catch_workers_output = yes
php_admin_value[include_path] = {dir}/site:.
php_admin_value[session.save_path] = {dir}/sessions
php_admin_value[error_log] = {dir}/php_error.log
"""
NGINX = """
daemon off;
worker_processes auto;
pid {dir}/nginx.pid;
error_log {dir}/nginx.log;
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log off;
    sendfile on;
    tcp_nopush on;
    gzip on;
    gzip_types text/css application/javascript;
    client_body_temp_path {dir}/temp_body;
    fastcgi_temp_path {dir}/temp_fastcgi;
    proxy_temp_path {dir}/temp_proxy;
    scgi_temp_path {dir}/temp_scgi;
    uwsgi_temp_path {dir}/temp_uwsgi;
    server {{
        listen {host}:{port};
        root {dir}/site/public;
        index index.php;
        location ~ \\.php$ {{
            try_files $uri =404;
            include /etc/nginx/fastcgi_params;
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            fastcgi_pass unix:{dir}/php.sock;
        }}
    }}
}}
"""
_TOKEN = re.compile(r'name="token" value="([^"]+)"')


class PostfixAdmin(Server):
    """PostfixAdmin under nginx and PHP-FPM, on a port of its own, at the root of `url`.

    server: a running MariaDB.
    database: the name of a database there that has PostfixAdmin's tables, by the panel's migrations or `upgrade`.
    settings: its settings that differ from SETTINGS, by their names in its config.inc.php.
    workers: processes of PHP-FPM.
    """

    def __init__(
        self, server: MariaDB, database: str, *, settings: Mapping[str, str | bool] | None = None, workers: int = 4
    ) -> None:
        super().__init__()
        self.server = server
        self.database = database
        self.settings = SETTINGS | dict(settings or {})
        self.workers = workers
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.processes: list[Process] = []

    def _write(self) -> None:
        """Copy what is installed and write the settings of everything."""
        if not CODE.is_dir():
            raise ServerError(f"{CODE} is missing: run tests/bench/peer_install")
        site = self.dir / "site"
        shutil.copytree(CODE, site, ignore_dangling_symlinks=True, ignore=shutil.ignore_patterns("templates_c"))
        for directory in (site / "templates_c", self.dir / "sessions"):
            directory.mkdir()
        (site / "dbconfig.inc.php").write_text(
            "<?php\n"
            f"$dbtype = 'mysqli'; $dbserver = '{HOST}'; $dbport = '{self.server.port}';\n"
            f"$dbname = '{self.database}'; $dbuser = 'root'; $dbpass = '';\n"
        )
        self.configure()
        names = {"dir": self.dir, "host": HOST, "port": self.port, "workers": self.workers}
        (self.dir / "php-fpm.conf").write_text(PHP_FPM.format(**names))
        (self.dir / "nginx.conf").write_text(NGINX.format(**names))
        if os.geteuid() == 0:
            run(["chown", "--recursive", f"{USER}:{USER}", self.dir])

    def configure(self, **settings: str | bool) -> None:
        """Write its settings, with these changed."""
        self.settings |= settings
        lines = [f"$CONF['{name}'] = {_in_php(value)};" for name, value in self.settings.items()]
        lines += [f"$CONF['database_port'] = '{self.server.port}';"]
        (self.dir / "site/config.local.php").write_text("\n".join(["<?php", *lines, ""]))

    def upgrade(self) -> None:
        """Make its tables in an empty database, as its own upgrade script does."""
        self._php("public/upgrade.php")

    def cli(self, *arguments: str) -> str:
        """Run its command line and return what it said; raises ServerError with that when it refuses."""
        return self._php("scripts/postfixadmin-cli.php", *arguments)

    def _php(self, script: str, *arguments: str) -> str:
        site = self.dir / "site"
        if not site.exists():
            self._write()
        options = ["-q", "-d", f"include_path={site}/public:{site}:.", "-d", f"error_log={self.dir}/php_error.log"]
        done = complete([*as_user(USER), f"/usr/bin/php{PHP}", *options, site / script, *arguments])
        if done.returncode or "Fatal error" in done.stdout:
            raise ServerError(f"PostfixAdmin's {script} {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> Self:
        if self.processes:
            return self
        if not (self.dir / "site").exists():
            self._write()
        php: list[str | Path] = [*as_user(USER), f"/usr/sbin/php-fpm{PHP}", "--fpm-config", self.dir / "php-fpm.conf"]
        nginx: list[str | Path] = [
            *as_user(USER),
            "/usr/sbin/nginx",
            "-c",
            self.dir / "nginx.conf",
            "-e",
            self.dir / "nginx.log",
        ]
        self.processes = [Process(php, self.dir / "php.out"), Process(nginx, self.dir / "nginx.out")]
        self.processes[0].wait_ready((self.dir / "php.sock").exists)
        self.processes[1].wait_ready(self._serves)
        return self

    def _serves(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/login.php", timeout=10) as answer:
                page = answer.read().decode()
        except OSError:
            return False
        if 'name="frmLogin"' not in page:
            raise ServerError(f"PostfixAdmin says:\n{page[-2000:]}\n{self.log()}")
        return True

    def stop(self) -> None:
        while self.processes:
            self.processes.pop().stop()

    def log(self) -> str:
        """Return what nginx and PHP complained of."""
        files = [self.dir / name for name in ("nginx.log", "php.log", "php_error.log")]
        return "\n".join(file.read_text(errors="replace") for file in files if file.exists())

    def create_superadmin(self, username: str, password: str) -> None:
        """Write a superadmin whose password both panels accept; an existing admin of the name gets the password."""
        row = (username, sha512_string(password.encode()).decode())
        with self.server.connect(self.database) as connection:
            cursor = connection.cursor()
            cursor.execute(
                "INSERT INTO admin (username, password, superadmin, active, created, modified)"
                " VALUES (%s, %s, 1, 1, NOW(), NOW()) ON DUPLICATE KEY UPDATE password = VALUES(password)",
                row,
            )
            cursor.execute(
                "INSERT INTO domain_admins (username, domain, created, active) SELECT %s, 'ALL', NOW(), 1 FROM DUAL"
                " WHERE NOT EXISTS (SELECT 1 FROM domain_admins WHERE username = %s AND domain = 'ALL')",
                (username, username),
            )

    def sign_in(self, username: str, password: str, page: str = "login.php") -> urllib.request.OpenerDirector:
        """Return an opener with the cookies of an admin who signed in, or of a mailbox at `users/login.php`."""
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        with opener.open(f"{self.url}/{page}", timeout=60) as answer:
            token = _TOKEN.search(answer.read().decode())
        if token is None:
            raise ServerError(f"{self.url}/{page} has no form")
        fields = {"token": token[1], "fUsername": username, "fPassword": password, "lang": "en"}
        with opener.open(f"{self.url}/{page}", urllib.parse.urlencode(fields).encode(), timeout=60) as answer:
            if "login.php" in answer.url:
                raise ServerError(f"PostfixAdmin refuses {username}:\n{self.log()}")
        return opener


def _in_php(value: str | bool) -> str:
    """Return the value as PHP writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{quoted}'"
