"""The crypt(3) family: DES, MD5, bcrypt, SHA-256, SHA-512 and yescrypt strings."""

import ctypes
import re
from functools import cache
from hmac import compare_digest
from typing import Any

import bcrypt
from passlib.hash import des_crypt, md5_crypt, sha256_crypt, sha512_crypt

# Only these forms reach a library: a damaged salt makes some of them raise, and a BSDi salt (`_...`) could ask for
# sixteen million rounds.
_DES = re.compile(rb"[./0-9A-Za-z]{13}")
_MD5 = re.compile(rb"\$1\$[!#-9;-~]{0,8}\$[./0-9A-Za-z]{22}")
_BCRYPT = re.compile(rb"\$2[aby]\$(\d\d)\$[./0-9A-Za-z]{53}")
_SHA = re.compile(rb"\$[56]\$(?:rounds=(\d{1,9})\$)?[!#-9;-~]{0,16}\$(?:[./0-9A-Za-z]{43}|[./0-9A-Za-z]{86})")
# Costs 1 to 9 of crypt_gensalt(3); the highest takes 256 MiB and about a second.
_YESCRYPT = re.compile(rb"\$g?y\$j(?:75|85|[7-9A-D]T)\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43}")

MAX_BCRYPT_COST = 15
MAX_SHA_ROUNDS = 2_000_000
BCRYPT_BYTES = 72
BCRYPT_COST = 11
# Twenty times crypt(3)'s default; some 30 ms for Dovecot at each login.
SHA_ROUNDS = 100_000

# Room for `struct crypt_data` of both glibc (128 KiB) and libxcrypt (32 KiB).
_CRYPT_DATA_BYTES = 256 * 1024


def matches(password: bytes, value: bytes) -> bool:
    """Say whether a password fits a crypt(3) string, told apart by the string's own form.

    Raises ValueError from the libraries for a damaged string. Source: crypt(5).
    """
    if cost := _BCRYPT.fullmatch(value):
        # Dovecot and every crypt(3) read 72 bytes and ignore the rest; the library refuses instead.
        return int(cost[1]) <= MAX_BCRYPT_COST and bcrypt.checkpw(password[:BCRYPT_BYTES], value)
    if not _affordable(value):
        return False
    computed = _libcrypt(password, value) or _libpass(password, value)
    return compare_digest(computed, value)


def reads_whole(password: bytes, value: bytes) -> bool:
    """Say whether every byte of the password counts: DES reads seven bits of eight characters, bcrypt 72 bytes."""
    if _DES.fullmatch(value):
        return len(password) <= 8 and password.isascii()
    return len(password) <= BCRYPT_BYTES or not _BCRYPT.fullmatch(value)


def bcrypt_string(password: bytes) -> bytes:
    """Make a bcrypt string.

    It is marked `$2y$`, which PHP, Dovecot and crypt(3) all read; `$2b$` is the same sum under a later name.
    """
    return b"$2y$" + bcrypt.hashpw(password, bcrypt.gensalt(BCRYPT_COST))[4:]


def sha512_string(password: bytes) -> bytes:
    """Make a `$6$` string."""
    return str(sha512_crypt.using(rounds=SHA_ROUNDS).hash(password)).encode()


def sha256_string(password: bytes) -> bytes:
    """Make a `$5$` string."""
    return str(sha256_crypt.using(rounds=SHA_ROUNDS).hash(password)).encode()


def md5_string(password: bytes) -> bytes:
    """Make a `$1$` string, for mail servers that read nothing newer."""
    return str(md5_crypt.hash(password)).encode()


def _affordable(value: bytes) -> bool:
    if sha := _SHA.fullmatch(value):
        return int(sha[1] or 5000) <= MAX_SHA_ROUNDS
    return any(form.fullmatch(value) for form in (_MD5, _DES, _YESCRYPT))


def _libcrypt(password: bytes, setting: bytes) -> bytes:
    """Ask the system's crypt(3): it knows yescrypt and, unlike Python code, lets other threads run meanwhile."""
    library = load_libcrypt()
    if library is None:
        return b""
    computed: bytes | None = library.crypt_r(password, setting, ctypes.create_string_buffer(_CRYPT_DATA_BYTES))
    # "*0" and "*1" are crypt(3)'s failure tokens: a scheme that this system switched off.
    return b"" if computed is None or computed.startswith(b"*") else computed


def _libpass(password: bytes, setting: bytes) -> bytes:
    for handler in (sha512_crypt, sha256_crypt, md5_crypt, des_crypt):
        if handler.identify(setting):
            return setting if handler.verify(password, setting) else b""
    return b""


@cache
def load_libcrypt() -> Any:
    """Load the system's libcrypt, or return None on a system without one (musl has it in libc, in small)."""
    for name in ("libcrypt.so.1", "libcrypt.so.2"):
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.crypt_r.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p]
        library.crypt_r.restype = ctypes.c_char_p
        return library
    return None
