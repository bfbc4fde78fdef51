"""Queueing, taking, keeping and ending jobs. Each is one UPDATE that wins or does not, on every database."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from domains.models import ALL_DOMAINS, DomainAdmin
from mailadmin.accounts.models import Admin
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.errors import Invalid, NotFound
from mailadmin.jobs.models import AT_WORK, Job, JobState

MOST_ATTEMPTS = 5
"""A job that ended so many workers is not begun again."""
MOST_WAITING = 20
"""Jobs that one admin may have under way."""


def queue_job(actor: Actor, *, kind: str, domain: str, arguments: Mapping[str, Any], total: int) -> Job:
    """Put a job into the queue; the arguments hold no secrets. Raises Invalid where the actor has too many."""
    under_way = Job.objects.filter(actor=actor.username, state__in=[JobState.QUEUED, *AT_WORK])
    if under_way.count() >= MOST_WAITING:
        raise Invalid.of("", _("%d of your jobs are not finished yet. Wait, or cancel some.") % MOST_WAITING)
    return Job.objects.create(
        batch_id=uuid.uuid4().hex,
        kind=kind,
        domain=domain,
        actor_kind=actor.kind,
        actor=actor.username,
        actor_since=_since(actor.username),
        via=actor.via,
        ip=actor.ip,
        request_id=actor.request_id,
        language=get_language() or settings.LANGUAGE_CODE,
        arguments=dict(arguments),
        total=total,
        created=timezone.now(),
    )


def take_job() -> Job | None:
    """Return a job that is now the caller's for one lease: the oldest that waits or whose worker fell silent."""
    for pk, token in list(_free().order_by("pk").values_list("pk", "token")[:20]):
        now = timezone.now()
        mine = _free().filter(pk=pk, token=token)
        won = mine.update(
            token=uuid.uuid4().hex,
            state=JobState.CHECKING,
            attempts=F("attempts") + 1,
            done=0,
            heartbeat=now,
            lease_until=now + lease(),
            started=Coalesce(F("started"), now),
        )
        if won:
            return Job.objects.get(pk=pk)
    return None


def _free() -> Any:
    lapsed = Q(state__in=AT_WORK, lease_until__lt=timezone.now())
    return Job.objects.filter(Q(state=JobState.QUEUED) | lapsed)


def lease() -> dt.timedelta:
    """Return how long a silent worker keeps its job."""
    return dt.timedelta(seconds=settings.MAILADMIN_JOB_LEASE)


def held(job: Job) -> Any:
    """Return the row of the job while the worker that took it still has it."""
    return Job.objects.filter(pk=job.pk, token=job.token, state__in=AT_WORK)


def keep_job(job: Job, *, done: int) -> bool | None:
    """Write progress and prolong the lease; returns whether to cancel, None when another worker has the job."""
    now = timezone.now()
    if not held(job).update(done=done, heartbeat=now, lease_until=now + lease()):
        return None
    wanted: bool | None = held(job).values_list("cancel_requested", flat=True).first()
    return wanted


def begin_changing(job: Job, *, total: int) -> bool:
    """Say that the checks are over; returns whether the job is still the caller's."""
    now = timezone.now()
    fields = {"state": JobState.RUNNING, "done": 0, "total": total, "heartbeat": now, "lease_until": now + lease()}
    return bool(held(job).update(**fields))


def end_job(job: Job, state: JobState, *, message: str = "", result: Mapping[str, Any] | None = None) -> bool:
    """End the job; returns whether it was still the caller's to end.

    DONE belongs into the transaction of the change: it fails where somebody cancelled or took the job meanwhile, and
    the change goes back with it.
    """
    mine = held(job).filter(cancel_requested=False) if state == JobState.DONE else held(job)
    fields: dict[str, Any] = {"state": state, "message": message, "result": result, "finished": timezone.now()}
    if state == JobState.DONE:
        fields["done"] = F("total")
    return bool(mine.update(**fields))


def release_job(job: Job) -> None:
    """Give the job back to the queue: this worker is told to stop."""
    held(job).update(state=JobState.QUEUED, done=0, lease_until=None, attempts=F("attempts") - 1)


def find_job(actor: Actor, batch_id: str) -> Job:
    """Return the job if the actor may see it; raises NotFound."""
    job = Job.objects.visible_to(actor).filter(batch_id=batch_id).first()
    if job is None:
        raise NotFound(batch_id)
    return job


def cancel_job(actor: Actor, *, batch_id: str) -> Job:
    """Cancel a job: at once while nobody works on it, else at the worker's next step. Raises NotFound."""
    job = find_job(actor, batch_id)
    now = timezone.now()
    mine = Job.objects.managed_by(actor).filter(pk=job.pk)
    idle = mine.filter(Q(state=JobState.QUEUED) | Q(state__in=AT_WORK, lease_until__lt=now))
    if not idle.update(state=JobState.CANCELLED, finished=now, token="", message=_("Cancelled. Nothing was changed.")):
        mine.filter(state__in=AT_WORK).update(cancel_requested=True)
    job.refresh_from_db()
    return job


def actor_of_job(job: Job) -> Actor | None:
    """Return who began the job, with the batch of its events; None once that admin is gone, off or another."""
    row = Admin.objects.filter(username=job.actor, active=True, created=job.actor_since).first()
    if row is None:
        return None
    kind = ActorKind(job.actor_kind)
    if kind is ActorKind.SUPERADMIN and not _is_superadmin(row):
        # Demoted since: what is left is their own domains.
        kind = ActorKind.ADMIN
    return Actor(kind, job.actor, ip=job.ip, via=job.via, request_id=job.request_id, batch_id=job.batch_id)


def _is_superadmin(row: Admin) -> bool:
    return row.superadmin or DomainAdmin.objects.filter(username=row.username, domain=ALL_DOMAINS).exists()


def _since(username: str) -> dt.datetime | None:
    return Admin.objects.filter(username=username).values_list("created", flat=True).first()
