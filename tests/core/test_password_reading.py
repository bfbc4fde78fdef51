"""Passwords against stored strings: those of other software, damaged ones, dear ones, and any at all."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from mailadmin.core import passwords
from mailadmin.core.passwords import crypt3
from tests.core.password_strings import ADDRESS, DAMAGED, EXPENSIVE, STORED, TEST123, UTF8


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


@settings(max_examples=400, deadline=None)
@given(password=st.text() | st.binary(max_size=80).map(bytes.hex), stored=STORED, username=st.text(max_size=20))
def test_nothing_makes_verify_raise(password: str, stored: str, username: str) -> None:
    answer = passwords.verify_password(password, stored, username=username)
    assert answer in {True, False}
    assert passwords.scheme_of(stored)
    # Only a cleartext scheme can be hit by chance.
    assert not answer or passwords.scheme_of(stored).startswith(("PLAIN", "CLEAR"))
