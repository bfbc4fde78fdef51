"""One policy for every way to a new password: in words before, in words after, stricter per domain."""

import hashlib
import html
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, ngettext
from pytest_django import Settings

from domains.rules import set_domain_rules
from mailadmin.accounts import services as accounts
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Admin
from mailadmin.accounts.passwords import domain_policy, new_hash, policy_of
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.errors import Invalid
from mailadmin.core.passwords import PasswordPolicy, check_breached_file, check_policy, generate_password
from mailadmin.core.passwords.breached import is_breached
from mailadmin.core.passwords.strength import strength_label
from mailadmin.environment import checked
from mailboxes.passwords import set_mailbox_password
from mailboxes.services import create_mailbox
from mailboxes.setup_links import create_setup_link, set_password_by_link
from tests.people import make_domains, signed_in

CLI = Actor.cli()
ANNA = "anna@example.com"
USER = Actor(ActorKind.USER, ANNA)
PASSWORD = "correct horse battery"
OTHER = "slow tea, loud piano"
STOLEN = "purple monkey dishwasher"
LANGUAGES = ["de", "en", "es", "fr", "it", "pt-br"]


@pytest.fixture
def stolen(tmp_path: Path, settings: Settings) -> Path:
    """A list with 5,000 hashes, that of STOLEN among them."""
    words = [STOLEN, *(f"word {number}" for number in range(4_999))]
    hashes = sorted(hashlib.sha1(word.encode()).hexdigest().upper() for word in words)
    path = tmp_path / "stolen.txt"
    path.write_text("".join(f"{digest}:{number + 1}\r\n" for number, digest in enumerate(hashes)))
    settings.MAILADMIN_PASSWORD_BREACHED_FILE = str(path)
    return path


def rule_of(who: str) -> str:
    return gettext("This is a rule of %s.") % who


def at_least(count: int) -> str:
    text = ngettext(
        "The password must have at least %(count)d character.",
        "The password must have at least %(count)d characters.",
        count,
    )
    return text % {"count": count}


def too_weak(least: int) -> list[str]:
    wanted = gettext("A strength of at least “%s” is asked for.") % strength_label(least)
    return [gettext("This password is too easy to guess."), wanted]


INSTALLATION, DOMAIN = "Mailadmin", "example.com"
STRICT = {"min_length": 14, "min_strength": 4, "history": 3}
# Password, the domain's rules, whose the broken rule is, and what the refusal holds.
VERDICTS = [
    ("short", {}, INSTALLATION, lambda: [at_least(10)]),
    ("twelve chars", {"min_length": 14}, DOMAIN, lambda: [at_least(14)]),
    ("short", {"min_length": 8}, INSTALLATION, lambda: [at_least(10)]),
    ("iloveyoumonkey", {}, INSTALLATION, lambda: too_weak(2)),
    ("another horse!", {"min_strength": 4}, DOMAIN, lambda: too_weak(4)),
    ("another horse!", {"min_strength": 1}, "", list),
    ("anna@example.com", {}, "", lambda: [gettext("The password must not be the address or a part of it.")]),
    ("1234567890", {}, "", lambda: [gettext("This password is too common.")]),
    (
        STOLEN,
        {},
        INSTALLATION,
        lambda: [gettext("This password was stolen elsewhere: it is on the list of known ones.")],
    ),
    (PASSWORD, STRICT, "", list),
    ("naïve Überraschung 42", {}, "", list),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("password", "rules", "who", "expected"), VERDICTS)
