"""Panels of other sizes than `manage.py demo` makes; runs inside the panel, see inside.py."""

import sys

from mailadmin.demo.firms import Size
from mailadmin.demo.large import fill
from tests.bench.databases import PASSWORD


def fill_with(mailboxes: int) -> None:
    """Fill an empty panel with so many mailboxes, a tenth of them in one domain, and the rest in proportion."""
    size = Size(
        domains=max(mailboxes // 100, 30),
        mailboxes=mailboxes,
        biggest=mailboxes // 10,
        aliases=mailboxes // 5,
        alias_domains=max(mailboxes // 2_000, 1),
        admins=max(mailboxes // 2_000, 5),
        log=mailboxes,
        events=mailboxes,
    )
    fill(PASSWORD, size, sys.stderr)
