"""The panel with the demo in it, and what of it to look at."""

from collections.abc import Iterator
from contextlib import contextmanager

from mailadmin.demo.names import OWNER
from tests.servers.panel import Panel
from tests.servers.sqlite import SQLite

PASSWORD = "three quiet lighthouses"
PEOPLE = {"superadmin": OWNER, "admin": "giulia@studiorossi.example", "user": "francois@cafe-lumiere.example"}

# What stands in an address, as in tests.test_walk; the domain is one that the admin of PEOPLE administers.
OBJECTS = {
    "domain": ("studiorossi.example", "absent.example"),
    "alias_domain": ("rossi-architetti.example", "absent.example"),
    "username": ("giulia@studiorossi.example", "nobody@example.com"),
    "mailbox": ("segreteria@studiorossi.example", "nobody@example.com"),
    "alias": ("fatture@studiorossi.example", "nobody@example.com"),
    "job": ("job-of-nobody", "job-of-nobody"),
}


@contextmanager
def demo_panel() -> Iterator[Panel]:
    """Run a panel on a new SQLite database that `manage.py demo` filled."""
    with Panel(SQLite().create_database("demo"), threads=8) as panel:
        panel.manage("demo", "--password-stdin", stdin=PASSWORD)
        yield panel
