"""What each lookup must answer, in plain Python over a generated population: no SQL, nothing of the code under test."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

REFUSAL = "550 5.1.1 This address is switched off"


@dataclass
class Domain:
    active: bool = True
    backupmx: bool = False
    transport: str = "virtual"
    password_days: int | None = 0


@dataclass
class Mailbox:
    maildir: str
    quota: int = 0
    active: bool = True
    smtp_active: bool = True
    password_ends: int | None = None
    """In days from now; None for PostfixAdmin's "not set"."""


@dataclass
class Alias:
    """`ended`: it is somebody's own alias, and its end has passed."""

    goto: str
    active: bool = True
    ended: bool = False

    @property
    def is_on(self) -> bool:
        return self.active and not self.ended


@dataclass
class AliasDomain:
    target: str
    active: bool = True


@dataclass
class Population:
    domains: dict[str, Domain] = field(default_factory=dict)
    alias_domains: dict[str, AliasDomain] = field(default_factory=dict)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)

    def is_on(self, domain: str) -> bool:
        return domain in self.domains and self.domains[domain].active

    def target_of(self, domain: str) -> str:
        """Return the domain that an alias domain leads to, or nothing if any link of the way is off."""
        link = self.alias_domains.get(domain)
        is_open = link is not None and link.active and self.is_on(domain) and self.is_on(link.target)
        return link.target if is_open and link is not None else ""

    def signs_in(self, address: str) -> bool:
        """Only where the domain sets a period does the date in the mailbox's row end the password."""
        mailbox, domain = self.mailboxes[address], address.partition("@")[2]
        if not mailbox.active or not self.is_on(domain):
            return False
        ends = mailbox.password_ends if (self.domains[domain].password_days or 0) > 0 else None
        return ends is None or ends > 0

    def exists(self, address: str) -> bool:
        return address in self.mailboxes or address in self.aliases

    def is_off(self, address: str) -> bool:
        """A mailbox decides before its alias row."""
        if address in self.mailboxes:
            return not self.mailboxes[address].active
        return address in self.aliases and not self.aliases[address].is_on

    def forwards(self, address: str) -> list[str]:
        alias = self.aliases.get(address)
        mailbox_is_off = address in self.mailboxes and not self.mailboxes[address].active
        return [alias.goto] if alias and alias.is_on and not mailbox_is_off else []

    def senders(self, address: str) -> list[str]:
        if address in self.mailboxes:
            mailbox = self.mailboxes[address]
            return [address] if mailbox.active and mailbox.smtp_active else []
        alias = self.aliases.get(address)
        return [alias.goto] if alias and alias.is_on else []


def split(key: str) -> tuple[str, str]:
    local_part, _at, domain = key.rpartition("@")
    return local_part, domain


def domains(world: Population, key: str) -> list[str]:
    return [key] if world.is_on(key) and not world.domains[key].backupmx else []


def relay_domains(world: Population, key: str) -> list[str]:
    return [key] if world.is_on(key) and world.domains[key].backupmx else []


def relay_recipients(world: Population, key: str) -> list[str]:
    _local_part, domain = split(key)
    if not relay_domains(world, domain):
        return []
    if key in world.aliases and world.aliases[key].is_on:
        return [key]
    lists_some = any(split(address)[1] == domain for address in world.aliases)
    return [domain] if key == f"@{domain}" and not lists_some else []


def mailboxes(world: Population, key: str) -> list[str]:
    mailbox = world.mailboxes.get(key)
    return [mailbox.maildir] if mailbox and mailbox.active and world.is_on(split(key)[1]) else []


def aliases(world: Population, key: str) -> list[str]:
    return world.forwards(key) if world.is_on(split(key)[1]) else []


def itself(world: Population, key: str) -> list[str]:
    local_part, domain = split(key)
    return [key] if local_part and world.is_on(domain) and world.exists(key) else []


def _elsewhere(world: Population, key: str, answer: Callable[[str], list[str]]) -> list[str]:
    """Answer for the same local part at the target domain, for keys that have a local part."""
    local_part, domain = split(key)
    target = world.target_of(domain)
    return answer(f"{local_part}@{target}") if local_part and target else []


def aliasdom_mailboxes(world: Population, key: str) -> list[str]:
    return _elsewhere(world, key, lambda address: mailboxes(world, address))


def aliasdom_aliases(world: Population, key: str) -> list[str]:
    return _elsewhere(world, key, world.forwards)


def aliasdom_self(world: Population, key: str) -> list[str]:
    return _elsewhere(world, key, lambda address: [address] if world.exists(address) else [])


def aliasdom_catchall(world: Population, key: str) -> list[str]:
    local_part, domain = split(key)
    target = world.target_of(domain)
    return world.forwards(f"@{target}") if key.startswith("@") and not local_part and target else []


def switched_off(world: Population, key: str) -> list[str]:
    local_part, domain = split(key)
    if not local_part or not world.is_on(domain):
        return []
    target = world.target_of(domain)
    found = [address for address in (key, f"{local_part}@{target}" if target else "") if world.exists(address)]
    return [REFUSAL if world.is_off(found[0]) else "DUNNO"] if found else []


