"""Passwords against real `doveadm pw`, known strings, damaged strings and the policy."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from mailadmin.core import passwords
from mailadmin.core.passwords import crypt3, derived
from mailadmin.core.passwords.stored import KNOWN_SCHEMES

ADDRESS = "alice@example.org"
ASCII = """it's a "plain" {one}"""
UTF8 = """pässwörd €uro "quote' {x}"""
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
WRITTEN_FORMS = ["SHA512-CRYPT.B64", "SHA256-CRYPT.HEX", "SSHA512.HEX", "SSHA.BASE64", "CRAM-MD5.B64", "PLAIN.HEX"]
BARE_FORMS = ["SHA512-CRYPT:bare", "sha256-crypt:BARE", "MD5-CRYPT:bare", "CRYPT:bare"]
BARE_DIGESTS = ["PLAIN-MD5:bare"]

# Strings for "test123" that other software wrote, so that this code and Dovecot cannot be wrong together.
TEST123 = [
    "VXAXutUnpVYg6",
    "{CRYPT}VXAXutUnpVYg6",
    "{crypt}VXAXutUnpVYg6",
    "$2y$10$4gbwQMAoJPcg.mWnENYNg.syH9mZNsbQu6KN7skK92g3tlPnvvBDW",
    "$2a$10$4gbwQMAoJPcg.mWnENYNg.syH9mZNsbQu6KN7skK92g3tlPnvvBDW",
    "$2b$10$4gbwQMAoJPcg.mWnENYNg.syH9mZNsbQu6KN7skK92g3tlPnvvBDW",
    "{MD5-CRYPT}$1$AIjpWveQ$2s3eEAbZiqkJhMYUIVR240",
    "{MD5}$1$AIjpWveQ$2s3eEAbZiqkJhMYUIVR240",
    "$1$AIjpWveQ$2s3eEAbZiqkJhMYUIVR240",
    "$5$CFly6wzfn2az3U8j$EhfQPTdjpMGAisfCjCKektLke5GGEmtdLVaCZSmsKw2",
    "{SHA256-CRYPT}$5$CFly6wzfn2az3U8j$EhfQPTdjpMGAisfCjCKektLke5GGEmtdLVaCZSmsKw2",
    "$y$j9T$sV5SsV5SsV5SsV5SsV5Ss/$RnKyp6J.c9vTgQObKA2Yy1dC3NEPnYthmCE81OrSLD5",
    "{CRYPT}$y$j9T$sV5SsV5SsV5SsV5SsV5Ss/$RnKyp6J.c9vTgQObKA2Yy1dC3NEPnYthmCE81OrSLD5",
    "{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$xoOcAGa27k0Sr6ZPbA9ODw$wl/KAZVmJooD/35IFG5oGwyQiAREXrLss5BPS1PDKfA",
    "$argon2i$v=19$m=32768,t=4,p=1$xoOcAGa27k0Sr6ZPbA9ODw$wl/KAZVmJooD/35IFG5oGwyQiAREXrLss5BPS1PDKfA",
    "cc03e747a6afbbcbf8be7668acfebee5",
    "CC03E747A6AFBBCBF8BE7668ACFEBEE5",
    "{PLAIN-MD5}cc03e747a6afbbcbf8be7668acfebee5",
    "{MD5RAW}cc03e747a6afbbcbf8be7668acfebee5",
    "{md5raw}cc03e747a6afbbcbf8be7668acfebee5",
    "{MD5}zAPnR6avu8v4vnZorP6+5Q==",
    "{md5}zAPnR6avu8v4vnZorP6+5Q==",
    "{LDAP-MD5}zAPnR6avu8v4vnZorP6+5Q==",
    "{SHA256}7NcYcNGWMxapfjrDQIyYNa2M8PPBvHA1J8MCZVNPda4=",
    "{SHA256}ecd71870d1963316a97e3ac3408c9835ad8cf0f3c1bc703527c30265534f75ae",
    "{SSHA}ZkqrSEAhvd0FTHaK1IxAQCRa5LWbxGQY",
    "{PLAIN-MD4}1b4e305b101abaded0dc949dc4ad009a",
    "{PLAIN}test123",
    "{clear}test123",
    "{CLEARTEXT}test123",
    "{PLAIN.B64}dGVzdDEyMw==",
    "{plain.hex}74657374313233",
]

