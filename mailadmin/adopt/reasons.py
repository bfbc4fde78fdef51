"""Why an answer of ours differs on purpose: the rules of docs/mailserver.md, each with the words for it."""

from collections.abc import Iterable, Mapping

from django.utils import timezone

from aliases.models import Alias, OwnAlias
from domains.models import AliasDomain, Domain
from mailadmin.adopt.routes import KEPT, REFUSED, RELAYED, at_target, catch_all
from mailadmin.core.batches import in_batches
from mailadmin.mailserver.lookups import fold
from mailboxes.models import Mailbox

NO_DOMAIN = "an address whose domain is not in the table of domains is nobody's"
DOMAIN_OFF = "a switched-off domain stops its addresses, its aliases and its users' sign-in"
TARGET_OFF = "an alias domain stops with the domain that it leads to"
MAILBOX_OFF = "mail for a switched-off mailbox is refused: not forwarded, not given to the catch-all"
ALIAS_OFF = "mail for a switched-off alias is refused, not given to the catch-all"
ALIAS_ENDED = "mail for an alias that somebody made for themselves is refused from its end on"
NOT_TO_CATCH_ALL = "a mailbox keeps its mail from the catch-all, also without an alias row that is on"
AS_ITS_DOMAIN = "mail for the address was handed on because its domain was: see what is said of the domain"
OWN_FIRST = "what stands at the alias domain itself comes before the catch-all of its target"
NO_NEGATIVE_QUOTA = "a quota below zero is none: Dovecot would put off all mail"
SENDING_OFF = "a mailbox that may not send may not send from its own address either"
PASSWORD_EXPIRED = "a password older than its domain lets it be signs nobody in to mail; the panel asks for a new one"


class Rows:
    """Which of the rows that decide about some addresses are there, and whether they are on."""

    def __init__(self, addresses: Iterable[str], targets: Mapping[str, str]) -> None:
        self._targets = targets
        keys = set(addresses)
        keys |= {at_target(key, targets) for key in keys} - {""}
        keys |= {catch_all(key) for key in keys}
        names = {key.rpartition("@")[2] for key in keys}
        self.domains = _active(Domain, "domain", names)
        self.alias_domains = _active(AliasDomain, "alias_domain", names)
        self.mailboxes = _active(Mailbox, "username", keys)
        self.aliases = _active(Alias, "address", keys)
        self._ended = _ended(keys)
        self.targets_of = {
            fold(address): goto
            for batch in in_batches(key for key in keys if key.startswith("@"))
            for address, goto in Alias.objects.filter(address__in=batch).values_list("address", "goto")
        }

    def why(self, address: str, before: str, after: str) -> str:
        """Return the rule that makes mail for the address go another way than before; "" if there is none."""
        domain = address.rpartition("@")[2]
        elsewhere = at_target(address, self._targets)
        # Rows at the alias domain itself decide first.
        own = address in self.mailboxes or address in self.aliases or not elsewhere
        decisive = address if own else elsewhere
        if before == RELAYED:
            return AS_ITS_DOMAIN
        if after == REFUSED:
            return self._why_refused(domain, elsewhere, decisive, own)
        catch_alls = [self.targets_of.get(catch_all(key), "") for key in (address, elsewhere) if key]
        stays = after == RELAYED or after.startswith(KEPT)
        if before in catch_alls and stays and self.mailboxes.get(decisive):
            return NOT_TO_CATCH_ALL
        if elsewhere and after == self.targets_of.get(catch_all(address)):
            if not own and self.why_stopped(elsewhere.rpartition("@")[2]):
                return TARGET_OFF
            return OWN_FIRST if before == catch_alls[-1] else ""
        return ""

    def _why_refused(self, domain: str, elsewhere: str, decisive: str, own: bool) -> str:
        if reason := self.why_stopped(domain):
            return reason
        if not own and self.why_stopped(elsewhere.rpartition("@")[2]):
            return TARGET_OFF
        if decisive in self.mailboxes:
            return "" if self.mailboxes[decisive] else MAILBOX_OFF
        if decisive in self._ended:
            return ALIAS_ENDED
        return ALIAS_OFF if self.aliases.get(decisive) is False else ""

    def why_stopped(self, domain: str) -> str:
        """Return why nothing of a domain answers; "" if it is on."""
        if domain not in self.domains:
            return NO_DOMAIN
        return "" if self.domains[domain] else DOMAIN_OFF


def expired_passwords(users: Iterable[str]) -> set[str]:
    """Return those of the users whose password is older than the domain of their address lets it be."""
    now, found = timezone.now(), set[str]()
    for batch in in_batches(users):
        names = {user.rpartition("@")[2] for user in batch}
        periods = Domain.objects.filter(domain__in=names, password_expiry__gt=0).values_list("domain", flat=True)
        limited = {fold(name) for name in periods}
        rows = Mailbox.objects.filter(username__in=batch).values_list("username", "password_expiry")
        keys = ((fold(name), ends) for name, ends in rows)
        found |= {user for user, ends in keys if ends and ends <= now and user.rpartition("@")[2] in limited}
    return found


def _active(model: type[Domain | AliasDomain | Mailbox | Alias], key: str, names: Iterable[str]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for batch in in_batches(names):
        rows = model._default_manager.filter(**{f"{key}__in": batch}).values_list(key, "active")
        found |= {fold(name): active for name, active in rows}
    return found


def _ended(addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses that were somebody's own aliases and have ended."""
    found: set[str] = set()
    for batch in in_batches(addresses):
        rows = OwnAlias.objects.filter(address__in=batch, ends__lte=timezone.now())
        found |= {fold(name) for name in rows.values_list("address", flat=True)}
    return found
