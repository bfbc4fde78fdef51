"""What the people of a domain may do by themselves: forwarding, own aliases, and how good their passwords must be."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aliases.targets import MAX_TARGETS
from domains.guard import lock_domain
from domains.models import Domain, DomainRules
from mailadmin.audit.services import record, snapshot
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import parse_domain, readable, readable_domain
from mailadmin.core.errors import Invalid
from mailadmin.core.operation import UNSET, Unset, operation
from mailadmin.core.passwords import MAX_HISTORY
from mailadmin.core.permissions import Permission, require
from mailadmin.core.prepared import prepared
from mailboxes.password_expiry import date_passwords

MOST_OWN_ALIASES = 100
LONGEST_PASSWORD = 128
STRONGEST = 4
LONGEST_PERIOD = 3650
"""Days that a password may last."""

HOSTS = ("imap_host", "pop3_host", "smtp_host")
_MOST = {
    "forward_max": MAX_TARGETS,
    "own_aliases": MOST_OWN_ALIASES,
    "password_min_length": LONGEST_PASSWORD,
    "password_min_strength": STRONGEST,
    "password_history": MAX_HISTORY,
    "password_expiry": LONGEST_PERIOD,
}


def rules_of(domain: str) -> DomainRules:
    """Return the rules of a domain, those of its row or the defaults."""
    return _kept.first(domain) or DomainRules(domain=domain)


@prepared
def _kept(domain: str) -> QuerySet[DomainRules]:
    return DomainRules.objects.filter(domain=domain)


def who_set(domain: str, who: str) -> str:
    """Return the sentence that says who set a rule that people met, "" where nobody knows, and who can change it."""
    if who:
        names = {"who": readable(who), "domain": readable_domain(domain)}
        return _("%(who)s set this rule; the admins of %(domain)s can change it.") % names
    return _("The admins of %s can change this rule.") % readable_domain(domain)


@operation
def set_domain_rules(
    actor: Actor,
    *,
    domain: str,
    forward_outside: bool | Unset = UNSET,
    forward_max: int | Unset | None = UNSET,
    own_aliases: int | Unset = UNSET,
    password_min_length: int | Unset | None = UNSET,
    password_min_strength: int | Unset | None = UNSET,
    password_history: int | Unset | None = UNSET,
    password_expiry: int | Unset = UNSET,
    imap_host: str | Unset = UNSET,
    pop3_host: str | Unset = UNSET,
    smtp_host: str | Unset = UNSET,
) -> DomainRules:
    """Change the rules of a domain; what is left out stays. Values as in DomainRules.

    password_expiry: days that a password lasts, 0 for ever; it shuts nobody out at once. Raises NotFound, NotAllowed
    and Invalid.
    """
    row = lock_domain(actor, domain)
    require(actor, Permission.DOMAIN_RULES)
    rules = rules_of(row.domain)
    before, days_before = _told(rules, row), row.password_days
    if not isinstance(forward_outside, Unset):
        rules.forward_outside = forward_outside
    limits = {
        "forward_max": forward_max,
        "own_aliases": own_aliases,
        "password_min_length": password_min_length,
        "password_min_strength": password_min_strength,
        "password_history": password_history,
    }
    for name, value in limits.items():
        if not isinstance(value, Unset):
            setattr(rules, name, _within(value, name))
    if not isinstance(password_expiry, Unset):
        row.password_expiry = _within(password_expiry, "password_expiry")
    for name, host in zip(HOSTS, (imap_host, pop3_host, smtp_host), strict=True):
        if not isinstance(host, Unset):
            setattr(rules, name, _host(host, name))
    after = _told(rules, row)
    if after != before:
        _note_who(actor, rules, before, after)
        rules.save()
        row.save(force_update=True, update_fields=["password_expiry"])
        if row.password_days != days_before:
            date_passwords(row, days_before=days_before)
        record(actor, "edit_domain", target=row.domain, domain=row.domain, before=before, after=after)
    return rules


def _told(rules: DomainRules, row: Domain) -> dict[str, object]:
    """Return what the history keeps of the rules."""
    hidden = ("domain", "forward_set_by", "own_aliases_set_by")
    values = {name: value for name, value in snapshot(rules).items() if name not in hidden}
    return values | {"password_days": row.password_expiry or 0}


def _note_who(actor: Actor, rules: DomainRules, before: dict[str, object], after: dict[str, object]) -> None:
    """Keep who set what people are told when they meet the rule."""
    if any(before[name] != after[name] for name in ("forward_outside", "forward_max")):
        rules.forward_set_by = actor.username
    if before["own_aliases"] != after["own_aliases"]:
        rules.own_aliases_set_by = actor.username


def _within(value: int | None, parameter: str) -> int | None:
    most = _MOST[parameter]
    if value is not None and not 0 <= value <= most:
        raise Invalid.of(parameter, _("Enter a whole number up to %d.") % most)
    return value


def _host(text: str, parameter: str) -> str:
    if not text.strip():
        return ""
    try:
        return parse_domain(text)
    except Invalid as error:
        raise Invalid.of(parameter, error.message) from None