DAMAGED = [
    "",
    "!",
    "*",
    "x",
    "test123",
    "!$1$AIjpWveQ$2s3eEAbZiqkJhMYUIVR240",
    "*VXAXutUnpVYg6",
    "!{PLAIN}test123",
    "{PLAIN}",
    "{}test123",
    "{PLAIN",
    "{PLAIN.}test123",
    "{PLAIN.ROT13}test123",
    "{UNHEARD-OF}test123",
    "{PLAIN.HEX}7465737431323",
    "{PLAIN.B64}dGVzdDEyMw",
    "{SSHA}",
    "{SSHA}!!!",
    "{SSHA}cojt0Pw//L6ToM8G41aOKFIWh7w=",
    "{SHA256}7NcY",
    "{CRYPT}*0",
    "{CRYPT}_J9..K0AyUubf4cl0kQ.",
    "{BLF-CRYPT}$2y$10$short",
    "{BLF-CRYPT}$2y$05$" + "9" * 53,
    "$6$rounds=x$salt$" + "a" * 86,
    "{ARGON2ID}$argon2id$v=19$m=,t=,p=$$",
    "{SCRAM-SHA-256}4096,AAAA,AAAA",
    "{SCRAM-SHA-256}4096,=,=,=",
    "{SCRAM-SHA-256}0,AAAA,AAAA,AAAA",
    "{PBKDF2}$1$salt$0$" + "0" * 40,
    "{CRAM-MD5}00",
    "{DIGEST-MD5}00",
    "ünïcode",
    "{PLAIN-MD5}" + "é" * 32,
    "\0",
    "\ud800",
    "{PLAIN}\ud800",
    "{SSHA}" + "A" * 1_000_000,
]

