"""Every form in which a password is stored: who reads it and who makes it, as a table in the output of the run.

A running Dovecot is asked over the socket that `doveadm auth test` uses, in its protocol: a process for each of four
hundred questions would take minutes. A cell without "yes" has its reason below.
"""

import os
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailadmin.core import passwords
from mailadmin.core.passwords import argon, crypt3, derived
from tests.servers.dovecot import Dovecot
from tests.servers.processes import private_dir

# Nothing here depends on the database of the run, so one run is enough.
pytestmark = pytest.mark.mysql

PASSWORD = "test123"
WRONG = "Test123"

# Written by PHP and by PostfixAdmin's own test suite, so that this code and Dovecot cannot be wrong together.
DES = "VXAXutUnpVYg6"
MD5 = "$1$AIjpWveQ$2s3eEAbZiqkJhMYUIVR240"
BCRYPT = "$2y$10$4gbwQMAoJPcg.mWnENYNg.syH9mZNsbQu6KN7skK92g3tlPnvvBDW"
SHA256 = "$5$CFly6wzfn2az3U8j$EhfQPTdjpMGAisfCjCKektLke5GGEmtdLVaCZSmsKw2"
SHA512 = "$6$KHQcP0BCXeS.YZXk$xtMCTLaNQx.jeujj4vRVrO2BaaIgwDNXbStg7ZXzHhSJTW4.yxxpb2ZtM4ycgAIUzXxlaRIQBgyg0KxsJkpaS/"
ROUNDS = (
    "$6$rounds=20000$KHQcP0BCXeS.YZXk$"
    "RRAf87f66BDl9aoGm8/D9s52WvVqKnIWyEUd28Mb770LuZJuZsHgrBol6TqVOc/.mvzV47EFwDpWdpMAu6Z4g/"
)
ROUNDS256 = "$5$rounds=20000$KHQcP0BCXeS.YZXk$1CjTzMij0adi6lEZJ6yLlK1acRdAk9RidUInJE5Ri75"
ARGON2I = "$argon2i$v=19$m=32768,t=4,p=1$xoOcAGa27k0Sr6ZPbA9ODw$wl/KAZVmJooD/35IFG5oGwyQiAREXrLss5BPS1PDKfA"
ARGON2ID = "$argon2id$v=19$m=65536,t=4,p=1$ZW5OUEVsTkpOZi8zazNIUw$a42gmDLKV8i3Wsa13xuN2IzFkQemFu7a8hjk1E6grwY"
HEX_MD5 = "cc03e747a6afbbcbf8be7668acfebee5"
B64_MD5 = "zAPnR6avu8v4vnZorP6+5Q=="
B64_SHA = "cojt0Pw//L6ToM8G41aOKFIWh7w="
B64_SHA256 = "7NcYcNGWMxapfjrDQIyYNa2M8PPBvHA1J8MCZVNPda4="
B64_SHA512 = "2u9JU7l4M2XK1mFSI3IFBsxGxRZ80Wq1APpZeqCP+WTrJPsZaH8012Zfd4/LbFNY/ApbgeFmLPkPc6JnHFP5kQ=="
B64_SSHA = "ZkqrSEAhvd0FTHaK1IxAQCRa5LWbxGQY"
IN_B64 = (
    "JDYkS0hRY1AwQkNYZVMuWVpYayR4dE1DVExhTlF4LmpldWpqNHZSVnJPMkJhYUlnd0ROWGJTdGc3Wlh6SGhTSlRXNC55eHhwYjJadE00eWNn"
    "QUlVelh4bGFSSVFCZ3lnMEt4c0prcGFTLw=="
)


