"""The panel with the guard taken out, to show that the tests of the limits would notice."""

import domains.guard
from mailadmin.wsgi import application

__all__ = ["application"]


def _nothing(_name: str) -> int:
    return 1


domains.guard._touch = _nothing
