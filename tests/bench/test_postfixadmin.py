"""The PostfixAdmin that the panel is measured against works on the database of the panel."""

import urllib.request

import pytest

from tests.bench.postfixadmin import PostfixAdmin
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel
from tests.servers.processes import ServerError

BOSS = "boss@ops.example"
PASSWORD = "correct horse battery"


def test_postfixadmin_shows_what_the_panel_made(mariadb: MariaDB) -> None:
    panel = Panel(mariadb.create_database("peer"))
    panel.migrate()
    panel.manage("domain", "create", "example.com")
    panel.manage("mailbox", "create", "anna@example.com", "--password-stdin", stdin=PASSWORD)
    with PostfixAdmin(mariadb, "peer") as peer:
        peer.create_superadmin(BOSS, PASSWORD)
        opener = peer.sign_in(BOSS, PASSWORD)
        with opener.open(f"{peer.url}/list-virtual.php?domain=example.com") as answer:
            assert "anna@example.com" in answer.read().decode()
        with pytest.raises(ServerError, match="refuses"):
            peer.sign_in(BOSS, "wrong")


def test_opcache_is_on(mariadb: MariaDB) -> None:
    Panel(mariadb.create_database("peer_opcache")).migrate()
    with PostfixAdmin(mariadb, "peer_opcache") as peer:
        (peer.dir / "site/public/opcache.php").write_text("<?php echo opcache_get_status(false)['opcache_enabled'];")
        with urllib.request.urlopen(f"{peer.url}/opcache.php") as answer:
            assert answer.read() == b"1"
