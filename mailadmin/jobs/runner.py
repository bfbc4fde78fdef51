"""Doing jobs: what `manage.py worker` runs."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connection
from django.utils import translation
from django.utils.translation import gettext as _

from mailadmin.core.errors import Invalid, MailadminError
from mailadmin.jobs.bulk import TOLD, BulkChange, Refused, Selection, change_all, check_all, chosen_keys
from mailadmin.jobs.models import Job, JobState
from mailadmin.jobs.services import (
    MOST_ATTEMPTS,
    actor_of_job,
    begin_changing,
    end_job,
    keep_job,
    release_job,
    take_job,
)

log = logging.getLogger(__name__)

Changes = Mapping[str, BulkChange]


class Cancelled(Exception):
    """Somebody cancelled the job."""


class Lost(Exception):
    """Another worker has the job: this one fell silent for longer than the lease."""


class Stopped(Exception):
    """The worker is told to end."""


class Keeper(threading.Thread):
    """Keeps the lease of a job and writes its progress, on a connection of its own, whatever the job is at.

    On SQLite nobody else can write while the job's transaction is open; nobody can take the job then either.
    """

    def __init__(self, job: Job, stop: threading.Event) -> None:
        super().__init__(name=f"job {job.batch_id}", daemon=True)
        self.job, self.stop = job, stop
        self.done = 0
        self.cancelled = self.lost = False
        self._ended = threading.Event()
        self.interval = min(1.0, settings.MAILADMIN_JOB_LEASE / 4)

    def run(self) -> None:
        try:
            while not self._ended.wait(self.interval):
                self._keep()
        finally:
            connection.close()

    def _keep(self) -> None:
        try:
            wanted = keep_job(self.job, done=self.done)
        except DatabaseError:
            # Locked or away for a moment; the lease covers that.
            close_old_connections()
            return
        self.cancelled = self.cancelled or wanted is True
        self.lost = self.lost or wanted is None

    def step(self, done: int) -> None:
        """Say how many rows are done; raises Cancelled, Lost or Stopped."""
        self.done = done
        if settings.MAILADMIN_JOB_PAUSE:
            time.sleep(settings.MAILADMIN_JOB_PAUSE)
        if self.stop.is_set():
            raise Stopped
        if self.lost:
            raise Lost
        if self.cancelled:
            raise Cancelled

    def end(self) -> None:
        self._ended.set()
        self.join()


def work(
    changes: Changes,
    stop: threading.Event,
    *,
    until_empty: bool = False,
    between: Callable[[], bool] = lambda: False,
) -> None:
    """Do jobs until told to stop, or until none waits.

    `between` is called before each job, does a bit of something else, and returns whether more is to be done.
    """
    while not stop.is_set():
        close_old_connections()
        more = False
        try:
            more = between()
            job = take_job()
            if job is not None:
                run_job(job, changes, stop)
                continue
        except (OperationalError, InterfaceError) as error:
            log.warning("The database does not answer as it should: %s", error)
            connection.close()
        if more:
            continue
        if until_empty:
            return
        stop.wait(settings.MAILADMIN_JOB_POLL)


def run_job(job: Job, changes: Changes, stop: threading.Event) -> None:
    """Do one job that this worker has taken, and write how it ended."""
    with translation.override(job.language):
        keeper = Keeper(job, stop)
        keeper.start()
        try:
            _attempt(job, changes, keeper)
        except Cancelled:
            keeper.end()
            end_job(job, JobState.CANCELLED, message=_("Cancelled. Nothing was changed."))
        except Stopped:
            keeper.end()
            release_job(job)
        except Lost:
            log.warning("%s went to another worker.", job)
        except Refused as error:
            keeper.end()
            end_job(job, JobState.FAILED, message=error.message, result=_refusals(error))
        except MailadminError as error:
            keeper.end()
            end_job(job, JobState.FAILED, message=error.message)
        except (OperationalError, InterfaceError):
            raise  # The lease lapses, and the job is begun again.
        except Exception:
            log.exception("%s broke.", job)
            keeper.end()
            text = _("The panel made a mistake; nothing was changed. The worker's log tells more.")
            end_job(job, JobState.FAILED, message=text)
        finally:
            keeper.end()


def _refusals(error: Refused) -> dict[str, Any]:
    told = dict(list(error.refused.items())[:TOLD])
    return {"changed": 0, "same": 0, "refused": len(error.refused), "told": told}


def _attempt(job: Job, changes: Changes, keeper: Keeper) -> None:
    if job.cancel_requested:
        raise Cancelled
    if job.attempts > MOST_ATTEMPTS:
        raise Invalid.of("", _("It was begun %d times and never came to its end. Nothing was changed.") % MOST_ATTEMPTS)
    actor = actor_of_job(job)
    change = changes.get(job.kind)
    if actor is None or change is None:
        raise Invalid.of("", _("Whoever began this may no longer do it. Nothing was changed."))
    arguments = job.arguments
    selection = Selection.of_arguments(arguments["selection"])
    values, seen, leave_out = arguments["values"], arguments["seen"], arguments["leave_out"]
    keys = chosen_keys(change, actor, selection, seen)
    check_all(change, actor, keys, values, leave_out=leave_out, step=keeper.step)
    if not begin_changing(job, total=len(keys)):
        raise Lost
    keeper.done = 0
    change_all(
        change,
        actor,
        selection,
        values,
        seen=seen,
        leave_out=leave_out,
        step=keeper.step,
        after=lambda result: _finish(job, keeper, result),
    )


def _finish(job: Job, keeper: Keeper, result: dict[str, Any]) -> None:
    """End the job in the transaction of its change, or undo both."""
    if not end_job(job, JobState.DONE, result=result):
        raise Lost if keeper.lost else Cancelled