@dataclass(frozen=True)
class Form:
    """One stored form: what wrote it, an example for `test123`, and how we and `doveadm pw` make it, if they do.

    A bare form is what is left of doveadm's without its prefix. `default`: the scheme that rows without prefix are
    said to have, by MAILADMIN_PASSWORD_DEFAULT_SCHEME and in what mailconfig writes for Dovecot.
    """

    written_by: str
    stored: str
    ours: str = ""
    doveadm: str = ""
    default: str = "CRYPT"

    @property
    def shown(self) -> str:
        text = self.stored if len(self.stored) <= 24 else f"{self.stored[:23]}…"
        return text if self.default == "CRYPT" else f"{text} (default {self.default})"


WRITTEN_BY_POSTFIXADMIN = [
    Form("php_crypt, php_crypt:SHA512", SHA512, "SHA512-CRYPT:bare", "SHA512-CRYPT"),
    Form("php_crypt:SHA512:20000", ROUNDS, "SHA512-CRYPT:bare", "SHA512-CRYPT"),
    Form("php_crypt:SHA256", SHA256, "SHA256-CRYPT:bare", "SHA256-CRYPT"),
    Form("php_crypt:SHA256:20000", ROUNDS256, "SHA256-CRYPT:bare", "SHA256-CRYPT"),
    Form("php_crypt:BLOWFISH", BCRYPT, "BLF-CRYPT:bare", "BLF-CRYPT"),
    Form(
        "php_crypt:BLOWFISH:5",
        "$2y$05$4gbwQMAoJPcg.mWnENYNg.iDmHfq.R10bzmJmMp0Q1k/X8WtcyiZy",
        "BLF-CRYPT:bare",
        "BLF-CRYPT",
    ),
    Form("php_crypt:MD5, md5crypt", MD5, "MD5-CRYPT:bare", "MD5-CRYPT"),
    Form("php_crypt:DES, system, mysql_encrypt", DES, "", "DES-CRYPT"),
    Form("php_crypt:SHA512::{SHA512-CRYPT}", "{SHA512-CRYPT}" + SHA512, "SHA512-CRYPT", "SHA512-CRYPT"),
    Form("php_crypt:SHA256::{SHA256-CRYPT}", "{SHA256-CRYPT}" + SHA256, "SHA256-CRYPT", "SHA256-CRYPT"),
    Form("BLF-CRYPT", "{BLF-CRYPT}" + BCRYPT, "BLF-CRYPT", "BLF-CRYPT"),
    Form("MD5-CRYPT", "{MD5-CRYPT}" + MD5, "MD5-CRYPT", "MD5-CRYPT"),
    Form("CRYPT (4.x)", "{CRYPT}" + BCRYPT, "CRYPT", "CRYPT"),
    Form("php_crypt:SHA512::{CRYPT}", "{CRYPT}" + SHA512, "CRYPT", "CRYPT"),
    Form("md5", HEX_MD5, "PLAIN-MD5:bare", "PLAIN-MD5", default="PLAIN-MD5"),
    Form("PLAIN-MD5", "{PLAIN-MD5}" + HEX_MD5, "PLAIN-MD5", "PLAIN-MD5"),
    Form("cleartext, clear, plain", PASSWORD, "", "PLAIN", default="PLAIN"),
    Form("PLAIN", "{PLAIN}" + PASSWORD, "PLAIN", "PLAIN"),
    Form("CLEAR", "{CLEAR}" + PASSWORD, "", "CLEAR"),
    Form("CLEARTEXT", "{CLEARTEXT}" + PASSWORD, "", "CLEARTEXT"),
    Form("ARGON2I", "{ARGON2I}" + ARGON2I, "ARGON2I", "ARGON2I"),
    Form("ARGON2ID", "{ARGON2ID}" + ARGON2ID, "ARGON2ID", "ARGON2ID"),
    Form("ARGON2ID without prefix", ARGON2ID, "ARGON2ID:bare", "ARGON2ID", default="ARGON2ID"),
    Form("SHA1", "{SHA1}" + B64_SHA, "", "SHA1"),
    Form("SHA, courier:sha1, authlib", "{SHA}" + B64_SHA, "", "SHA"),
    Form("SHA256, courier:sha256", "{SHA256}" + B64_SHA256, "", "SHA256"),
    Form("SHA512", "{SHA512}" + B64_SHA512, "", "SHA512"),
    Form("SSHA, courier:ssha", "{SSHA}" + B64_SSHA, "SSHA", "SSHA"),
    Form("dovecot:SSHA before 2.1, no prefix", B64_SSHA, "", "SSHA", default="SSHA"),
    Form("sha512.b64, SHA512-CRYPT.B64", "{SHA512-CRYPT.B64}" + IN_B64, "SHA512-CRYPT.B64", "SHA512-CRYPT.B64"),
    Form(
        "MD5-CRYPT.B64",
        "{MD5-CRYPT.B64}JDEkQUlqcFd2ZVEkMnMzZUVBYlppcWtKaE1ZVUlWUjI0MA==",
        "MD5-CRYPT.B64",
        "MD5-CRYPT.B64",
    ),
    Form(
        "BLF-CRYPT.B64",
        "{BLF-CRYPT.B64}JDJ5JDEwJDRnYndRTUFvSlBjZy5tV25FTllOZy5zeUg5bVpOc2JRdTZLTjdza0s5MmczdGxQbnZ2QkRX",
        "BLF-CRYPT.B64",
        "BLF-CRYPT.B64",
    ),
    Form("PLAIN.B64", "{PLAIN.B64}dGVzdDEyMw==", "PLAIN.B64", "PLAIN.B64"),
    Form("courier:md5, authlib", "{MD5}" + B64_MD5, "", "LDAP-MD5"),
    Form("courier:md5raw, authlib", "{MD5RAW}" + HEX_MD5),
    Form("authlib, in small letters", "{md5raw}" + HEX_MD5),
    Form("authlib, in small letters", "{md5}" + B64_MD5, "", "LDAP-MD5"),
    Form("authlib crypt", "{crypt}" + DES, "", "DES-CRYPT"),
]

