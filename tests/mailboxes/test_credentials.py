"""Second credentials: made, bound, replaced and deleted with the passwords they belong to."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test.utils import override_settings

from aliases.models import Alias
from domains.services import create_domain, delete_domain
from mailadmin.accounts.services import change_own_password
from mailadmin.audit.models import AuditEvent
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.passwords import hash_password, parse_mechanisms, verify_password
from mailadmin.mailserver import lookups
from mailadmin.mailserver.lookups import PASSWORD_QUERY
from mailboxes.models import Credential, Mailbox
from mailboxes.passwords import set_mailbox_password
from mailboxes.services import create_mailbox, delete_mailbox, update_mailbox
from mailboxes.setup_links import create_setup_link, set_password_by_link
from tests.mailserver.population import engine

pytestmark = pytest.mark.django_db

CLI = Actor.cli()
ANNA = "anna@cred.example"
OWNER = Actor(ActorKind.USER, ANNA, ip="192.0.2.1", via="web", request_id="1")
PASSWORD, OTHER = "correct horse!", "another horse!"
ALL = ("SCRAM-SHA-256", "CRAM-MD5", "DIGEST-MD5")


@pytest.fixture
def enabled() -> Iterator[None]:
    with override_settings(MAILADMIN_CHALLENGE_MECHANISMS=ALL):
        yield


@pytest.fixture
def anna(enabled: None) -> Mailbox:
    create_domain(CLI, domain="cred.example")
    return create_mailbox(CLI, local_part="Anna", domain="cred.example", password=PASSWORD)


def kept() -> dict[str, str]:
    return dict(Credential.objects.filter(username=ANNA).values_list("mechanism", "secret"))


def answer(mechanism: str) -> str:
    """Return what Dovecot checks a password by."""
    [row] = lookups.run_dovecot(PASSWORD_QUERY, ANNA, mechanism=mechanism)
    return row["password"]


def all_fit(password: str) -> bool:
    return all(verify_password(password, answer(mechanism), username=ANNA) for mechanism in ("PLAIN", *ALL))


def test_each_mechanism_is_answered_its_own(anna: Mailbox) -> None:
    assert set(kept()) == set(ALL)
    assert all(answer(mechanism) == kept()[mechanism] for mechanism in ALL)
    assert answer("PLAIN") == answer("LOGIN") == anna.password
    assert all_fit(PASSWORD)
    assert all(secret.startswith(f"{{{mechanism}}}") for mechanism, secret in kept().items())


@pytest.mark.parametrize("way", ["admin", "owner", "link"])
def test_every_way_to_a_new_password_replaces_them(way: str, anna: Mailbox) -> None:
    before = kept()
    if way == "admin":
        set_mailbox_password(CLI, username=ANNA, password=OTHER)
    elif way == "owner":
        change_own_password(OWNER, current=PASSWORD, new=OTHER)
    else:
        token, _link = create_setup_link(CLI, username=ANNA)
        set_password_by_link(Actor.anonymous("192.0.2.1"), token=token, password=OTHER)
    assert not set(before.values()) & set(kept().values())
    assert all_fit(OTHER)


def test_a_password_set_by_another_program_leaves_them_void(anna: Mailbox) -> None:
    stored = hash_password(OTHER, "SHA512-CRYPT:bare")
    Mailbox.objects.filter(username=ANNA).update(password=stored)
    assert {answer(mechanism) for mechanism in ALL} == {stored}
    # Case counts, whatever the collation of the table.
    Mailbox.objects.filter(username=ANNA).update(password=anna.password.swapcase())
    assert {answer(mechanism) for mechanism in ALL} == {anna.password.swapcase()}


def test_they_go_with_the_mailbox_and_with_the_domain(anna: Mailbox) -> None:
    delete_mailbox(CLI, username=ANNA)
    assert not Credential.objects.exists()
    create_mailbox(CLI, local_part="anna", domain="cred.example", password=PASSWORD)
    delete_domain(CLI, domain="cred.example")
    assert not Credential.objects.exists()


def test_a_mailbox_made_anew_inherits_none(anna: Mailbox) -> None:
    Mailbox.objects.filter(username=ANNA).delete()
    Alias.objects.filter(address=ANNA).delete()
    with override_settings(MAILADMIN_CHALLENGE_MECHANISMS=()):
        create_mailbox(CLI, local_part="anna", domain="cred.example", password=OTHER)
    assert kept() == {}


def test_other_changes_leave_them(anna: Mailbox) -> None:
    before = kept()
    update_mailbox(CLI, username=ANNA, name="Anna")
    assert kept() == before
    assert all_fit(PASSWORD)


def test_none_is_made_unasked_and_the_query_has_no_place_for_any(anna: Mailbox) -> None:
    with override_settings(MAILADMIN_CHALLENGE_MECHANISMS=()):
        set_mailbox_password(CLI, username=ANNA, password=OTHER)
        assert kept() == {}
        sql = lookups.text(PASSWORD_QUERY, engine())
        assert "SELECT m.username AS user, m.password AS password,\n" in sql
        assert "mailadmin_credential" not in sql
        assert sql.count("JOIN") == 2, "the mailbox, and whether it takes app passwords only"
    assert "mailadmin_credential" in lookups.text(PASSWORD_QUERY, engine())


def test_prune_deletes_what_no_longer_counts(anna: Mailbox, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("prune", days="1")
    assert set(kept()) == set(ALL)
    create_mailbox(CLI, local_part="berta", domain="cred.example", password=PASSWORD)
    Mailbox.objects.filter(username="berta@cred.example").update(password="{PLAIN}x")
    with override_settings(MAILADMIN_CHALLENGE_MECHANISMS=("SCRAM-SHA-256",)):
        call_command("prune", days="1")
    assert "5 void credentials deleted." in capsys.readouterr().out
    assert list(Credential.objects.values_list("username", "mechanism")) == [(ANNA, "SCRAM-SHA-256")]
    Mailbox.objects.filter(username=ANNA).delete()
    call_command("prune", days="1")
    assert not Credential.objects.exists()


def test_no_history_tells_them(anna: Mailbox) -> None:
    set_mailbox_password(CLI, username=ANNA, password=OTHER)
    told = "".join(f"{event.before}{event.after}" for event in AuditEvent.objects.all())
    assert not any(secret in told for secret in kept().values())
    assert "SCRAM" not in told


def test_the_grants_name_them_for_dovecot_alone(enabled: None, capsys: pytest.CaptureFixture[str]) -> None:
    database = {"MAILADMIN_POSTFIX_DB_PASSWORD": "x", "MAILADMIN_DOVECOT_DB_PASSWORD": "y"}
    with override_settings(**database):
        call_command("mailconfig", "--grants")
        lines = [line for line in capsys.readouterr().out.splitlines() if "mailadmin_credential" in line]
        with override_settings(MAILADMIN_CHALLENGE_MECHANISMS=()):
            call_command("mailconfig", "--grants")
        assert "mailadmin_credential" not in capsys.readouterr().out
    assert len(lines) == (0 if engine() == "sqlite" else 1)
    assert all("dovecot" in line and line.startswith("GRANT SELECT (") for line in lines)


def test_the_setting_is_a_list_of_known_names() -> None:
    assert parse_mechanisms(" cram-md5, SCRAM-SHA-256 ") == ("SCRAM-SHA-256", "CRAM-MD5")
    assert parse_mechanisms("") == ()
    with pytest.raises(ValueError, match="Unknown mechanism 'NTLM': use some of SCRAM-SHA-256, CRAM-MD5, DIGEST-MD5"):
        parse_mechanisms("SCRAM-SHA-256 ntlm")
