"""Slowing down guesses, without letting a stranger lock anybody out.

Tries are counted per name and network, and per network; a name alone is never blocked. What is tried beside signing in
has counts of its own (`about`).
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import F
from django.utils import timezone

from mailadmin.accounts.models import Throttle
from mailadmin.accounts.network import network_of
from mailadmin.core.errors import Invalid, LimitReached
from mailadmin.core.operation import operation

NAME_TRIES = 5
NETWORK_TRIES = 40
_FIRST_WAIT = dt.timedelta(seconds=15)
_LONGEST_WAIT = dt.timedelta(minutes=15)
_FORGOTTEN_AFTER = dt.timedelta(hours=1)


class Throttled(Exception):
    """Too many tries; `seconds` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"wait {seconds} s")


@operation
def count_try(name: str, ip: str, *, about: str = "") -> None:
    """Count a try before its outcome is known, so that parallel guesses are counted too. Raises Throttled."""
    check_wait(name, ip, about=about)
    now = timezone.now()
    for key, allowed in ((_name_key(name, ip, about), NAME_TRIES), (_network_key(ip, about), NETWORK_TRIES)):
        _count(key, allowed, now)


def check_wait(name: str, ip: str, *, about: str = "") -> None:
    """Raise Throttled where too many tries were counted, without counting another."""
    now = timezone.now()
    keys = [_name_key(name, ip, about), _network_key(ip, about)]
    waits = Throttle.objects.filter(key__in=keys, until__gt=now).values_list("until", flat=True)
    if wait := max((until for until in waits if until), default=None):
        raise Throttled(int((wait - now).total_seconds()) + 1)


@operation
def forget_tries(name: str, ip: str) -> None:
    """Forget the tries of one name from one network after a success, and of the network's this one alone.

    Whoever knows one password cannot guess at others the more for it, and a whole office signs in from one address.
    """
    Throttle.objects.filter(key=_name_key(name, ip)).delete()
    network = Throttle.objects.filter(key=_network_key(ip))
    network.filter(failures__gt=0).update(failures=F("failures") - 1)
    network.filter(failures__lt=NETWORK_TRIES).update(until=None)


@contextmanager
def trying_password(name: str, ip: str) -> Iterator[None]:
    """Count a try of one's own password, and forget it unless the block refuses that: whoever holds an open session
    must not be able to find the password out. Raises Throttled.
    """
    count_try(name, ip)
    try:
        yield
    except (Invalid, LimitReached) as error:
        if "current" not in error.messages:
            forget_tries(name, ip)
        raise
    forget_tries(name, ip)


def _count(key: str, allowed: int, now: dt.datetime) -> None:
    Throttle.objects.filter(key=key, updated__lt=now - _FORGOTTEN_AFTER).update(failures=0, until=None)
    # Whoever signs in at this moment forgets the row, perhaps between its making and its counting.
    while not Throttle.objects.filter(key=key).update(failures=F("failures") + 1, updated=now):
        Throttle.objects.bulk_create([Throttle(key=key, failures=0, updated=now)], ignore_conflicts=True)
    failures = Throttle.objects.values_list("failures", flat=True).get(key=key)
    if failures >= allowed:
        wait = min(_FIRST_WAIT * 2 ** min(failures - allowed, 16), _LONGEST_WAIT)
        Throttle.objects.filter(key=key).update(until=now + wait)


def _name_key(name: str, ip: str, about: str = "") -> str:
    # A digest, because the name is whatever a stranger typed.
    return f"{about}{hashlib.sha256(name.encode()).hexdigest()[:32]} {network_of(ip)}"


def _network_key(ip: str, about: str = "") -> str:
    return f"{about}* {network_of(ip)}"
