"""Hosting companies to measure with, up to a million mailboxes: written as rows in batches, the same ones every time.

Every password is one and the same hash, made once: hashing a million would take a day and prove nothing. What the rows
hold keeps the panel's rules (limits, own alias rows, derived rows). Memory is bounded: one domain is made at a time.
"""

import datetime as dt
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TextIO

from django.core.management.color import no_style
from django.db import connection, models
from django.utils import timezone

from mailadmin.accounts.services import create_admin
from mailadmin.audit.models import AuditEvent, Log
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.addresses import domain_key
from mailadmin.core.passwords import hash_password
from mailadmin.demo.bulk_rows import BulkRows, Progress
from mailadmin.demo.names import AGENCY, BIGGEST, FIRST, FUNCTIONS, LAST, OWNER, TEAMS, TRADES, plain
from mailadmin.demo.small import HELPERS
from mailadmin.sweep.services import sweep_all
from mailboxes.models import Mailbox, Vacation

MB, GB = 1024**2, 1024**3
DAYS = 900


@dataclass(frozen=True, slots=True)
class Size:
    """How many of what; `biggest` is how many of the mailboxes are in the largest domain."""

    domains: int
    mailboxes: int
    biggest: int
    aliases: int
    alias_domains: int
    admins: int
    log: int
    events: int


SIZES = {
    "medium": Size(200, 5_000, 1_000, 1_000, 10, 20, 5_000, 5_000),
    "large": Size(10_000, 1_000_000, 100_000, 200_000, 500, 500, 1_000_000, 1_000_000),
}

COLUMNS = {
    "domain": [
        "domain",
        "description",
        "aliases",
        "mailboxes",
        "maxquota",
        "quota",
        "transport",
        "backupmx",
        "created",
        "modified",
        "active",
        "password_expiry",
    ],
    "alias_domain": ["alias_domain", "target_domain", "created", "modified", "active", "description"],
    "mailbox": [
        "username",
        "password",
        "name",
        "maildir",
        "quota",
        "local_part",
        "domain",
        "created",
        "modified",
        "active",
        "smtp_active",
        "password_expiry",
    ],
    "alias": ["address", "goto", "domain", "created", "modified", "active", "description"],
    "mailadmin_alias_target": ["target", "target_domain", "address"],
    "quota2": ["username", "bytes", "messages"],
    "vacation": [
        "email",
        "subject",
        "body",
        "cache",
        "domain",
        "created",
        "active",
        "modified",
        "activefrom",
        "activeuntil",
        "interval_time",
    ],
    "admin": ["username", "password", "created", "modified", "active", "superadmin"],
    "domain_admins": ["username", "domain", "created", "active"],
    "mailadmin_account": ["login", "row_created", "must_change_password", "last_login", "language", "time_zone"],
    "log": ["id", "timestamp", "username", "domain", "action", "data"],
    "mailadmin_audit_event": [
        "id",
        "time",
        "actor_kind",
        "actor",
        "via",
        "ip",
        "request_id",
        "batch_id",
        "action",
        "target",
        "domain",
        "before",
        "after",
        "repeats",
        "log_id",
    ],
}

# Per thousand events.
ACTIONS = (
    ("edit_mailbox", 240), ("sign_in", 230), ("edit_password", 130), ("edit_mailbox_state", 90), ("create_mailbox", 90),
    ("edit_alias", 70), ("create_alias", 50), ("sign_in_failed", 50), ("delete_mailbox", 25), ("edit_domain", 25),
)  # fmt: skip
SUBJECTS = (
    "Away until Monday",
    "Out of office",
    "In Urlaub",
    "En congé",
    "Sono in ferie",
    "Estou de férias",
    "Vacaciones",
)


@dataclass(slots=True)
class Firm:
    """A domain to be made."""

    domain: str
    description: str
    mailboxes: int
    aliases: int


@dataclass(slots=True)
class Made:
    """What was made, as far as later rows tell of it: a sample of bounded length."""

    firms: list[Firm] = field(default_factory=list)
    people: list[tuple[str, str, str]] = field(default_factory=list)
    """Address, domain and name of some mailboxes."""
    aliases: list[tuple[str, str]] = field(default_factory=list)


