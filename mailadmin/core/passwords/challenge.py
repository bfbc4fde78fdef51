"""Values kept for challenge mechanisms: CRAM-MD5's hash states and DIGEST-MD5's user digest."""

import hashlib
from math import floor, sin
from struct import pack, unpack

_BLOCK = 64
_MASK = 0xFFFFFFFF
_SHIFTS = ((7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21))
_SINES = [floor(abs(sin(step + 1)) * 2**32) for step in range(64)]
_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)


def cram_md5(password: bytes) -> bytes:
    """HMAC-MD5's two states after the keyed block, outer then inner, as Dovecot keeps them. Source: RFC 2104."""
    key = hashlib.md5(password, usedforsecurity=False).digest() if len(password) > _BLOCK else password
    padded = key.ljust(_BLOCK, b"\0")
    return _md5_state(bytes(byte ^ 0x5C for byte in padded)) + _md5_state(bytes(byte ^ 0x36 for byte in padded))


def digest_md5(password: bytes, username: str) -> bytes:
    """MD5 of `user:realm:password`, where the address is split at its first @. Source: RFC 2831 section 2.1.2.1.

    Raises ValueError without a username.
    """
    if not username:
        raise ValueError("DIGEST-MD5 needs the full address")
    user, _, realm = username.partition("@")
    return hashlib.md5(f"{user}:{realm}:".encode() + password, usedforsecurity=False).digest()


def _md5_state(block: bytes) -> bytes:
    """MD5's four words after one block, before padding, which hashlib does not show. Source: RFC 1321 section 3.4."""
    words = unpack("<16I", block)
    a, b, c, d = _START
    for step in range(64):
        turn = step // 16
        mixed, index = _mix(turn, step, b, c, d)
        total = (a + mixed + _SINES[step] + words[index]) & _MASK
        shift = _SHIFTS[turn][step % 4]
        rotated = (total << shift | total >> (32 - shift)) & _MASK
        a, b, c, d = d, (b + rotated) & _MASK, b, c
    return pack(
        "<4I",
        *((start + word) & _MASK for start, word in zip(_START, (a, b, c, d), strict=True)),
    )


def _mix(turn: int, step: int, b: int, c: int, d: int) -> tuple[int, int]:
    if turn == 0:
        return (b & c) | (~b & d), step
    if turn == 1:
        return (d & b) | (~d & c), (5 * step + 1) % 16
    if turn == 2:
        return b ^ c ^ d, (3 * step + 5) % 16
    return c ^ (b | (~d & _MASK)), (7 * step) % 16
