"""A file that `manage.py mailconfig` writes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """A file to write: its path below the output directory, its text, and the group that may read its passwords."""

    path: str
    text: str
    secret_group: str = ""
