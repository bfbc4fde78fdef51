"""The panel with the guard taken out, to show that the tests of the limits would notice."""

from importlib import import_module

from mailadmin.wsgi import application

__all__ = ["application"]


def _nothing(_name: str) -> int:
    return 1


# Models can be imported only now that the application is loaded.
setattr(import_module("domains.guard"), "_touch", _nothing)  # noqa: B010