WE_WRITE_STRONGER = "-: read, never written"
COURIER_ALONE = "-: Courier's alone"
NO_OWN_FORM = "-: does not say by itself what it is"
SCHEME_UNKNOWN_TO_US = {
    "OTP": "-: one-time passwords",
    "PLAIN-TRUNC": "-: compares a beginning only",
}
TOO_LONG = {"SCRAM-SHA-256.HEX"}
SUFFIXES = ["", ".HEX", ".B64"]

Try = tuple[str, str, str]
"""What is stored, the default scheme, and the password that is tried."""


class Judge:
    """Signs people in at a Dovecot that reads their passwords from files, one for each default scheme."""

    def __init__(self) -> None:
        self.dir = private_dir()
        self.files: dict[str, Path] = {}
        for default in ("CRYPT", "PLAIN-MD5", "PLAIN", "SSHA", "ARGON2ID"):
            self.files[default] = self.dir / default
            self.files[default].touch()
        (self.dir / "dovecot").mkdir()
        (self.dir / "dovecot/dovecot.conf").write_text(
            "protocols = imap\nssl = no\ndisable_plaintext_auth = no\nauth_mechanisms = plain\n"
            + "".join(
                f"passdb {{\ndriver = passwd-file\nargs = scheme={default} username_format=%u {path}\n}}\n"
                for default, path in self.files.items()
            )
            + "userdb {\ndriver = static\nargs = uid=5000 gid=5000 home=/nonexistent\n}\n"
        )
        self.server = Dovecot(self.dir)

    def ask(self, tries: list[Try]) -> list[bool]:
        """Return which of the tries sign in. Source: Dovecot's authentication protocol, version 1.2."""
        for default, path in self.files.items():
            lines = [f"{name_of(number)}:{stored}\n" for number, (stored, own, _) in enumerate(tries) if own == default]
            path.write_text("".join(lines))
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(str(self.server.auth_socket))
            stream = connection.makefile("rw", encoding="utf-8", newline="\n")
            stream.write(f"VERSION\t1\t2\nCPID\t{os.getpid()}\n")
            stream.flush()
            while stream.readline() != "DONE\n":
                pass
            for number, (_stored, _default, password) in enumerate(tries):
                response = b64encode(f"\0{name_of(number)}\0{password}".encode()).decode()
                stream.write(f"AUTH\t{number + 1}\tPLAIN\tservice=imap\tsecured\tnologin\tresp={response}\n")
            stream.flush()
            answers = [stream.readline().rstrip("\n").split("\t") for _one in tries]
        assert {word for word, *_rest in answers} <= {"OK", "FAIL"}
        said = {int(number): word == "OK" for word, number, *_rest in answers}
        return [said[number + 1] for number in range(len(tries))]

    def doveadm_says(self, one: Try) -> bool:
        """Ask about one try by `doveadm auth test` itself."""
        self.files[one[1]].write_text(f"{name_of(0)}:{one[0]}\n")
        command = ["doveadm", "-c", str(self.server.conf), "auth", "test", name_of(0), one[2]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode in (0, 77), done.stderr
        return done.returncode == 0


def name_of(number: int) -> str:
    """Return whose password a try is; DIGEST-MD5 holds the name."""
    return f"u{number:04}@example.org"


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    found = Judge()
    with found.server:
        yield found


def test_doveadm_says_the_same(judge: Judge) -> None:
    for one in (
        ("{SSHA}" + B64_SSHA, "CRYPT", PASSWORD),
        ("{SSHA}" + B64_SSHA, "CRYPT", WRONG),
        (DES, "CRYPT", PASSWORD),
    ):
        assert judge.ask([one]) == [judge.doveadm_says(one)] == [one[2] == PASSWORD]


@pytest.fixture(scope="module")
def doveadm_schemes() -> list[str]:
    listed = subprocess.run(["doveadm", "pw", "-l"], capture_output=True, text=True, check=True).stdout
    return sorted(listed.split())


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make strings of the same form at a lower cost: the costs themselves have their own tests."""
    monkeypatch.setattr(crypt3, "BCRYPT_COST", 5)
    monkeypatch.setattr(crypt3, "SHA_ROUNDS", 5000)
    monkeypatch.setattr(derived, "ROUNDS", 4096)
    monkeypatch.setattr(argon, "MEMORY_KIB", 256)


def made_by_doveadm(scheme: str, username: str) -> str:
    command = ["doveadm", "pw", "-s", scheme, "-u", username, "-p", PASSWORD]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


def we_verify(stored: str, default: str, username: str) -> bool:
    """Say whether the right password fits and a wrong one does not."""
    asked = {"username": username, "default_scheme": default}
    return passwords.verify_password(PASSWORD, stored, **asked) and not passwords.verify_password(
        WRONG, stored, **asked
    )


def dovecot_verifies(judge: Judge, rows: list[tuple[str, str]]) -> list[bool]:
    """Say of each stored string and default scheme whether the right password signs in and a wrong one does not."""
    right = judge.ask([(stored, default, PASSWORD) for stored, default in rows])
    wrong = judge.ask([(stored, default, WRONG) for stored, default in rows])
    return [yes and not no for yes, no in zip(right, wrong, strict=True)]


def bare(stored: str) -> str:
    return stored[stored.index("}") + 1 :]


def show(title: str, rows: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    """Write a table into the output of the run, past what pytest keeps to itself."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    with capsys.disabled():
        sys.stdout.write("\n".join(["", title, *lines, ""]))


@pytest.mark.usefixtures("cheap")
def test_every_form_that_postfixadmin_wrote(judge: Judge, capsys: pytest.CaptureFixture[str]) -> None:
    forms = WRITTEN_BY_POSTFIXADMIN
    verified = [we_verify(form.stored, form.default, "") for form in forms]
    by_dovecot = dovecot_verifies(judge, [(form.stored, form.default) for form in forms])
    ours = [passwords.hash_password(PASSWORD, form.ours) if form.ours else "" for form in forms]
    read_by_dovecot = dovecot_verifies(
        judge, [(made or "!", form.default) for made, form in zip(ours, forms, strict=True)]
    )
    table = [["written by", "stored", "we verify", "Dovecot verifies", "made by us", "made by doveadm"]]
    for number, form in enumerate(forms):
        cells = {
            "we verify": "yes" if verified[number] else "NO",
            "Dovecot verifies": "yes" if by_dovecot[number] else _gap_of_dovecot(form),
            "made by us": ("yes" if read_by_dovecot[number] else "NO") if form.ours else _gap_of_ours(form),
            "made by doveadm": _made_by_doveadm(form) if form.doveadm else _gap_of_dovecot(form),
        }
        table.append([form.written_by, form.shown, *cells.values()])
    show("Every stored form of PostfixAdmin", table, capsys)
    assert not [row for row in table if "NO" in row]
    # A reason that is no longer true is a mistake too.
    assert [form.stored[:8] for form, yes in zip(forms, by_dovecot, strict=True) if not yes] == ["{MD5RAW}", "{md5raw}"]


def _gap_of_dovecot(form: Form) -> str:
    return COURIER_ALONE if form.stored.lower().startswith("{md5raw}") else "NO"


def _gap_of_ours(form: Form) -> str:
    return NO_OWN_FORM if form.default != "CRYPT" else WE_WRITE_STRONGER


def _made_by_doveadm(form: Form) -> str:
    made = made_by_doveadm(form.doveadm, "")
    if form.stored[0] == "{":
        made = form.stored[: form.stored.index("}") + 1] + bare(made)
    else:
        made = bare(made)
    return "yes" if we_verify(made, form.default, "") else "NO"


@pytest.mark.usefixtures("cheap")
def test_every_scheme_that_dovecot_knows(
    judge: Judge, doveadm_schemes: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(doveadm_schemes) > 25
    names = [scheme + suffix for scheme in doveadm_schemes for suffix in SUFFIXES]
    with ThreadPoolExecutor(4) as pool:
        theirs = list(pool.map(lambda one: made_by_doveadm(one[1], name_of(one[0])), enumerate(names)))
    known = [number for number, name in enumerate(names) if name.partition(".")[0] in passwords.WRITABLE_SCHEMES]
    ours = {number: made for number in known if (made := _made_by_us(names[number], name_of(number)))}
    by_dovecot = dovecot_verifies(judge, [(stored, "CRYPT") for stored in theirs])
    read = dovecot_verifies(judge, [(ours.get(number, "!"), "CRYPT") for number in range(len(names))])
    table = [["scheme", "we verify", "Dovecot verifies", "made by us", "made by doveadm"]]
    for number, name in enumerate(names):
        scheme = name.partition(".")[0]
        unknown = SCHEME_UNKNOWN_TO_US.get(scheme, "NO")
        yes = "yes" if we_verify(theirs[number], "CRYPT", name_of(number)) else unknown
        made = ("yes" if read[number] else "NO") if number in ours else _gap_of_scheme(name)
        mine = "yes" if by_dovecot[number] else _gap_of_doveadm(scheme)
        table.append([name, yes, mine, made, "yes"])
    show("Every scheme of `doveadm pw -l`", table, capsys)
    assert not [row for row in table if "NO" in row]


def _made_by_us(scheme: str, username: str) -> str:
    try:
        return passwords.hash_password(PASSWORD, scheme, username=username)
    except passwords.UnusablePassword:
        return ""


def _gap_of_scheme(name: str) -> str:
    if name in TOO_LONG:
        return "-: longer than the column"
    return SCHEME_UNKNOWN_TO_US.get(name.partition(".")[0], WE_WRITE_STRONGER)


def _gap_of_doveadm(scheme: str) -> str:
    return "-: made without a length" if scheme == "PLAIN-TRUNC" else "NO"
