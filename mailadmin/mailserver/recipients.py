"""Where mail for an address ends up, found as Postfix finds it: by its lookups, in its order."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from mailadmin.core.extension import without_extension
from mailadmin.mailserver import lookups, vacation_program
from mailadmin.mailserver.lookups import Lookup

EXPANSION_LIMIT = 1000
"""Postfix's virtual_alias_expansion_limit."""

Ask = Callable[[Lookup, str], list[str]]


class Fate(StrEnum):
    MAILBOX = "mailbox"
    RELAYED = "relayed"
    ELSEWHERE = "elsewhere"
    REPLY = "reply"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Destination:
    """One end of an address: `fate` says whether it is a mailbox here, a backup MX's, another server's, or nobody's.

    A reply is the end of what goes to the vacation program.
    """

    address: str
    fate: Fate


def refusal(address: str, ask: Ask = lookups.run) -> str:
    """Return why Postfix refuses the address at RCPT TO, or an empty text if it takes mail for it.

    Source: smtpd(8) with the restrictions of our main.cf.
    """
    domain = address.rpartition("@")[2]
    is_ours, is_relayed = ask(lookups.DOMAINS, domain), ask(lookups.RELAY_DOMAINS, domain)
    if not is_ours and not is_relayed:
        return "554 5.7.1 Relay access denied"
    switched_off = [answer for key in _keys(address) for answer in ask(lookups.SWITCHED_OFF, key)][:1]
    if switched_off and switched_off != ["DUNNO"]:
        return switched_off[0]
    maps = lookups.VIRTUAL_MAILBOX_MAPS if is_ours else (lookups.RELAY_RECIPIENTS,)
    known = _find(lookups.VIRTUAL_ALIAS_MAPS, address, ask) or _find(maps, address, ask)
    return "" if known else "550 5.1.1 User unknown"


def resolve(address: str, ask: Ask = lookups.run) -> list[Destination]:
    """Return all ends of an address, each once, whether or not Postfix would take mail for it at RCPT TO.

    Source: virtual(5), cleanup(8): each target is looked up again; an address may expand into itself once.
    """
    waiting, seen, ends = [address], set[str](), dict[str, None]()
    while waiting and len(seen) < EXPANSION_LIMIT:
        current = waiting.pop(0)
        targets = [] if current in seen else _find(lookups.VIRTUAL_ALIAS_MAPS, current, ask)
        seen.add(current)
        # One that answers with itself, now or before, is an end.
        if not targets or current in targets:
            ends[current] = None
        waiting += [target for target in targets if target not in seen]
    return [Destination(end, _fate(end, ask)) for end in ends]


def _fate(address: str, ask: Ask) -> Fate:
    domain = address.rpartition("@")[2]
    if vacation_program.is_used() and domain == settings.MAILADMIN_VACATION_DOMAIN:
        return Fate.REPLY
    if ask(lookups.DOMAINS, domain):
        return Fate.MAILBOX if _find(lookups.VIRTUAL_MAILBOX_MAPS, address, ask) else Fate.UNKNOWN
    return Fate.RELAYED if ask(lookups.RELAY_DOMAINS, domain) else Fate.ELSEWHERE


def _find(maps: tuple[Lookup, ...], address: str, ask: Ask) -> list[str]:
    """Return the answer of the first key that has one: the whole address, without +extension, then `@domain`."""
    local_part, _at, domain = address.rpartition("@")
    extension = local_part.partition("+")[1] + local_part.partition("+")[2]
    for key in _keys(address):
        targets = _first(maps, key, ask)
        if targets:
            kept = "" if key == address else extension
            return [_target(target, local_part, kept) for target in targets]
    return [_target(target, local_part, "") for target in _first(maps, f"@{domain}", ask)]


def _keys(address: str) -> list[str]:
    return list(dict.fromkeys((address, without_extension(address))))


def _first(maps: tuple[Lookup, ...], key: str, ask: Ask) -> list[str]:
    for lookup in maps:
        answer = ask(lookup, key)
        if answer:
            return [target.strip() for value in answer for target in value.split(",") if target.strip()]
    return []


def _target(target: str, local_part: str, extension: str) -> str:
    """Return the target of one address: `@domain` keeps the local part, an unmatched extension goes along."""
    if target.startswith("@"):
        return f"{local_part}{target}"
    head, at, domain = target.rpartition("@")
    return f"{head}{extension}{at}{domain}"