class Moments:
    """Moments of the last years in order, ready for columns of both kinds."""

    NUMBER = 40_000

    def __init__(self, now: dt.datetime) -> None:
        self.now = now.replace(microsecond=0)
        step = DAYS * 86_400 / self.NUMBER
        moments = [self.now - dt.timedelta(days=DAYS) + dt.timedelta(seconds=int(n * step)) for n in range(self.NUMBER)]
        self.legacy = [_stored(Mailbox, "created", moment) for moment in moments]
        self.own = [_stored(AuditEvent, "time", moment) for moment in moments]

    def at(self, share: float) -> int:
        """Return the index of the moment at this share of the time, from 0 to below 1."""
        return int(share * self.NUMBER)


def _stored(model: type[models.Model], name: str, moment: dt.datetime) -> Any:
    one: Any = model._meta.get_field(name)
    return one.get_db_prep_save(moment, connection)


def fill(password: str, size: Size, out: TextIO) -> dict[str, int]:
    """Fill an empty panel; everybody gets the password, and `out` a line of progress. Returns how much was made."""
    chance = random.Random(20)
    stored = hash_password(password, username=OWNER)
    owner = Actor(ActorKind.SUPERADMIN, OWNER, ip="192.0.2.14", request_id="demo")
    for name in (OWNER, *sorted(HELPERS)):
        create_admin(owner, username=name, password=password, superadmin=True)
    # Roughly: a mailbox has four rows, an alias one and more than one target.
    progress = Progress(out, size.mailboxes * 4 + size.aliases * 5 // 2 + size.log + size.events + size.domains * 2)
    rows = BulkRows(COLUMNS, lambda _table, number: progress.add(number))
    moments = Moments(timezone.now())
    made = Made(firms=_firms(chance, size))
    writer = Writer(rows, moments, chance, stored, made)
    for firm in made.firms:
        writer.firm(firm)
    mirrors = writer.alias_domains(size.alias_domains)
    admins = writer.admins(size.admins)
    writer.history(size, admins)
    rows.flush()
    progress.end()
    _finish()
    sweep_all()
    return {
        "domains": len(made.firms) + mirrors,
        "mailboxes": size.mailboxes,
        "aliases": size.aliases,
        "alias domains": mirrors,
        "admins": size.admins + 1 + len(HELPERS),
        "events": size.events,
    }


def _firms(chance: random.Random, size: Size) -> list[Firm]:
    """Return the firms: one with many people, some with hundreds or thousands, most with few."""
    number = size.domains - size.alias_domains
    names = _domain_names(chance)
    weights = [1 / (rank + 10) ** 0.9 for rank in range(number - 1)]
    counts = [size.biggest, *_shares(size.mailboxes - size.biggest, weights)]
    aliases = _shares(size.aliases, [float(count) for count in counts])
    firms = [Firm(BIGGEST, "The university, all faculties", counts[0], aliases[0])]
    for count, more in zip(counts[1:], aliases[1:], strict=True):
        name, description = next(names)
        firms.append(Firm(name, description, count, more))
    chance.shuffle(firms)
    return firms


def _shares(total: int, weights: list[float]) -> list[int]:
    """Split a number by weights; the shares are whole and add up."""
    whole = sum(weights)
    shares = [int(total * weight / whole) for weight in weights]
    for place in range(total - sum(shares)):
        shares[place % len(shares)] += 1
    return shares


def _domain_names(chance: random.Random) -> Iterator[tuple[str, str]]:
    pairs = [(last, trade) for last in LAST for trade in TRADES]
    chance.shuffle(pairs)
    used: set[str] = set()
    for number, (last, trade) in enumerate(pairs):
        text = f"{last}-{trade}".lower().replace("'", "")
        # Every thirtieth keeps its letters, where it has some of its own.
        name = domain_key(f"{text}.example") if number % 30 == 0 else f"{plain(text)}.example"
        if name not in used:
            used.add(name)
            yield name, f"{last} {trade.capitalize()}"


class Writer:
    """Makes the rows, in an order that depends on the seed alone."""

    def __init__(self, rows: BulkRows, moments: Moments, chance: random.Random, stored: str, made: Made) -> None:
        self.add: Callable[[str, tuple[Any, ...]], None] = rows.add
        self.moments = moments
        self.random = chance.random
        self.chance = chance
        self.stored = stored
        self.made = made
        self.first = [(name, plain(name)) for name in FIRST]
        self.last = [(name, plain(name)) for name in LAST]
        soon = moments.now + dt.timedelta(days=10)
        self.vacation_ends = [_stored(Vacation, "activeuntil", moments.now - dt.timedelta(days=40))]
        self.vacation_ends += [_stored(Vacation, "activeuntil", soon)]
        self.vacation_start = _stored(Vacation, "activefrom", moments.now - dt.timedelta(days=60))
        self.expiry = _stored(Mailbox, "password_expiry", moments.now + dt.timedelta(days=365))

    def _pick(self, values: list[Any]) -> Any:
        return values[int(self.random() * len(values))]

    def firm(self, firm: Firm) -> None:
        """Make a domain with all that is in it."""
        made = self.moments.at(self.random() * 0.5)
        promised, addresses = self._mailboxes(firm, made)
        self._aliases(firm, made, addresses)
        has_limits = self.random() < 0.7
        full = self.random() < 0.05
        values = (
            firm.domain,
            firm.description,
            firm.aliases + (0 if full else 10) if has_limits else 0,
            firm.mailboxes + (0 if full else 5 + firm.mailboxes // 10) if has_limits else 0,
            10 * GB // MB if has_limits else 0,
            promised // MB * 5 // 4 if has_limits else 0,
            "virtual",
            False,
            self.moments.legacy[made],
            self.moments.legacy[made],
            self.random() > 0.02,
            0,
        )
        self.add("domain", values)

    def _mailboxes(self, firm: Firm, made: int) -> tuple[int, list[str]]:
        """Make the mailboxes of a domain; returns the bytes promised to them, and their addresses."""
        random_, domain, used = self.random, firm.domain, set[str]()
        style, promised, addresses = int(random_() * 3), 0, []
        for number in range(firm.mailboxes):
            if number < 3 and firm.mailboxes > 3:
                local_part, name = FUNCTIONS[number], FUNCTIONS[number].capitalize()
            else:
                (first, short), (last, long) = self._pick(self.first), self._pick(self.last)
                local_part = (f"{short}.{long}", f"{short[0]}.{long}", f"{short}")[style]
                name = f"{first} {last}"
            if local_part in used:
                local_part = f"{local_part}{number}"
            used.add(local_part)
            address = f"{local_part}@{domain}"
            created = made + int(random_() * (self.moments.NUMBER - made))
            changed = created + int(random_() * (self.moments.NUMBER - created))
            quota = (1, 2, 2, 5, 5, 10)[int(random_() * 6)] * GB
            promised += quota
            self._mailbox(address, local_part, domain, name, quota, created, changed)
            addresses.append(address)
            if random_() < 0.02:
                self.made.people.append((address, domain, name))
        return promised, addresses

    def _mailbox(
        self, address: str, local_part: str, domain: str, name: str, quota: int, created: int, changed: int
    ) -> None:
        legacy, random_ = self.moments.legacy, self.random
        draw = random_()
        active = draw > 0.03
        self.add(
            "mailbox",
            (
                address,
                self.stored,
                name,
                f"{domain}/{local_part}/",
                quota,
                local_part,
                domain,
                legacy[created],
                legacy[changed],
                active,
                draw < 0.98,
                self.expiry,
            ),
        )
        self.add("alias", (address, address, domain, legacy[created], legacy[created], active, ""))
        self.add("mailadmin_alias_target", (address, domain, address))
        used = int(quota * (0.9 + draw / 10 if draw > 0.98 else random_() * 0.7))
        self.add("quota2", (address, used, used // 70_000))
        if random_() < 0.03:
            self._vacation(address, domain, legacy[created])
        if random_() < 0.05:
            row = (f"mailbox:{address}", self.moments.own[created], False, self.moments.own[changed], "", "")
            self.add("mailadmin_account", row)

    def _vacation(self, address: str, domain: str, created: Any) -> None:
        subject = SUBJECTS[int(self.random() * len(SUBJECTS))]
        ends = self.vacation_ends[self.random() < 0.3]
        body = f"{subject}. I will answer when I am back."
        row = (address, subject, body, "", domain, created, True, self.vacation_start, self.vacation_start, ends, 0)
        self.add("vacation", row)

    def _aliases(self, firm: Firm, made: int, addresses: list[str]) -> None:
        random_, domain, used = self.random, firm.domain, {address.partition("@")[0] for address in addresses}
        for number in range(firm.aliases):
            local_part = self._alias_name(number, firm.aliases)
            if local_part in used:
                local_part = f"{local_part}-{number}"
            used.add(local_part)
            address = f"{local_part}@{domain}"
            created = made + int(random_() * (self.moments.NUMBER - made))
            targets = self._targets(addresses)
            moment = self.moments.legacy[created]
            text = local_part.replace("-", " ").capitalize() if number % 3 == 0 else ""
            self.add("alias", (address, ",".join(targets), domain, moment, moment, random_() > 0.04, text))
            for target in targets:
                self.add("mailadmin_alias_target", (target, target.rpartition("@")[2], address))
            if random_() < 0.05:
                self.made.aliases.append((address, domain))

    def _alias_name(self, number: int, all_of_them: int) -> str:
        if number == 0 and all_of_them > 40:
            return ""  # The catch-all.
        if number < len(FUNCTIONS):
            return FUNCTIONS[-number]
        (_first, short), (_last, long) = self._pick(self.first), self._pick(self.last)
        draw = self.random()
        if draw < 0.2:
            return f"{self._pick(TEAMS)}-{number}"
        return f"{long}.{short}" if draw < 0.6 else f"{short}_{long}"

    def _targets(self, addresses: list[str]) -> list[str]:
        draw = self.random()
        if draw < 0.06 or not addresses:
            return [f"{self._pick(self.first)[1]}.{self._pick(self.last)[1]}@elsewhere.example"]
        many = 1 if draw < 0.8 else 2 + int(self.random() * 4) if draw < 0.97 else 6 + int(self.random() * 15)
        return list(dict.fromkeys(self._pick(addresses) for _number in range(many)))

    def alias_domains(self, number: int) -> int:
        """Make alias domains of some of the domains, each with a domain row of its own."""
        legacy = self.moments.legacy
        for place, firm in enumerate(self.made.firms[:number]):
            name = f"{firm.domain.removesuffix('.example')}-{('old', 'net', 'group')[place % 3]}.example"
            row = (name, f"Also {firm.description}", -1, -1, 0, 0, "virtual", False, legacy[-1], legacy[-1], True, 0)
            self.add("domain", row)
            self.add("alias_domain", (name, firm.domain, legacy[-1], legacy[-1], True, ""))
        return min(number, len(self.made.firms))

    def admins(self, number: int) -> list[tuple[str, list[str]]]:
        """Make domain admins of 1 to 200 domains; returns them with their domains."""
        names = [firm.domain for firm in self.made.firms]
        most = min(200, len(names))
        admins: dict[str, list[str]] = {}
        for place in range(number):
            (_first, short), (_last, long) = self._pick(self.first), self._pick(self.last)
            name = AGENCY if place == 0 else f"{short}.{long}.{place}@admins.example"
            draw = self.random()
            many = most if place == 0 else 1 + int(3 * draw) if draw < 0.6 else 1 + int(most * (draw - 0.6) * 2.5)
            admins[name] = [BIGGEST] if place == 1 else self.chance.sample(names, min(many, len(names)))
        legacy, own = self.moments.legacy, self.moments.own
        for name, domains in admins.items():
            made, seen = self.moments.at(self.random() * 0.3), self.moments.at(0.9 + self.random() * 0.1)
            self.add("admin", (name, self.stored, legacy[made], legacy[made], True, False))
            self.add("mailadmin_account", (f"admin:{name}", own[made], False, own[seen], "", ""))
            for domain in domains:
                self.add("domain_admins", (name, domain, legacy[made], True))
        return list(admins.items())

    def history(self, size: Size, admins: list[tuple[str, list[str]]]) -> None:
        """Make the events in the order of time, with PostfixAdmin's rows, of which there are older ones too."""
        actors = [name for name, _domains in admins] + [OWNER] * (len(admins) // 4 + 1)
        actions = [action for action, share in ACTIONS for _time in range(share)]
        older = size.log - sum(share for action, share in ACTIONS if "sign_in" not in action) * size.events // 1000
        log_id = 0
        # What creating the superadmins wrote, so that keys go on.
        first_log = (Log.objects.aggregate(last=models.Max("id"))["last"] or 0) + 1
        first_event = (AuditEvent.objects.aggregate(last=models.Max("id"))["last"] or 0) + 1
        for number in range(max(older, 0)):
            address, domain, _name = self._pick(self.made.people)
            moment = self.moments.legacy[self.moments.at(0.2 * number / older)]
            self._log(first_log + log_id, moment, self._pick(actors), domain, "edit_mailbox", address)
            log_id += 1
        for number in range(size.events):
            moment_of = self.moments.at(0.2 + 0.8 * number / size.events)
            action, actor = self._pick(actions), self._pick(actors)
            target, domain, before, after = self._change(action, actor)
            logged = None
            if not action.startswith("sign_in") and log_id < size.log:
                logged = first_log + log_id
                log_id += 1
                self._log(logged, self.moments.legacy[moment_of], actor, domain, action, target)
            kind = "superadmin" if actor == OWNER else "admin"
            row = (self.moments.own[moment_of], kind, actor, "web", f"198.51.100.{number % 250}", "demo", "", action)
            self.add("mailadmin_audit_event", (first_event + number, *row, target, domain, before, after, 1, logged))
        while log_id < size.log:
            address, domain, _name = self._pick(self.made.people)
            self._log(first_log + log_id, self.moments.legacy[-1], OWNER, domain, "edit_mailbox", address)
            log_id += 1

    def _log(self, key: int, moment: Any, actor: str, domain: str, action: str, target: str) -> None:
        self.add("log", (key, moment, f"{actor} (198.51.100.7)", domain, action, target))

    def _change(self, action: str, actor: str) -> tuple[str, str, str | None, str | None]:
        """Return target, domain, before and after of an event."""
        if action.startswith("sign_in"):
            return actor, "", None, None
        if "alias" in action and self.made.aliases:
            address, domain = self._pick(self.made.aliases)
            return address, domain, _json(goto=address), _json(goto=f"{address},archive@{domain}")
        address, domain, name = self._pick(self.made.people)
        match action:
            case "edit_mailbox":
                return address, domain, _json(name=name, quota=2 * GB), _json(name=name, quota=5 * GB)
            case "edit_mailbox_state":
                return address, domain, _json(active=True), _json(active=False)
            case "edit_password":
                return address, domain, _json(password="***"), _json(password="*** (changed)")
            case "edit_domain":
                return domain, domain, _json(mailboxes=10), _json(mailboxes=20)
        values = _json(name=name, quota=2 * GB, active=True)
        return (address, domain, values, None) if action.startswith("delete") else (address, domain, None, values)


def _json(**values: Any) -> str:
    return json.dumps(values)


def _finish() -> None:
    """Let sequences go on after the keys that were written, and the planner know how large the tables are."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Log, AuditEvent]):
            cursor.execute(statement)
        if connection.vendor == "mysql":
            cursor.execute(f"ANALYZE TABLE {', '.join(COLUMNS)}")
            cursor.fetchall()
        else:
            cursor.execute("ANALYZE")
