"""What the people of a domain may do by themselves: who sets it, what is refused, what is kept."""

import pytest
from django.test import Client

from domains import services as domains
from domains.models import Domain, DomainRules
from domains.rules import rules_of, set_domain_rules
from mailadmin.audit.models import AuditEvent
from mailadmin.core.errors import Invalid, NotAllowed, NotFound
from tests.operations.cases import ALICE, ANNA, BOB
from tests.people import admin_client, make_domains

pytestmark = pytest.mark.django_db

FORM = {"forward_max": "unlimited", "own_aliases": "none", "forward_outside": "on"}


@pytest.fixture(autouse=True)
def world() -> None:
    make_domains("a.example", "c.example")


def test_a_domain_without_a_row_has_the_defaults() -> None:
    rules = rules_of("a.example")
    assert (rules.forward_outside, rules.forward_max, rules.own_aliases) == (True, None, 0)


def test_what_is_set_is_kept_with_who_set_it_and_recorded_once() -> None:
    set_domain_rules(ALICE, domain="a.example", forward_outside=False, password_expiry=90, imap_host="IMAP.a.example")
    rules = DomainRules.objects.get(domain="a.example")
    assert (rules.forward_outside, rules.forward_set_by, rules.own_aliases_set_by) == (False, ALICE.username, "")
    assert (rules.imap_host, Domain.objects.get(domain="a.example").password_expiry) == ("imap.a.example", 90)
    event = AuditEvent.objects.latest("id")
    assert event.before and event.after
    assert (event.before["forward_outside"], event.after["forward_outside"]) == (True, False)
    assert event.after["password_days"] == 90
    number = AuditEvent.objects.count()
    set_domain_rules(ALICE, domain="a.example", forward_outside=False)
    assert AuditEvent.objects.count() == number


@pytest.mark.parametrize(
    ("name", "value"),
    [("forward_max", 501), ("own_aliases", -1), ("password_min_strength", 5), ("imap_host", "no host"),
     ("password_history", 25), ("password_expiry", 100_000)],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(name: str, value: object) -> None:
    with pytest.raises(Invalid) as caught:
        set_domain_rules(ALICE, domain="a.example", **{name: value})  # type: ignore[arg-type]
    assert [*caught.value.messages] == [name]
    assert not DomainRules.objects.exists()


def test_only_admins_of_the_domain_set_them() -> None:
    with pytest.raises(NotFound):
        set_domain_rules(BOB, domain="c.example", own_aliases=3)
    with pytest.raises((NotAllowed, NotFound)):
        set_domain_rules(ANNA, domain="a.example", own_aliases=3)


def test_they_go_with_the_domain() -> None:
    set_domain_rules(ALICE, domain="a.example", own_aliases=3)
    domains.delete_domain(ALICE, domain="a.example")
    domains.create_domain(ALICE, domain="a.example")
    assert rules_of("a.example").own_aliases == 0


def test_the_page_reads_and_writes_words_for_limits() -> None:
    alice: Client = admin_client("alice@ops.example", superadmin=True)
    page = "/domains/a.example/rules/"
    answer = alice.post(page, {**FORM, "forward_max": "none", "own_aliases": "5", "password_min_length": "14"})
    assert answer.status_code == 302, answer.content.decode()
    rules = rules_of("a.example")
    assert (rules.forward_max, rules.own_aliases, rules.password_min_length) == (0, 5, 14)
    shown = alice.get(page).content.decode()
    assert 'value="none"' in shown and 'value="5"' in shown
    refused = alice.post(page, {**FORM, "own_aliases": "0", "forward_max": "-1"})
    assert refused.status_code == 200 and b"aria-invalid" in refused.content
    alice.post(page, FORM)
    assert rules_of("a.example").forward_max is None and rules_of("a.example").own_aliases == 0
