"""The panel with the demo in it, and what of it to look at."""

from collections.abc import Iterator
from contextlib import contextmanager

from mailadmin.demo.names import OWNER
from tests.servers.panel import Panel
from tests.servers.sqlite import SQLite
from tests.test_walk import OBJECTS as WALKED

PASSWORD = "three quiet lighthouses"
PEOPLE = {"superadmin": OWNER, "admin": "giulia@studiorossi.example", "user": "francois@cafe-lumiere.example"}

# A set-up link with the token that tests.test_walk knows, made by the admin.
LINK = f"""from mailadmin.core.actor import Actor, ActorKind; from tests.operations.cases import TOKEN, keep_link
keep_link(TOKEN, "segreteria@studiorossi.example", Actor(ActorKind.ADMIN, "{PEOPLE["admin"]}"))"""

# What stands in an address, as in tests.test_walk; the domain is one that the admin of PEOPLE administers.
OBJECTS = WALKED | {
    "domain": ("studiorossi.example", "absent.example"),
    "alias_domain": ("rossi-architetti.example", "absent.example"),
    "username": ("giulia@studiorossi.example", "nobody@example.com"),
    "mailbox": ("segreteria@studiorossi.example", "nobody@example.com"),
    "alias": ("fatture@studiorossi.example", "nobody@example.com"),
}


@contextmanager
def demo_panel() -> Iterator[Panel]:
    """Run a panel on a new SQLite database that `manage.py demo` filled."""
    with Panel(SQLite().create_database("demo"), threads=8) as panel:
        panel.manage("demo", "--password-stdin", stdin=PASSWORD)
        panel.manage("shell", "-c", LINK)
        yield panel
