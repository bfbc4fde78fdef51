"""Passwords known from thefts elsewhere: one local file, sorted, looked up where it lies, never loaded.

A line is the SHA-1 of a password in upper-case hexadecimal, in order, and after a colon how often it was seen, as Have
I Been Pwned's own downloader writes it. The file may be larger than memory: a look-up reads some forty lines.
"""

import hashlib
import logging
import os
import re
from pathlib import Path
from typing import BinaryIO

logger = logging.getLogger(__name__)

_LINE = re.compile(rb"[0-9A-F]{40}(:[0-9]+)?[\r\n]*\Z")
_LONGEST = 100
"""Bytes of a line, with room to spare."""
_SAMPLES = 200
"""How many places of the file are looked at before it is trusted."""


class _NoList(ValueError):
    """The file is not such a list. The message says why, in English for the administrator."""


def check_breached_file(path: str) -> str:
    """Return the path of a list, "" for none; raises ValueError for one that is missing or no such list.

    Looks at places all over the file, not at every line.
    """
    if not path:
        return ""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            found = [_line_at(file, size * number // _SAMPLES) for number in range(_SAMPLES)]
            if not found[0]:
                raise _NoList("it is empty")
            hashes = [_hash_of(line) for line in found if line]
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from None
    except _NoList as error:
        raise ValueError(f"{path} is no list of SHA-1 hashes, HASH:COUNT in order of the hashes: {error}.") from None
    if hashes != sorted(hashes):
        raise ValueError(f"{path} is no list of SHA-1 hashes, HASH:COUNT in order of the hashes: it is not in order.")
    return path


def has_breached_list() -> bool:
    """Return whether there is a list to look in."""
    return bool(_path())


def is_breached(password: str) -> bool:
    """Return whether the list has a password; without a list, none is on it.

    A list that can no longer be read, or was spoilt since the start, refuses nobody: the log tells of it.
    """
    path = _path()
    if not path:
        return False
    wanted = hashlib.sha1(password.encode(errors="replace"), usedforsecurity=False).hexdigest().upper().encode()
    try:
        with open(path, "rb") as file:
            return _has(file, wanted)
    except (OSError, _NoList) as error:
        logger.error("The list of stolen passwords %s cannot be used: %s", Path(path).name, error)
        return False


def _path() -> str:
    from django.conf import settings

    return str(settings.MAILADMIN_PASSWORD_BREACHED_FILE)


def _has(file: BinaryIO, wanted: bytes) -> bool:
    """Halve the part of the file in which a line with the hash could begin, until one line is left."""
    low, high = 0, os.fstat(file.fileno()).st_size
    while low < high:
        middle = (low + high) // 2
        line = _line_at(file, middle)
        if line and _hash_of(line) < wanted:
            low = middle + 1
        else:
            high = middle
    line = _line_at(file, low)
    return bool(line) and _hash_of(line) == wanted


def _line_at(file: BinaryIO, place: int) -> bytes:
    """Return the first line that begins at or after a place, in bytes; empty at the end."""
    file.seek(max(place - 1, 0))
    if place > 0:
        # The rest of a line, or the end alone of the one before.
        file.readline(_LONGEST)
    return file.readline(_LONGEST)


def _hash_of(line: bytes) -> bytes:
    if not _LINE.match(line):
        raise _NoList(f"there is a line {line[:60].decode('ascii', 'replace').strip()!r}")
    return line[:40]
