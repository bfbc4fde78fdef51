"""Where mail for an address goes and what a user is told, by the documented lookups and by ours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailadmin.adopt import documented
from mailadmin.adopt.asking import Asking
from mailadmin.mailserver import lookups
from mailadmin.mailserver.lookups import Lookup

REFUSED = "refused"
RELAYED = "relayed"
KEPT = "kept in "
Answers = Mapping[str, Mapping[str, list[str]]]
"""By the name of the lookup, by key."""


@dataclass(frozen=True)
class Maps:
    """The lists of maps that Postfix goes through.

    recipients: which addresses of relay domains it takes mail for, all where there is no such map.
    refusals: which recipients it refuses before all else.
    """

    aliases: tuple[Lookup, ...]
    domains: tuple[Lookup, ...]
    mailboxes: tuple[Lookup, ...]
    relay_domains: tuple[Lookup, ...]
    recipients: tuple[Lookup, ...] = ()
    refusals: tuple[Lookup, ...] = ()

    @property
    def all(self) -> tuple[Lookup, ...]:
        lists = self.aliases, self.domains, self.mailboxes, self.relay_domains, self.recipients, self.refusals
        return tuple(lookup for maps in lists for lookup in maps)


BEFORE = Maps(
    documented.VIRTUAL_ALIAS_MAPS, (documented.DOMAIN,), documented.VIRTUAL_MAILBOX_MAPS, (documented.RELAY_DOMAIN,)
)
AFTER = Maps(
    lookups.VIRTUAL_ALIAS_MAPS,
    (lookups.DOMAINS,),
    lookups.VIRTUAL_MAILBOX_MAPS,
    (lookups.RELAY_DOMAINS,),
    (lookups.RELAY_RECIPIENTS,),
    (lookups.SWITCHED_OFF,),
)


def catch_all(address: str) -> str:
    return f"@{address.rpartition('@')[2]}"


def at_target(address: str, targets: Mapping[str, str]) -> str:
    """Return the address that one at an alias domain stands for, "" for others; `targets` are by alias domain."""
    local_part, _at, domain = address.rpartition("@")
    return f"{local_part}@{targets[domain]}" if domain in targets else ""


def asked_for(addresses: Iterable[str], targets: Mapping[str, str]) -> list[str]:
    """Return all keys that the ways of these addresses ask for."""
    keys = dict.fromkeys(addresses)
    keys |= dict.fromkeys(at_target(key, targets) for key in list(keys))
    keys.pop("", None)
    domains = dict.fromkeys(key.rpartition("@")[2] for key in keys)
    return [*keys, *(f"@{name}" for name in domains), *domains]


class Ways:
    """Where mail for addresses goes, by one side's maps, once `asking` holds the keys of `asked_for`.

    targets: the domain that each alias domain leads to, whether it is on or off.
    """

    def __init__(self, maps: Maps, asking: Asking, targets: Mapping[str, str]) -> None:
        self._maps = maps
        self._targets = targets
        self._answers: Answers = {lookup.name: asking.answers(lookup) for lookup in maps.all}

    def way(self, address: str) -> str:
        """Return the targets, `kept in MAILDIR`, `relayed`, or `refused`."""
        if any(answer != "DUNNO" for answer in self._first(self._maps.refusals, address)):
            return REFUSED
        return self._onwards(address, at_target(address, self._targets))

    def _onwards(self, address: str, elsewhere: str) -> str:
        answer = ",".join(self._first(self._maps.aliases, address, catch_all(address)))
        # The same mailbox, whether it is found at the alias domain or at its target.
        if answer and answer == elsewhere:
            return self._onwards(elsewhere, "")
        if answer and answer != address:
            return answer
        return self._arrives(address)

    def _arrives(self, address: str) -> str:
        """Return what becomes of mail that no alias leads on: its domain decides."""
        maps, domain = self._maps, address.rpartition("@")[2]
        if self._first(maps.domains, domain):
            maildir = self._first(maps.mailboxes, address)
            return f"{KEPT}{','.join(maildir)}" if maildir else REFUSED
        taken = not maps.recipients or self._first(maps.recipients, address, catch_all(address))
        return RELAYED if taken and self._first(maps.relay_domains, domain) else REFUSED

    def _first(self, maps: tuple[Lookup, ...], *forms: str) -> list[str]:
        """Return the first answer: all maps are asked for one form of the address before the next form."""
        for form in forms:
            for lookup in maps:
                if answer := self._answers[lookup.name].get(form):
                    return answer
        return []
