"""When the sweep is due, and who does it. Like a job, it is taken by one UPDATE that wins or does not."""

import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from mailadmin.sweep.looking import (
    Sums,
    look_at_admins,
    look_at_domains,
    look_at_log,
    look_at_sign_ins,
    look_at_vacation_texts,
    look_at_vacations,
)
from mailadmin.sweep.models import Sweep

log = logging.getLogger(__name__)

_PHASES: dict[str, Callable[[str], tuple[Sums, str | None]]] = {
    "domains": look_at_domains,
    "admins": look_at_admins,
    "sign_ins": look_at_sign_ins,
    "log": look_at_log,
    "vacations": look_at_vacations,
    "vacation_texts": look_at_vacation_texts,
}
_LOOK_SECONDS = 5.0
_PAUSE_SECONDS = 60.0


class Sweeper:
    """A worker's part in the sweep: it does a bit of it between two jobs, when it is this worker's turn."""

    def __init__(self) -> None:
        self._token = ""
        self._next_look = 0.0

    def step(self) -> bool:
        """Do a bit; returns whether more is to be done at once."""
        if not settings.MAILADMIN_SWEEP_MINUTES or time.monotonic() < self._next_look:
            return False
        try:
            sweep = _mine(self._token) or _take()
            if sweep is not None:
                self._token = sweep.token
                return _go_on(sweep)
        except (OperationalError, InterfaceError):
            self._pause(_LOOK_SECONDS)
            raise
        except Exception:
            # The jobs of this worker shall not wait for somebody to mend the sweep.
            log.exception("The sweep broke.")
            self._pause(_PAUSE_SECONDS)
            return False
        self._pause(_LOOK_SECONDS)
        return False

    def _pause(self, seconds: float) -> None:
        self._next_look = time.monotonic() + seconds


def sweep_all() -> Sums:
    """Do a whole sweep now; returns the totals. A worker that is in the middle of one leaves it to this."""
    sweep = _take(now=True)
    while sweep is not None and _go_on(sweep):
        pass
    totals: Sums = last_sweep().totals
    return totals


def last_sweep() -> Sweep:
    """Return how far the sweep is and what the last whole one found; nothing yet where none was."""
    return Sweep.objects.filter(pk=1).first() or Sweep(pk=1)


def _interval() -> dt.timedelta:
    return dt.timedelta(minutes=settings.MAILADMIN_SWEEP_MINUTES)


def _lease() -> dt.timedelta:
    return dt.timedelta(seconds=settings.MAILADMIN_JOB_LEASE)


def _mine(token: str) -> Sweep | None:
    """Return the sweep under way if it is that of the token."""
    return Sweep.objects.filter(pk=1, token=token, begun__isnull=False).first() if token else None


def _take(*, now: bool = False) -> Sweep | None:
    """Return the sweep as the caller's for one lease: one that is due, or that somebody left in the middle.

    `now` begins one in any case.
    """
    row = Sweep.objects.filter(pk=1).first()
    if row is None:
        Sweep.objects.bulk_create([Sweep(pk=1)], ignore_conflicts=True)
        row = Sweep.objects.get(pk=1)
    moment = timezone.now()
    if not now and not _is_free(row, moment):
        return None
    fields: dict[str, Any] = {"token": uuid.uuid4().hex, "lease_until": moment + _lease()}
    if now or row.begun is None:
        fields |= {"begun": moment, "phase": next(iter(_PHASES)), "place": "", "sums": {}}
    if not Sweep.objects.filter(pk=1, token=row.token).update(**fields):
        return _take(now=True) if now else None
    return Sweep.objects.get(pk=1)


def _is_free(row: Sweep, moment: dt.datetime) -> bool:
    if row.begun is None:
        return row.finished is None or row.finished + _interval() <= moment
    return row.lease_until is None or row.lease_until <= moment


def _go_on(sweep: Sweep) -> bool:
    """Do the next part; returns whether one is left that is still the caller's."""
    sums, place = _PHASES[sweep.phase](sweep.place)
    for name, number in sums.items():
        sweep.sums[name] = sweep.sums.get(name, 0) + number
    phases = list(_PHASES)
    following = phases.index(sweep.phase) + 1
    fields: dict[str, Any] = {"lease_until": timezone.now() + _lease(), "sums": sweep.sums}
    if place is not None:
        fields |= {"place": place}
    elif following < len(phases):
        fields |= {"phase": phases[following], "place": ""}
    else:
        ended = {"begun": None, "lease_until": None, "finished": timezone.now()}
        fields |= ended | {"seen": sweep.begun, "totals": sweep.sums}
    won = Sweep.objects.filter(pk=1, token=sweep.token).update(**fields)
    for name, value in fields.items():
        setattr(sweep, name, value)
    return bool(won) and sweep.begun is not None
