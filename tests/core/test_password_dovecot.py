"""Passwords against real `doveadm pw`: what it reads of ours, and what we read of its."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mailadmin.core import passwords
from tests.core.password_strings import ADDRESS, ASCII, BARE_FORMS, UTF8, WRITTEN_FORMS

BOTH = pytest.mark.parametrize("password", [ASCII, UTF8], ids=["ascii", "utf8"])

MADE_BY_DOVECOT = [
    "ARGON2I",
    "ARGON2ID",
    "BLF-CRYPT",
    "CLEAR",
    "CLEARTEXT",
    "CRAM-MD5",
    "CRYPT",
    "DES-CRYPT",
    "DIGEST-MD5",
    "HMAC-MD5",
    "LDAP-MD5",
    "MD5",
    "MD5-CRYPT",
    "PBKDF2",
    "PLAIN",
    "PLAIN-MD4",
    "PLAIN-MD5",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "SHA",
    "SHA1",
    "SHA256",
    "SHA256-CRYPT",
    "SHA512",
    "SHA512-CRYPT",
    "SMD5",
    "SSHA",
    "SSHA256",
    "SSHA512",
    "PLAIN.B64",
    "SHA512.HEX",
    "SSHA256.HEX",
    "CRAM-MD5.B64",
    "SHA512-CRYPT.B64",
    "BLF-CRYPT.BASE64",
    "SCRAM-SHA-256.HEX",
]

Doveadm = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def doveadm(tmp_path_factory: pytest.TempPathFactory) -> Doveadm:
    """Run `doveadm pw` for Alice on a configuration of our own, whatever the machine's is."""
    config: Path = tmp_path_factory.mktemp("doveadm") / "dovecot.conf"
    config.write_text("protocols =\nssl = no\n")

    def run(password: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = ["doveadm", "-c", str(config), "pw", "-u", ADDRESS, "-p", password, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)

    return run


def dovecot_accepts(doveadm: Doveadm, password: str, stored: str) -> bool:
    """Ask Dovecot; a string that it cannot read fails the test, rather than count as a refusal."""
    answer = doveadm(password, "-t", stored)
    if answer.returncode == 0:
        return True
    assert "Password mismatch" in answer.stderr, answer.stderr
    return False


@pytest.mark.usefixtures("cheap")
@BOTH
@pytest.mark.parametrize("scheme", sorted(passwords.WRITABLE_SCHEMES) + WRITTEN_FORMS)
def test_dovecot_reads_what_is_written(doveadm: Doveadm, scheme: str, password: str) -> None:
    stored = passwords.hash_password(password, scheme, username=ADDRESS)
    assert stored.startswith(f"{{{scheme}") and stored.isascii() and len(stored) <= 255
    assert dovecot_accepts(doveadm, password, stored)
    assert not dovecot_accepts(doveadm, "x" + password, stored)
    assert passwords.verify_password(password, stored, username=ADDRESS)
    assert not passwords.verify_password("x" + password, stored, username=ADDRESS)


@pytest.mark.usefixtures("cheap")
@BOTH
@pytest.mark.parametrize("scheme", BARE_FORMS)
def test_bare_forms_are_what_crypt_reads(doveadm: Doveadm, scheme: str, password: str) -> None:
    stored = passwords.hash_password(password, scheme)
    assert stored.startswith("$")
    assert dovecot_accepts(doveadm, password, "{CRYPT}" + stored)
    assert not dovecot_accepts(doveadm, "x" + password, "{CRYPT}" + stored)
    assert passwords.verify_password(password, stored)
    assert not passwords.verify_password("x" + password, stored)


@BOTH
@pytest.mark.parametrize("scheme", MADE_BY_DOVECOT)
def test_what_dovecot_writes_is_read(doveadm: Doveadm, scheme: str, password: str) -> None:
    answer = doveadm(password, "-s", scheme)
    stored = answer.stdout.rstrip("\n")
    assert stored.startswith(f"{{{scheme}}}"), answer.stderr
    assert passwords.verify_password(password, stored, username=ADDRESS)
    assert not passwords.verify_password("x" + password, stored, username=ADDRESS)
    assert not passwords.verify_password("", stored, username=ADDRESS)
    without_case = stored.replace(f"{{{scheme}}}", f"{{{scheme.lower()}}}")
    assert passwords.verify_password(password, without_case, username=ADDRESS)


def test_bcrypt_reads_72_bytes_as_dovecot_does(doveadm: Doveadm) -> None:
    long = "é" * 36 + "tail"
    stored = doveadm(long, "-s", "BLF-CRYPT").stdout.rstrip("\n")
    assert passwords.verify_password(long, stored)
    assert passwords.verify_password("é" * 36, stored) == dovecot_accepts(doveadm, "é" * 36, stored)
    assert not passwords.verify_password("é" * 35, stored)


@pytest.mark.parametrize("length", [63, 64, 65, 200])
def test_cram_md5_around_its_block(doveadm: Doveadm, length: int) -> None:
    assert passwords.hash_password("k" * length, "CRAM-MD5") == doveadm("k" * length, "-s", "CRAM-MD5").stdout.strip()
