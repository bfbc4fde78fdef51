"""The rows of the firms of a large demo: domains, mailboxes, aliases and admins."""

import datetime as dt
import random
from typing import Any

from mailadmin.demo.bulk_rows import BulkRows
from mailadmin.demo.firms import Firm
from mailadmin.demo.maker import Made, Maker
from mailadmin.demo.moments import Moments, as_stored
from mailadmin.demo.names import AGENCY, BIGGEST, FIRST, FUNCTIONS, LAST, TEAMS, plain
from mailboxes.models import Mailbox, Vacation

MB, GB = 1024**2, 1024**3
SUBJECTS = (
    "Away until Monday",
    "Out of office",
    "In Urlaub",
    "En congé",
    "Sono in ferie",
    "Estou de férias",
    "Vacaciones",
)


class FirmRows(Maker):
    """Makes domains with all that is in them, their alias domains, and their admins."""

    def __init__(self, rows: BulkRows, moments: Moments, chance: random.Random, made: Made, stored: str) -> None:
        super().__init__(rows, moments, chance, made)
        self.stored = stored
        self.first = [(name, plain(name)) for name in FIRST]
        self.last = [(name, plain(name)) for name in LAST]
        soon = moments.now + dt.timedelta(days=10)
        self.vacation_ends = [as_stored(Vacation, "activeuntil", moments.now - dt.timedelta(days=40))]
        self.vacation_ends += [as_stored(Vacation, "activeuntil", soon)]
        self.vacation_start = as_stored(Vacation, "activefrom", moments.now - dt.timedelta(days=60))
        self.expiry = as_stored(Mailbox, "password_expiry", moments.now + dt.timedelta(days=365))

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
                (first, short), (last, long) = self.pick(self.first), self.pick(self.last)
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
        (_first, short), (_last, long) = self.pick(self.first), self.pick(self.last)
        draw = self.random()
        if draw < 0.2:
            return f"{self.pick(TEAMS)}-{number}"
        return f"{long}.{short}" if draw < 0.6 else f"{short}_{long}"

    def _targets(self, addresses: list[str]) -> list[str]:
        draw = self.random()
        if draw < 0.06 or not addresses:
            return [f"{self.pick(self.first)[1]}.{self.pick(self.last)[1]}@elsewhere.example"]
        many = 1 if draw < 0.8 else 2 + int(self.random() * 4) if draw < 0.97 else 6 + int(self.random() * 15)
        return list(dict.fromkeys(self.pick(addresses) for _number in range(many)))

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
            (_first, short), (_last, long) = self.pick(self.first), self.pick(self.last)
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