def transport(world: Population, key: str) -> list[str]:
    domain = world.domains.get(key)
    return [domain.transport] if domain and domain.active and domain.transport not in ("", "virtual") else []


def sender_logins(world: Population, key: str) -> list[str]:
    return world.senders(key) if world.is_on(split(key)[1]) else []


def aliasdom_sender_logins(world: Population, key: str) -> list[str]:
    return _elsewhere(world, key, world.senders)


def mailbox_limits(world: Population, key: str) -> list[str]:
    mailbox = world.mailboxes.get(key)
    return [str(max(mailbox.quota, 0))] if mailbox and mailbox.active else []


ANSWERS: dict[str, Callable[[Population, str], list[str]]] = {
    "domains": domains,
    "relay_domains": relay_domains,
    "relay_recipients": relay_recipients,
    "mailboxes": mailboxes,
    "aliasdom_mailboxes": aliasdom_mailboxes,
    "aliases": aliases,
    "self": itself,
    "aliasdom_aliases": aliasdom_aliases,
    "aliasdom_self": aliasdom_self,
    "aliasdom_catchall": aliasdom_catchall,
    "switched_off": switched_off,
    "transport": transport,
    "sender_logins": sender_logins,
    "aliasdom_sender_logins": aliasdom_sender_logins,
    "mailbox_limits": mailbox_limits,
}
"""By the name of the lookup."""

LOCAL_PARTS = [
    "alice",
    "bob",
    "carol",
    "dave",
    "info",
    "sales",
    "o'neil",
    "a_b",
    "50%off",
    "x.y",
    "no-reply",
    "bob+old",
]
TARGETS = ["alice@p1.example", "bob@p2.example", "out@remote.example", "info@p3.example", "sales@p1.example"]


def generate(seed: int) -> Population:
    """Return a population of about 300 addresses in which every state of every row occurs."""
    chance = random.Random(seed)
    world = Population()
    for number in range(1, 31):
        is_backup = number % 7 == 0
        transport = chance.choice(["virtual", "virtual", "", "smtp:[192.0.2.1]", "relay"])
        world.domains[f"p{number}.example"] = Domain(chance.random() > 0.15, is_backup, transport)
    for number in range(1, 13):
        world.domains[f"ad{number}.example"] = Domain(chance.random() > 0.15)
        target = chance.choice([f"p{number}.example", f"p{number + 10}.example"])
        world.alias_domains[f"ad{number}.example"] = AliasDomain(target, chance.random() > 0.2)
    for domain in world.domains:
        if domain != "p14.example":
            _populate(world, domain, chance)
    _age(world, random.Random(seed + 1))
    return world


def _age(world: Population, chance: random.Random) -> None:
    """Let some domains set a period for passwords, and every mailbox have a date or none."""
    for row in world.domains.values():
        row.password_days = chance.choice([0, 0, None, -1, 90])
    for mailbox in world.mailboxes.values():
        mailbox.password_ends = chance.choice([None, -400, -1, 1, 300])


def _populate(world: Population, domain: str, chance: random.Random) -> None:
    """Add mailboxes and aliases to a domain, few to an alias domain; one backup domain stays without any."""
    share = 0.15 if domain.startswith("ad") else 0.6
    for local_part in LOCAL_PARTS:
        if chance.random() > share:
            continue
        address = f"{local_part}@{domain}"
        kind = chance.choice(["mailbox", "mailbox", "mailbox without alias", "alias"])
        if kind != "alias":
            maildir = f"{domain}/{local_part}/"
            quota = chance.choice([-1, 0, 5_000_000_000])
            world.mailboxes[address] = Mailbox(maildir, quota, chance.random() > 0.25, chance.random() > 0.25)
        if kind != "mailbox without alias":
            targets = chance.sample([*TARGETS, address], chance.randint(1, 3))
            ended = kind == "alias" and chance.random() > 0.7
            world.aliases[address] = Alias(",".join(targets), chance.random() > 0.25, ended)
    if chance.random() > 0.4:
        world.aliases[f"@{domain}"] = Alias(chance.choice([*TARGETS, f"@{domain}"]), chance.random() > 0.25)


def random_keys(world: Population, count: int, seed: int) -> Iterator[str]:
    """Yield keys as Postfix asks them: addresses that exist or not, with and without extension, `@domain`, domains."""
    chance = random.Random(seed)
    names = [*world.domains, "nowhere.example"]
    existing = [*world.mailboxes, *world.aliases]
    for _number in range(count):
        local_part, domain = chance.choice([*LOCAL_PARTS, "nobody"]), chance.choice(names)
        yield chance.choice(
            [
                chance.choice(existing),
                f"{local_part}@{domain}",
                f"{local_part}+tag@{domain}",
                f"{local_part}@{chance.choice(list(world.alias_domains))}",
                f"@{domain}",
                domain,
            ]
        )
