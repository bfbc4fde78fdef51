"""Random bytes and characters for salts."""

import secrets
import string


def salt(size: int) -> bytes:
    """Random bytes; size in bytes."""
    return secrets.token_bytes(size)


def text_salt(length: int) -> str:
    """Random letters and digits, for schemes whose salt is text."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))
