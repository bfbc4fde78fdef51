"""Bringing the two tables in: all of a report or nothing, by the operations that everything else uses."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings

from aliases.models import Alias
from aliases.services import create_alias, update_alias
from domains.models import AliasDomain, Domain
from domains.services import create_domain
from mailadmin.accounts.services import create_admin_with_hash
from mailadmin.core.actor import Actor
from mailadmin.core.batches import in_batches
from mailadmin.core.commands.values import quota_text
from mailadmin.core.errors import Invalid, MailadminError
from mailadmin.core.extension import without_extension
from mailadmin.core.operation import operation
from mailadmin.core.passwords import generate_password, hash_password
from mailadmin.two_table.plan import Folded, Person, Plan
from mailadmin.two_table.report import Line, Report
from mailboxes.credentials import challenge_credentials
from mailboxes.models import Mailbox
from mailboxes.services import create_mailbox_with_hash

Step = Callable[[int], None]

_LOCATIONS = ("maildir:~", "maildir:~/")


@dataclass(frozen=True, slots=True)
class Stored:
    """A password as it is stored, with what challenge mechanisms need of it. The default fits no password."""

    password: str = "*"
    credentials: Mapping[str, str] = field(default_factory=dict)


_NO_PASSWORD = Stored()


class _Rehearsed(Exception):
    """Ends a rehearsal, whose transaction is then rolled back."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def rehearse(actor: Actor, plan: Plan, *, step: Step | None = None) -> Report:
    """Return what the import would do: it is done, but for the passwords, and rolled back.

    So what would be refused is refused by the rules themselves, and by what is in our tables now.
    """
    try:
        _bring(actor, plan, {}, expected="", step=step)
    except _Rehearsed as rehearsed:
        return rehearsed.report
    raise AssertionError("unreachable")


def hash_passwords(plan: Plan, report: Report, *, step: Step | None = None) -> dict[str, Stored]:
    """Return the passwords of the mailboxes in the report as they are stored; slow, so outside any transaction."""
    wanted = {line.name for line in report.created if line.kind == "mailbox"}
    stored: dict[str, Stored] = {}
    for person in plan.people:
        address = str(person.address)
        if address in wanted:
            stored[address] = _stored(person)
            _tell(step, len(stored))
    return stored


def _stored(person: Person) -> Stored:
    address = str(person.address)
    if person.password is None:
        return Stored(hash_password(generate_password(), username=address))
    credentials = challenge_credentials(person.password, address) if person.mechanisms else {}
    return Stored(hash_password(person.password, username=address), credentials)


def import_plan(
    actor: Actor, plan: Plan, stored: Mapping[str, Stored], *, digest: str, step: Step | None = None
) -> Report:
    """Import, all or nothing. Raises Invalid where that would not be what the report of this digest says."""
    return _bring(actor, plan, stored, expected=digest, step=step)


@operation
def _bring(actor: Actor, plan: Plan, stored: Mapping[str, Stored], *, expected: str, step: Step | None) -> Report:
    """Write everything and return the report. `expected` is its digest; "" is a rehearsal."""
    report = plan.report.copy()
    _bring_domains(actor, plan.people, report)
    brought: dict[str, Person] = {}
    for person in plan.people:
        _bring_mailbox(actor, person, stored.get(str(person.address), _NO_PASSWORD), report, brought)
        _tell(step, len(brought))
    for alias in plan.aliases:
        _bring_alias(actor, alias, brought, report)
    for person in brought.values():
        _bring_admin(actor, person, stored.get(str(person.address), _NO_PASSWORD), report)
    _note_dead_ends(plan.aliases, report)
    _note_location(report)
    if not expected:
        raise _Rehearsed(report)
    if report.digest != expected:
        raise Invalid.of("apply", "The report is another one now. Look at it again.")
    return report


def _bring_domains(actor: Actor, people: Iterable[Person], report: Report) -> None:
    names = sorted({person.address.domain for person in people})
    present = {name for batch in in_batches(names) for name in _domains(batch)}
    for name in names:
        if name in present:
            report.noted.append(Line("domain", name, "It is here already, and its limits hold."))
        else:
            create_domain(actor, domain=name)
            report.created.append(Line("domain", name, "no limits"))


