"""Doing jobs: what `manage.py worker` runs."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connection
from django.utils import translation
from django.utils.translation import gettext as _

from mailadmin.core.errors import Invalid, MailadminError
from mailadmin.jobs.bulk import Refused, counts
from mailadmin.jobs.models import Job, JobState
from mailadmin.jobs.services import (
    MOST_ATTEMPTS,
    actor_of_job,
    begin_changing,
    cancelled_words,
    end_job,
    keep_job,
    keep_result,
    plan_parts,
    release_job,
    take_job,
    take_part,
    what_stays,
)
from mailadmin.jobs.work import Result, Run, Work

log = logging.getLogger(__name__)

Kinds = Mapping[str, Work]


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
                self.keep()
        finally:
            connection.close()

    def keep(self) -> None:
        """Write the progress, and learn whether to go on."""
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
        self.look()

    def look(self) -> None:
        """Raise Cancelled, Lost or Stopped where the job shall not go on."""
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
    kinds: Kinds,
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
                run_job(job, kinds, stop)
                continue
        except (OperationalError, InterfaceError) as error:
            log.warning("The database does not answer as it should: %s", error)
            connection.close()
        if more:
            continue
        if until_empty:
            return
        stop.wait(settings.MAILADMIN_JOB_POLL)


def run_job(job: Job, kinds: Kinds, stop: threading.Event) -> None:
    """Do one job that this worker has taken, and write how it ended."""
    with translation.override(job.language):
        keeper = Keeper(job, stop)
        keeper.start()
        try:
            _attempt(job, kinds, keeper)
        except Cancelled:
            keeper.end()
            job.refresh_from_db(fields=["result", "total"])
            end_job(job, JobState.CANCELLED, message=cancelled_words(job))
        except Stopped:
            keeper.end()
            release_job(job)
        except Lost:
            log.warning("%s went to another worker.", job)
        except Refused as error:
            keeper.end()
            end_job(job, JobState.FAILED, message=error.message, result=counts(refused=error.refused))
        except MailadminError as error:
            keeper.end()
            _fail(job, error.message)
        except (OperationalError, InterfaceError):
            raise  # The lease lapses, and the job is begun again.
        except Exception:
            log.exception("%s broke.", job)
            keeper.end()
            _fail(job, _("The panel made a mistake. The worker's log tells more."))
        finally:
            keeper.end()


def _fail(job: Job, why: str) -> None:
    """End the job, saying what has stayed where it was in parts."""
    job.refresh_from_db(fields=["result", "total"])
    end_job(job, JobState.FAILED, message=f"{what_stays(job)} {why}")


def _attempt(job: Job, kinds: Kinds, keeper: Keeper) -> None:
    if job.cancel_requested:
        raise Cancelled
    if job.attempts > MOST_ATTEMPTS:
        raise Invalid.of("", _("It was begun %d times and never came to its end.") % MOST_ATTEMPTS)
    actor = actor_of_job(job)
    kind = kinds.get(job.kind)
    if actor is None or kind is None:
        raise Invalid.of("", _("Whoever began this may no longer do it."))
    run = _Run(job, keeper)
    if job.in_parts:
        kind.do_in_parts(actor, job.arguments, run)
    else:
        kind.do(actor, job.arguments, run)


class _Run(Run):
    def __init__(self, job: Job, keeper: Keeper) -> None:
        self.job, self.keeper = job, keeper
        self.result: Result | None = job.result if job.in_parts else None
        if self.result is not None:
            self.begin(job.total)

    def step(self, done: int) -> None:
        self.keeper.step(done)

    def begin(self, total: int) -> None:
        self._mine(begin_changing(self.job, total=total))
        self.keeper.done = 0

    def plan(self, parts: Iterable[list[str]], result: Result, total: int) -> None:
        self._mine(plan_parts(self.job, parts, result, total=total))
        self.keeper.done = 0

    def next_part(self) -> list[str] | None:
        return take_part(self.job)

    def end_part(self, result: Result) -> None:
        self._mine(keep_result(self.job, result))

    def rest(self) -> None:
        if connection.vendor == "sqlite":
            # Whoever waits to write there looks again every tenth of a second at the latest, and has no turn otherwise.
            time.sleep(0.15)
        self.keeper.keep()
        self.keeper.look()

    def end(self, result: Result) -> None:
        self._mine(end_job(self.job, JobState.DONE, result=result))

    def _mine(self, held: bool) -> None:
        """Raise where the job was cancelled, or taken by another worker: what is not committed goes back."""
        if not held:
            raise Lost if self.keeper.lost else Cancelled
