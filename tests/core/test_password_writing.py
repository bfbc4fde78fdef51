"""How passwords are written: schemes, costs, salts, and what cannot be written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from mailadmin.core import passwords
from tests.core.password_strings import ADDRESS, ASCII, BARE_FORMS, UTF8, WRITTEN_FORMS

BARE_DIGESTS = ["PLAIN-MD5:bare"]


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


@settings(max_examples=200, deadline=None)
@given(password=st.text(), scheme=st.sampled_from(["SSHA512", "CRAM-MD5", "MD5-CRYPT", "PLAIN", "PLAIN.B64"]))
def test_what_can_be_written_can_be_read(password: str, scheme: str) -> None:
    try:
        stored = passwords.hash_password(password, scheme)
    except passwords.UnusablePassword:
        return
    assert passwords.verify_password(password, stored)