def _domains(names: Iterable[str]) -> set[str]:
    return set(Domain.objects.filter(domain__in=list(names)).values_list("domain", flat=True))


def _bring_mailbox(actor: Actor, person: Person, stored: Stored, report: Report, brought: dict[str, Person]) -> None:
    address = person.address
    try:
        row = create_mailbox_with_hash(
            actor,
            local_part=address.local_part,
            domain=address.domain,
            stored=stored.password,
            credentials=stored.credentials,
            maildir=person.maildir,
            quota=person.quota,
            active=person.active,
        )
    except MailadminError as error:
        report.refused.append(Line("user", str(address), error.message))
        return
    brought[row.username] = person
    told = [f"maildir {row.maildir}", f"quota {quota_text(row.quota)}", "on" if row.active else "off"]
    report.created.append(Line("mailbox", row.username, ", ".join([*told, *person.mechanisms])))


def _bring_alias(actor: Actor, alias: Folded, brought: Mapping[str, Person], report: Report) -> None:
    """Make an alias; of a mailbox that has just been made, the alias row that it has for itself."""
    targets = ", ".join(alias.targets)
    own = alias.address in brought
    if own and not alias.active:
        report.noted.append(Line("alias", alias.address, f"Forwarding to {targets} is switched off; it is left out."))
        return
    if own and alias.targets == [alias.address]:
        return
    try:
        if own:
            update_alias(actor, address=alias.address, targets=alias.targets)
        else:
            create_alias(actor, address=alias.address, targets=alias.targets, active=alias.active)
    except MailadminError as error:
        report.refused.append(Line("alias", alias.address, f"to {targets}: {error.message}"))
        return
    off = "" if alias.active else ", off"
    report.created.append(Line("forwarding of" if own else "alias", alias.address, f"to {targets}{off}"))


def _bring_admin(actor: Actor, person: Person, stored: Stored, report: Report) -> None:
    if not person.admin:
        return
    name, domain = str(person.address), person.address.domain
    try:
        create_admin_with_hash(actor, username=name, stored=stored.password, domains=[domain], active=person.active)
    except MailadminError as error:
        report.refused.append(Line("admin", name, error.message))
        return
    off = "" if person.active else ", off"
    report.created.append(Line("admin", name, f"of {domain}, with the mailbox's password{off}"))


def _note_dead_ends(aliases: Iterable[Folded], report: Report) -> None:
    """Name the targets in our domains that lead to nothing; mail to them bounced before and will."""
    made = {line.name for line in report.created}
    pairs = [(alias.address, target) for alias in aliases if alias.address in made for target in alias.targets]
    ends = _ends({without_extension(target) for _address, target in pairs} | {target for _address, target in pairs})
    for address, target in pairs:
        if target in ends and without_extension(target) in ends:
            report.noted.append(Line("alias", address, f"It points to {target}, where nobody is."))


def _ends(targets: set[str]) -> set[str]:
    """Return those of the addresses whose domain is here, where they are neither a mailbox nor an alias."""
    ends: set[str] = set()
    for batch in in_batches(sorted(targets)):
        domains = {target.rpartition("@")[2] for target in batch}
        catch_alls = Alias.objects.filter(address__in=[f"@{domain}" for domain in domains])
        caught = {address[1:] for address in catch_alls.values_list("address", flat=True)}
        mirrored = set(AliasDomain.objects.filter(alias_domain__in=domains).values_list("alias_domain", flat=True))
        watched = _domains(domains) - caught - mirrored
        known = set(Mailbox.objects.filter(username__in=batch).values_list("username", flat=True))
        known |= set(Alias.objects.filter(address__in=batch).values_list("address", flat=True))
        ends |= {target for target in batch if target.rpartition("@")[2] in watched and target not in known}
    return ends


def _note_location(report: Report) -> None:
    location = str(getattr(settings, "MAILADMIN_MAIL_LOCATION", ""))
    if location not in _LOCATIONS and report.count("mailbox"):
        text = f"It is {location}; the mail of these mailboxes lies in the maildirs themselves, which is maildir:~."
        report.noted.append(Line("setting", "MAILADMIN_MAIL_LOCATION", text))


def _tell(step: Step | None, done: int) -> None:
    if step is not None:
        step(done)
