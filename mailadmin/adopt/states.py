"""What a domain is to Postfix and a login to Dovecot, by the documented lookups and by ours."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mailadmin.adopt import documented
from mailadmin.adopt.asking import Asking
from mailadmin.adopt.reasons import NO_NEGATIVE_QUOTA, PASSWORD_EXPIRED, SENDING_OFF
from mailadmin.mailserver import lookups


def domain_states(asking: Asking, names: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return in words what each domain was and is; `asking` holds `name` and `@name`."""
    was_here, was_relayed = asking.answers(documented.DOMAIN), asking.answers(documented.RELAY_DOMAIN)
    was_carried, carried = asking.answers(documented.TRANSPORT), asking.answers(lookups.TRANSPORT)
    here, relayed = asking.answers(lookups.DOMAINS), asking.answers(lookups.RELAY_DOMAINS)
    recipients = asking.answers(lookups.RELAY_RECIPIENTS)
    before, after = {}, {}
    for name in names:
        before[name] = _state(name in was_here, name in was_relayed, True, was_carried.get(name, []))
        after[name] = _state(name in here, name in relayed, f"@{name}" in recipients, carried.get(name, []))
    return before, after


def _state(is_here: bool, is_relayed: bool, for_all: bool, transport: list[str]) -> str:
    if is_here:
        state = "a domain of mailboxes"
    elif is_relayed:
        state = f"relayed for {'every address' if for_all else 'the addresses of its aliases alone'}"
    else:
        state = "refused"
    # An empty transport and `virtual` are the ordinary way.
    return state + "".join(f", by {name}" for name in transport if name != "virtual")


@dataclass(frozen=True)
class Login:
    """What Dovecot and Postfix tell of a user; never the password, but whether ours hands out another."""

    signs_in: bool = False
    sends: bool = False
    home: str = ""
    quota: str = ""
    sends_as: str = ""
    other_password: bool = False

    @property
    def told(self) -> list[str]:
        """Each part in words."""
        return [
            "signs in" if self.signs_in else "does not sign in",
            "sends" if self.sends else "does not send",
            f"mail in {self.home}" if self.home else "no mail",
            f"quota {self.quota.rpartition('=')[2]}" if self.quota else "no quota",
            f"may write as {self.sends_as}" if self.sends_as else "may not write as itself",
            "with another password" if self.other_password else "with the stored password",
        ]

    def against(self, other: "Login") -> str:
        """Return in words what differs from the other."""
        return ", ".join(mine for mine, its in zip(self.told, other.told, strict=True) if mine != its)

    def why(self, before: "Login", stopped: str, *, expired: bool) -> str:
        """Return the rules that lead from what was before to this, "" if they do not.

        stopped: why nothing of the user's domain answers; expired: whether the password is too old.
        """
        expected, rules = before, []
        if stopped:
            expected, rules = Login(), [stopped]
        elif before.quota.startswith("*:bytes=-"):
            expected, rules = replace(expected, quota="*:bytes=0"), [NO_NEGATIVE_QUOTA]
        if not stopped and before.signs_in and not before.sends:
            expected, rules = replace(expected, sends_as=""), [*rules, SENDING_OFF]
        if expired and not stopped and before.signs_in:
            expected, rules = replace(expected, signs_in=False, sends=False), [*rules, PASSWORD_EXPIRED]
        return "; ".join(rules) if expected == self else ""


def logins(asking: Asking, users: Iterable[str]) -> tuple[dict[str, Login], dict[str, Login]]:
    """Return what each user was and is told; `asking` holds the users."""
    passwords = asking.rows(documented.PASSWORD_QUERY), asking.rows(lookups.PASSWORD_QUERY)
    submission = [asking.rows(query, service="smtp") for query in (documented.PASSWORD_QUERY, lookups.PASSWORD_QUERY)]
    homes = asking.rows(documented.USER_QUERY), asking.rows(lookups.USER_QUERY)
    senders = asking.answers(documented.SENDER_LOGIN), asking.answers(lookups.SENDER_LOGINS)
    sides: tuple[dict[str, Login], dict[str, Login]] = ({}, {})
    for user in users:
        for at, side in enumerate(sides):
            told = homes[at].get(user, [{}])[0]
            stored = [_stored(passwords[which], user) for which in (0, at)]
            side[user] = Login(
                signs_in=user in passwords[at],
                sends=user in submission[at],
                home=told.get("home", ""),
                quota=told.get("quota_rule", ""),
                sends_as=",".join(senders[at].get(user, [])),
                other_password=user in passwords[at] and stored[0] != stored[1],
            )
    return sides


def _stored(rows: dict[str, list[dict[str, str]]], user: str) -> list[tuple[str, str]]:
    return [(row["user"], row["password"]) for row in rows.get(user, [])]