# Each would take from seconds to centuries, or gigabytes.
EXPENSIVE = [
    "{ARGON2ID}$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHRzYWx0$" + "A" * 43,
    "{ARGON2ID}$argon2id$v=19$m=65536,t=1000,p=1$c2FsdHNhbHRzYWx0$" + "A" * 43,
    "{ARGON2ID}$argon2id$v=19$m=1048576,t=20,p=1$c2FsdHNhbHRzYWx0$" + "A" * 43,
    "{ARGON2ID}$argon2id$v=19$m=65536,t=1,p=255$c2FsdHNhbHRzYWx0$" + "A" * 43,
    "{BLF-CRYPT}$2y$31$" + "." * 53,
    "$2y$16$" + "." * 53,
    "$6$rounds=999999999$salt$" + "a" * 86,
    "$5$rounds=2000001$salt$" + "a" * 43,
    "$y$jFT$sV5SsV5SsV5SsV5SsV5Ss/$RnKyp6J.c9vTgQObKA2Yy1dC3NEPnYthmCE81OrSLD5",
    "{CRYPT}_zzzzK0AyUubf4cl0kQ.",
    "{PBKDF2}$1$salt$999999999$" + "0" * 40,
    "{SCRAM-SHA-256}999999999,c2FsdA==,AAAA,AAAA",
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


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make strings of the same form at a lower cost: the costs themselves have their own tests."""
    monkeypatch.setattr(crypt3, "BCRYPT_COST", 5)
    monkeypatch.setattr(derived, "ROUNDS", 4096)


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


@pytest.mark.parametrize("stored", TEST123)
def test_known_strings(stored: str) -> None:
    assert passwords.verify_password("test123", stored)
    assert not passwords.verify_password("Test123", stored)
    assert not passwords.verify_password("", stored)


@pytest.mark.parametrize("stored", TEST123[:13])
def test_crypt_strings_need_no_libcrypt(monkeypatch: pytest.MonkeyPatch, stored: str) -> None:
    monkeypatch.setattr(crypt3, "load_libcrypt", lambda: None)
    assert passwords.verify_password("test123", stored) is ("$y$" not in stored)
    assert not passwords.verify_password("Test123", stored)


def test_libcrypt_is_used_where_it_exists() -> None:
    assert crypt3.load_libcrypt() is not None


@pytest.mark.parametrize("stored", DAMAGED)
def test_damaged_and_disabled_strings_fit_nothing(stored: str) -> None:
    for password in ("test123", "x", stored, "", "a\0b", "\ud800", "é" * 2000):
        assert not passwords.verify_password(password, stored, username=ADDRESS)


def test_values_that_are_no_text_fit_nothing() -> None:
    for value in (None, 5, b"test123"):
        assert not passwords.verify_password("test123", value)  # type: ignore[arg-type]
        assert not passwords.verify_password(value, "{PLAIN}test123")  # type: ignore[arg-type]


@pytest.mark.parametrize("stored", EXPENSIVE)
def test_expensive_strings_are_refused_at_once(stored: str) -> None:
    began = time.process_time()
    assert not passwords.verify_password("test123", stored)
    assert time.process_time() - began < 0.5


def test_cleartext_is_compared_only_where_the_database_is_said_to_hold_it(settings: Settings) -> None:
    for password in ("secret", "VXAXutUnpVYg6", "cc03e747a6afbbcbf8be7668acfebee5", "$ecret", UTF8):
        assert not passwords.verify_password(password, password)
        assert passwords.verify_password(password, password, default_scheme="plain")
        assert not passwords.verify_password("x" + password, password, default_scheme="plain")
    settings.MAILADMIN_PASSWORD_DEFAULT_SCHEME = "PLAIN"
    assert passwords.verify_password("secret", "secret")
    assert not passwords.verify_password("!secret", "!secret")


def test_a_hash_is_never_its_own_password() -> None:
    for stored in TEST123:
        assert not passwords.verify_password(stored, stored)
        if stored.startswith(("$", "{")):
            assert not passwords.verify_password(stored, stored, default_scheme="PLAIN")


def test_another_default_scheme_reads_bare_values() -> None:
    assert passwords.verify_password("test123", "ZkqrSEAhvd0FTHaK1IxAQCRa5LWbxGQY", default_scheme="SSHA")
    assert not passwords.verify_password("test123", "ZkqrSEAhvd0FTHaK1IxAQCRa5LWbxGQY")
    assert passwords.verify_password("test123", "VXAXutUnpVYg6", default_scheme="CRYPT")
    assert passwords.verify_password("test123", "$1$AIjpWveQ$2s3eEAbZiqkJhMYUIVR240", default_scheme="SSHA")


def test_bcrypt_reads_72_bytes_as_dovecot_does(doveadm: Doveadm) -> None:
    long = "é" * 36 + "tail"
    stored = doveadm(long, "-s", "BLF-CRYPT").stdout.rstrip("\n")
    assert passwords.verify_password(long, stored)
    assert passwords.verify_password("é" * 36, stored) == dovecot_accepts(doveadm, "é" * 36, stored)
    assert not passwords.verify_password("é" * 35, stored)


def test_bcrypt_refuses_more_than_72_bytes() -> None:
    assert passwords.hash_password("a" * 72, "BLF-CRYPT")
    with pytest.raises(passwords.UnusablePassword) as refused:
        passwords.hash_password("é" * 36 + "a", "BLF-CRYPT")
    assert refused.value.message == "The password must not be longer than 72 bytes."


@pytest.mark.parametrize("password", ["", "a\0b", "tab\there", "line\n", "\x7f", "\x85", "\ud800", "a" * 513])
def test_unusable_passwords(password: str) -> None:
    with pytest.raises(passwords.UnusablePassword) as refused:
        passwords.hash_password(password, "SSHA512")
    assert refused.value.message.startswith("The password must not be") or "control" in refused.value.message


def test_a_string_longer_than_the_column_is_refused() -> None:
    with pytest.raises(passwords.UnusablePassword):
        passwords.hash_password("a" * 260, "PLAIN")


def test_the_default_is_argon2id_at_19_mib(settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_SCHEME = "ARGON2ID"
    assert passwords.hash_password(UTF8).startswith("{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_costs_that_are_written() -> None:
    assert passwords.hash_password(ASCII, "SHA512-CRYPT").startswith("{SHA512-CRYPT}$6$rounds=100000$")
    assert passwords.hash_password(ASCII, "PBKDF2").split("$")[3] == "100000"
    assert passwords.hash_password(ASCII, "SCRAM-SHA-256").startswith("{SCRAM-SHA-256}100000,")


def test_the_setting_chooses_the_scheme(settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_SCHEME = "blf-crypt:bare"
    assert passwords.hash_password(ASCII).startswith("$2y$11$")


@pytest.mark.usefixtures("cheap")
def test_salts_differ() -> None:
    for scheme in passwords.WRITABLE_SCHEMES - {"PLAIN", "PLAIN-MD5", "CRAM-MD5", "DIGEST-MD5"}:
        assert passwords.hash_password(ASCII, scheme) != passwords.hash_password(ASCII, scheme)


@pytest.mark.parametrize("scheme", ["", "ROT13", "SHA", "SSHA:bare", "PLAIN:bare", "SHA512-CRYPT.B64:bare", "SSHA.X"])
def test_schemes_that_are_not_written(scheme: str) -> None:
    with pytest.raises(ValueError, match="assword scheme"):
        passwords.hash_password(ASCII, scheme)


def test_digest_md5_needs_the_address() -> None:
    stored = passwords.hash_password(ASCII, "DIGEST-MD5", username=ADDRESS)
    assert not passwords.verify_password(ASCII, stored, username="bob@example.org")
    assert not passwords.verify_password(ASCII, stored)
    with pytest.raises(ValueError, match="address"):
        passwords.hash_password(ASCII, "DIGEST-MD5")


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("scheme", sorted(passwords.WRITABLE_SCHEMES) + WRITTEN_FORMS + BARE_FORMS + BARE_DIGESTS)
def test_the_name_of_a_written_scheme_can_be_configured(scheme: str) -> None:
    name = passwords.scheme_of(passwords.hash_password("test123", scheme, username=ADDRESS))
    same = "SHA512-CRYPT:bare" if scheme == "CRYPT:bare" else scheme
    assert passwords.parse_write_scheme(name) == passwords.parse_write_scheme(same)


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        ("", "EMPTY"),
        ("!$6$x", "DISABLED"),
        ("*", "DISABLED"),
        ("secret", "UNKNOWN"),
        ("{secret}word", "UNKNOWN"),
        ("VXAXutUnpVYg6", "DES-CRYPT:bare"),
        ("cc03e747a6afbbcbf8be7668acfebee5", "PLAIN-MD5:bare"),
        ("$y$j9T$x$y", "YESCRYPT:bare"),
        ("{sha1}x", "SHA"),
        ("{sha512-crypt.b64}x", "SHA512-CRYPT.B64"),
        ("{MD5}$1$x", "MD5-CRYPT"),
        ("{hmac-md5}00", "CRAM-MD5"),
    ],
)
def test_names_for_reports(stored: str, name: str) -> None:
    assert passwords.scheme_of(stored) == name


@pytest.mark.parametrize("scheme", ["ARGON2ID", "SHA512-CRYPT"])
def test_an_unknown_name_costs_what_a_known_one_does(settings: Settings, scheme: str) -> None:
    settings.MAILADMIN_PASSWORD_SCHEME = scheme
    stored = passwords.hash_password("something else")
    passwords.dummy_verify("warm up")
    known = min(duration(lambda: passwords.verify_password("test123", stored)) for _turn in range(5))
    unknown = min(duration(lambda: passwords.dummy_verify("test123")) for _turn in range(5))
    assert 0.5 < unknown / known < 2


def duration(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


CHEAP = [
    "$1$AIjpWveQ$2s3eEAbZiqkJhMYUIVR240",
    "VXAXutUnpVYg6",
    "$5$rounds=1000$CFly6wzfn2az3U8j$EhfQPTdjpMGAisfCjCKektLke5GGEmtdLVaCZSmsKw2",
    "$2y$04$4gbwQMAoJPcg.mWnENYNg.syH9mZNsbQu6KN7skK92g3tlPnvvBDW",
    "$argon2id$v=19$m=8,t=1,p=1$xoOcAGa27k0Sr6ZPbA9ODw$wl/KAZVmJooD/35IFG5oGwyQiAREXrLss5BPS1PDKfA",
    "{SCRAM-SHA-256}9,AAAA,AAAA,AAAA",
    "{PBKDF2}$1$salt$9$" + "0" * 40,
    "{SSHA}ZkqrSEAhvd0FTHaK1IxAQCRa5LWbxGQY",
    "{CRAM-MD5}" + "0" * 64,
]


@st.composite
def broken(draw: st.DrawFn) -> str:
    """A true string with a piece cut out and another put in."""
    whole = draw(st.sampled_from(CHEAP))
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    return whole[:start] + draw(st.text(max_size=3) | st.text("$=,./Az{}*", max_size=5)) + whole[end:]


PREFIXES = [f"{{{name}{encoding}}}" for name in sorted(KNOWN_SCHEMES) for encoding in ("", ".HEX", ".B64")]
STORED = st.text() | st.builds(str.__add__, st.sampled_from(PREFIXES), st.text() | st.sampled_from(CHEAP)) | broken()


@settings(max_examples=400, deadline=None)
@given(password=st.text() | st.binary(max_size=80).map(bytes.hex), stored=STORED, username=st.text(max_size=20))
def test_nothing_makes_verify_raise(password: str, stored: str, username: str) -> None:
    answer = passwords.verify_password(password, stored, username=username)
    assert answer in {True, False}
    assert passwords.scheme_of(stored)
    # Only a cleartext scheme can be hit by chance.
    assert not answer or passwords.scheme_of(stored).startswith(("PLAIN", "CLEAR"))


@settings(max_examples=200, deadline=None)
@given(password=st.text(), scheme=st.sampled_from(["SSHA512", "CRAM-MD5", "MD5-CRYPT", "PLAIN", "PLAIN.B64"]))
def test_what_can_be_written_can_be_read(password: str, scheme: str) -> None:
    try:
        stored = passwords.hash_password(password, scheme)
    except passwords.UnusablePassword:
        return
    assert passwords.verify_password(password, stored)


@pytest.mark.parametrize("length", [63, 64, 65, 200])
def test_cram_md5_around_its_block(doveadm: Doveadm, length: int) -> None:
    assert passwords.hash_password("k" * length, "CRAM-MD5") == doveadm("k" * length, "-s", "CRAM-MD5").stdout.strip()


def test_generated_passwords_are_long_legible_and_different() -> None:
    made = {passwords.generate_password() for _turn in range(500)}
    assert len(made) == 500
    assert {len(password) for password in made} == {16}
    assert not set("".join(made)) & set("0Oo1lIi")
    assert "".join(made).isalnum()
    assert len(passwords.generate_password(24)) == 24
    assert passwords.check_policy(made.pop(), username=ADDRESS) == []


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("short", "The password must have at least 10 characters. This is a rule of Mailadmin."),
        ("", "The password must have at least 10 characters. This is a rule of Mailadmin."),
        ("Alice.Liddell@Example.org", "The password must not be the address or a part of it."),
        ("ALICE.LIDDELL", "The password must not be the address or a part of it."),
        ("1234567890", "This password is too common."),
        ("QwertyUIOP", "This password is too common."),
        ("with\ttabulator", "The password must not contain control characters."),
        ("long enough \x00", "The password must not contain control characters."),
        ("a" * 513, "The password must not be longer than 512 bytes."),
    ],
)
def test_policy_refuses(settings: Settings, password: str, message: str) -> None:
    settings.MAILADMIN_PASSWORD_SCHEME = "ARGON2ID"
    settings.MAILADMIN_PASSWORD_MIN_LENGTH = 10
    assert passwords.check_policy(password, username="alice.liddell@example.org") == [message]


def test_policy_says_all_at_once() -> None:
    assert len(passwords.check_policy("alice", username=ADDRESS)) >= 2


def test_policy_accepts_a_long_password_and_any_language() -> None:
    for password in ("correct horse battery staple", "zwölf Boxkämpfer", "пароль достаточно длинный"):
        assert passwords.check_policy(password, username=ADDRESS) == []


def test_policy_follows_the_settings(settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_MIN_LENGTH = 20
    assert passwords.check_policy("a" * 19, username=ADDRESS) == [
        "The password must have at least 20 characters. This is a rule of Mailadmin."
    ]
    assert passwords.check_policy("slow tea, loud piano", username=ADDRESS) == []
    settings.MAILADMIN_PASSWORD_SCHEME = "BLF-CRYPT"
    assert passwords.check_policy("a" * 73, username="") == ["The password must not be longer than 72 bytes."]


WEAK = "This password is too easy to guess. "
BETTER = (
    " Add words that have nothing to do with each other, or have a password made."
    " A strength of at least “fair” is asked for. This is a rule of Mailadmin."
)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("aaaaaaaaaaaaaaa", "It repeats itself."),
        ("abcdefghijklmno", "It runs through letters or digits in order."),
        ("iloveyoumonkey", "It is made of common words or names."),
        ("alice.liddell1", "It is made from the address or the name."),
        ("Wonderland1", "It is made from the address or the name."),
    ],
)
def test_policy_refuses_what_is_easy_to_guess_and_says_what_to_do(password: str, reason: str) -> None:
    found = passwords.check_policy(password, username="alice.liddell@example.org", name="Alice Wonderland")
    assert found == [f"{WEAK}{reason}{BETTER}"]


def test_the_least_strength_is_a_setting(settings: Settings) -> None:
    settings.MAILADMIN_PASSWORD_MIN_STRENGTH = 0
    assert passwords.check_policy("aaaaaaaaaaaaaaa", username=ADDRESS) == []
    settings.MAILADMIN_PASSWORD_MIN_STRENGTH = 4
    assert passwords.check_policy("another horse!", username=ADDRESS)[0].startswith(WEAK)
    assert passwords.check_policy(passwords.generate_password(), username=ADDRESS) == []


def test_strength_grows_and_has_a_name() -> None:
    typed = ["", "alice", "alice horse", "alice horse battery", "alice horse battery staple"]
    found = [passwords.estimate_strength(password, about=[ADDRESS]) for password in typed]
    assert [strength.score for strength in found] == sorted(strength.score for strength in found)
    assert (found[0].label, found[-1].label) == ("very weak", "strong")


@given(password=st.text(max_size=200), name=st.text(max_size=50))
def test_any_password_can_be_judged(password: str, name: str) -> None:
    assert 0 <= passwords.estimate_strength(password, about=[ADDRESS, name]).score <= 4


@pytest.mark.parametrize("unit", ["4@8({[</369&#!1|0$5+7%2", "a", "aA1!", "p4$$w0rd", "1@2012"])
def test_a_long_password_is_judged_quickly(unit: str) -> None:
    passwords.estimate_strength("word lists are loaded once")
    start = time.process_time()
    passwords.estimate_strength(unit * 1000)
    assert time.process_time() - start < 2