def test_verdicts(
    language: str,
    password: str,
    rules: dict[str, int],
    who: str,
    expected: Callable[[], list[str]],
    stolen: Path,
    settings: Settings,
) -> None:
    policy = PasswordPolicy.of_installation().with_domain(
        DOMAIN, **({"min_length": None, "min_strength": None, "history": None} | rules)
    )
    with translation.override(language):
        found = check_policy(password, username=ANNA, policy=policy)
        wanted = expected()
        print(f"{language} | {password} | {' '.join(found) or '✓'}")  # noqa: T201  (the table of verdicts)
        assert bool(found) == bool(wanted)
        for text in [*wanted, *([rule_of(who)] if who else [])]:
            assert text and text in found[0]
        assert not who or [name for name in (INSTALLATION, DOMAIN) if name in found[0]] == [who]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rules_in_words(language: str, stolen: Path, settings: Settings) -> None:
    policy = PasswordPolicy.of_installation().with_domain(DOMAIN, min_length=14, min_strength=1, history=3)
    with translation.override(language):
        words = policy.words()
        assert len(words) == 6 and all(words)
        assert "14" in words[0] and strength_label(2) in words[2] and "3" in words[3]
        assert words[-1] == gettext("These are the rules of %s.") % DOMAIN
        assert DOMAIN not in " ".join(PasswordPolicy.of_installation().words())


def test_a_domain_can_only_be_stricter(db: None, settings: Settings) -> None:
    make_domains(DOMAIN)
    settings.MAILADMIN_PASSWORD_HISTORY = 5
    set_domain_rules(CLI, domain=DOMAIN, password_min_length=4, password_min_strength=3, password_history=2)
    policy = domain_policy(DOMAIN)
    assert (policy.min_length, policy.min_strength, policy.history) == (10, 3, 5)
    assert policy.stricter == {"min_strength"}
    assert policy_of(AccountKind.ADMIN, "bob@example.com") == PasswordPolicy.of_installation()


@pytest.fixture
def strict(db: None) -> None:
    make_domains(DOMAIN)
    create_mailbox(CLI, local_part="anna", domain=DOMAIN, password=PASSWORD)
    set_domain_rules(CLI, domain=DOMAIN, password_min_length=30)


def test_every_way_to_a_password_asks_the_same(strict: None) -> None:
    token, _link = create_setup_link(CLI, username=ANNA)
    ways: list[Callable[[], object]] = [
        lambda: create_mailbox(CLI, local_part="berta", domain=DOMAIN, password=OTHER),
        lambda: set_mailbox_password(CLI, username=ANNA, password=OTHER),
        lambda: accounts.change_own_password(USER, current=PASSWORD, new=OTHER),
        lambda: set_password_by_link(Actor.anonymous("192.0.2.1", "r"), token=token, password=OTHER),
        lambda: new_hash(OTHER, username=ANNA),
    ]
    for way in ways:
        with pytest.raises(Invalid, match=r"at least 30 characters\. This is a rule of example\.com"):
            way()
    # Admins are the installation's, whatever their address.
    accounts.create_admin(CLI, username="bob@example.com", password=OTHER)
    with pytest.raises(Invalid, match=r"at least 10 characters\. This is a rule of Mailadmin"):
        accounts.set_admin_password(CLI, username="bob@example.com", password="short")


def test_pages_say_the_rules_before_anything_is_typed(strict: None) -> None:
    set_domain_rules(CLI, domain=DOMAIN, password_history=4)
    said = "None of the last 4 passwords, the present one among them."
    anna = signed_in(AccountKind.MAILBOX, ANNA)
    token, _link = create_setup_link(CLI, username=ANNA)
    accounts.create_admin(CLI, username="alice@ops.example", password=PASSWORD, superadmin=True)
    alice = signed_in(AccountKind.ADMIN, "alice@ops.example")
    for client, path in (
        (anna, "/account/password/"),
        (Client(), f"/set-up/{token}/"),
        (alice, f"/domains/{DOMAIN}/mailboxes/new/"),
        (alice, f"/mailboxes/{ANNA}/password/"),
    ):
        page = html.unescape(client.get(path).content.decode())
        # A new mailbox has no last passwords.
        assert (f"<li>{said}</li>" in page) is not path.endswith("/new/"), path
        assert "<li>At least 30 characters.</li>" in page, path
        assert "<li>These are the rules of example.com.</li>" in page, path
    for path in ("/account/password/", "/admins/new/", "/admins/bob@ops.example/password/"):
        Admin.objects.get_or_create(username="bob@ops.example", defaults={"password": "x"})
        page = html.unescape(alice.get(path).content.decode())
        assert "<li>At least 10 characters.</li>" in page and said not in page, path


