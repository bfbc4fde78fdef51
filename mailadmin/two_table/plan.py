"""What the two tables mean here, before anything is asked of our own."""

from collections.abc import Iterable
from dataclasses import dataclass

from mailadmin.core.addresses import (
    EmailAddress,
    parse_alias_address,
    parse_domain,
    parse_mailbox_local_part,
    parse_target,
)
from mailadmin.core.errors import Invalid
from mailadmin.core.passwords.mechanisms import enabled_mechanisms
from mailadmin.core.passwords.writing import configured_scheme, parse_write_scheme, refusal
from mailadmin.two_table.aes import decrypt
from mailadmin.two_table.report import Line, Report
from mailadmin.two_table.source import Source, SourceAlias, SourceUser

UNITS = {"B": 1, "KB": 1024, "MB": 1024**2, "none": 0}
"""What a number in `quota` counts, in bytes; none leaves all mailboxes without a limit."""

RANDOM = "gets a random password that nobody knows: set another"


@dataclass(frozen=True, slots=True)
class Person:
    """A user to come. `quota` is in bytes; `password` is clear, None where it is not known.

    `mechanisms` are those for which challenge credentials are made.
    """

    address: EmailAddress
    maildir: str
    quota: int
    active: bool
    admin: bool
    password: str | None
    mechanisms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Folded:
    """An alias to come, of all its rows. Without a target that is on, it is off."""

    address: str
    targets: list[str]
    active: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be brought, and what is known already of the rest."""

    people: list[Person]
    aliases: list[Folded]
    report: Report


def make_plan(source: Source, *, key: str, unit: str = "", challenge: bool = False) -> Plan:
    """Judge the rows. `unit` is one of UNITS; with `challenge`, credentials of all enabled mechanisms are made.

    Raises Invalid where the key decrypts no password, and where quotas need a unit.
    """
    _require_unit(source.users, unit)
    mechanisms = enabled_mechanisms() if challenge else ()
    if challenge and not mechanisms:
        raise Invalid.of("challenge", "MAILADMIN_CHALLENGE_MECHANISMS names no mechanism.")
    report = Report()
    people = _people(source.users, key, UNITS[unit or "none"], mechanisms, report)
    if people and not any(person.password is not None for person in people):
        raise Invalid.of("key", f"It decrypts no password ({len(people)} in all).")
    return Plan(people, _folded(source.aliases, report), report)


def _require_unit(users: Iterable[SourceUser], unit: str) -> None:
    number = sum(user.quota > 0 for user in users)
    if number and not unit:
        raise Invalid.of(
            "quota-unit",
            f"The tables do not say what their quotas count ({number} in all): add --quota-unit {', '.join(UNITS)}.",
        )


def _people(
    users: Iterable[SourceUser], key: str, unit: int, mechanisms: tuple[str, ...], report: Report
) -> list[Person]:
    people: dict[str, Person] = {}
    for user in users:
        try:
            address = _address(user)
        except Invalid as error:
            report.refused.append(Line("user", user.username, error.message))
            continue
        if str(address) in people:
            report.refused.append(Line("user", user.username, "There is another row of this name."))
            continue
        password = _password(user, str(address), key, report)
        people[str(address)] = Person(
            address=address,
            # As the mailbox map of the old server says it, capitals and all: that is where the mail lies.
            maildir=f"{user.username}/",
            quota=max(user.quota, 0) * unit,
            active=user.active,
            admin=user.admin,
            password=password,
            mechanisms=() if password is None else mechanisms,
        )
    return list(people.values())


def _address(user: SourceUser) -> EmailAddress:
    local_part, at, domain = user.username.rpartition("@")
    if not at:
        raise Invalid.of("username", "This is not a whole address.")
    address = EmailAddress(parse_mailbox_local_part(local_part), parse_domain(domain))
    if parse_domain(user.domain) != address.domain:
        raise Invalid.of("domain", f"Its domain column says {user.domain}.")
    return address


def _password(user: SourceUser, address: str, key: str, report: Report) -> str | None:
    password = decrypt(user.password, key)
    if password is None:
        report.noted.append(Line("password of", address, f"does not decrypt; {RANDOM}."))
        return None
    if problem := refusal(password, parse_write_scheme(configured_scheme()).name):
        report.noted.append(Line("password of", address, f"{problem} It {RANDOM}."))
        return None
    return password


def _folded(rows: Iterable[SourceAlias], report: Report) -> list[Folded]:
    by_address: dict[str, list[SourceAlias]] = {}
    for row in rows:
        try:
            address = str(parse_alias_address(row.address))
        except Invalid as error:
            report.refused.append(Line("alias", row.address, f"to {row.goto}: {error.message}"))
            continue
        by_address.setdefault(address, []).append(row)
    folded = (_fold(address, found, report) for address, found in sorted(by_address.items()))
    return [alias for alias in folded if alias.targets]


def _fold(address: str, rows: list[SourceAlias], report: Report) -> Folded:
    """Make one alias of its rows; a target that is off is left out where another is on."""
    on = [row for row in rows if row.active]
    if on:
        for row in rows:
            if not row.active:
                report.noted.append(Line("alias", address, f"The target {row.goto} is switched off; it is left out."))
    targets = []
    for text in (text for row in on or rows for text in row.goto.split(",")):
        try:
            targets.append(parse_target(text, catch_all=address.startswith("@")))
        except Invalid as error:
            report.refused.append(Line("target", f"of {address}", error.message))
    return Folded(address, list(dict.fromkeys(targets)), bool(on))
