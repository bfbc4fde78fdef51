"""Which new passwords are good enough, and those that are made here."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from mailadmin.core import passwords
from tests.core.password_strings import ADDRESS


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