def test_the_strength_told_while_typing_goes_by_the_domain(strict: None) -> None:
    anna = signed_in(AccountKind.MAILBOX, ANNA)
    assert "at least 30" in anna.post("/account/password/strength/", {"new": OTHER}).content.decode()
    accounts.create_admin(CLI, username="carl@ops.example", password=PASSWORD)
    carl = signed_in(AccountKind.ADMIN, "carl@ops.example")
    # A domain that is not his tells him nothing of its rules.
    values = {"password": OTHER, "rules_of": DOMAIN}
    assert "at least" not in carl.post("/account/password/strength/", values).content.decode()
    accounts.update_admin(CLI, username="carl@ops.example", domains=[DOMAIN])
    assert "at least 30" in carl.post("/account/password/strength/", values).content.decode()
    # The page hands on whose rules they are.
    page = carl.get(f"/mailboxes/{ANNA}/password/").content.decode()
    assert f'hx-vals="{{&#34;rules_of&#34;: &#34;{DOMAIN}&#34;}}"' in page


def test_what_is_made_here_is_long_enough(strict: None) -> None:
    assert len(generate_password(domain_policy(DOMAIN).generated_length)) == 30
    accounts.create_admin(CLI, username="alice@ops.example", password=PASSWORD, superadmin=True)
    alice = signed_in(AccountKind.ADMIN, "alice@ops.example")
    answer = alice.post(f"/mailboxes/{ANNA}/password/", {"secret": "generate"})
    assert "Password changed" in answer.content.decode()


def test_the_list_is_looked_up_where_it_lies(stolen: Path) -> None:
    lines = stolen.read_text().split()
    assert is_breached(STOLEN)
    assert not is_breached(f"{STOLEN}?")
    words = [STOLEN, *(f"word {number}" for number in range(4_999))]
    assert all(map(is_breached, words[::7]))
    ends = [
        word for word in words if hashlib.sha1(word.encode()).hexdigest().upper() in (lines[0][:40], lines[-1][:40])
    ]
    assert len(ends) == 2 and all(map(is_breached, ends))
    stolen.write_text("".join(f"{line}\n" for line in lines[1:-1]))
    assert not any(map(is_breached, ends))
    # One line alone, without an end.
    stolen.write_text(lines[0])
    assert sorted(map(is_breached, ends)) == [False, True]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "it is empty"),
        ("password\n123456\n", "there is a line 'password'"),
        ("B" * 40 + ":3\n" + "A" * 40 + ":1\n", "not in order"),
        ("a" * 40 + ":3\n", "there is a line 'aaaa"),
        ("A" * 32 + ":3\n", "there is a line 'AAAA"),
        ("x" * 100_000, "there is a line 'xxxx"),
    ],
)
def test_a_bad_list_is_one_line_at_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings, content: str, said: str
) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(content)
    monkeypatch.setenv("MAILADMIN_PASSWORD_BREACHED_FILE", str(path))
    with pytest.raises(ImproperlyConfigured, match=said) as refusal:
        checked("MAILADMIN_PASSWORD_BREACHED_FILE", check_breached_file)
    assert "\n" not in str(refusal.value) and str(refusal.value).startswith("MAILADMIN_PASSWORD_BREACHED_FILE: ")
    # Spoilt after the start, it refuses nobody.
    settings.MAILADMIN_PASSWORD_BREACHED_FILE = str(path)
    assert not is_breached(STOLEN)


def test_a_missing_list_is_one_line_at_start(settings: Settings) -> None:
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        check_breached_file("/nowhere/stolen.txt")
    settings.MAILADMIN_PASSWORD_BREACHED_FILE = "/nowhere/stolen.txt"
    assert not is_breached(STOLEN)
