"""Queueing, taking, keeping and ending jobs. Each is one UPDATE that wins or does not, on every database."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from domains.models import ALL_DOMAINS, DomainAdmin
from mailadmin.accounts.models import Admin
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.batches import in_batches
from mailadmin.core.errors import Invalid, NotFound
from mailadmin.core.same_row import is_same_row
from mailadmin.jobs.models import AT_WORK, Job, JobPart, JobState
from mailadmin.jobs.work import Result, grouped

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


def plan_parts(job: Job, parts: Iterable[list[str]], result: Result, *, total: int) -> bool:
    """Write down what each part has to do, and begin; returns whether the job is still the caller's."""
    with transaction.atomic():
        # Few at once: a packet of the server must hold their keys.
        for some in in_batches(enumerate(parts), 10):
            JobPart.objects.bulk_create(JobPart(batch_id=job.batch_id, number=n, keys=keys) for n, keys in some)
        mine = held(job).update(result=result) and begin_changing(job, total=total)
        if not mine:
            transaction.set_rollback(True)
        return mine


def take_part(job: Job) -> list[str] | None:
    """Return what the next part has to do, and strike it out in that part's transaction; None when all are done."""
    part = JobPart.objects.filter(batch_id=job.batch_id).order_by("number").first()
    if part is None:
        return None
    JobPart.objects.filter(pk=part.pk).delete()
    keys: list[str] = part.keys
    return keys


def keep_result(job: Job, result: Result) -> bool:
    """Write what is done by now, in the transaction of the part; returns whether the part may stay.

    A job that gets on is not given up for the workers it has ended.
    """
    return bool(held(job).filter(cancel_requested=False).update(result=result, attempts=1))


def end_job(job: Job, state: JobState, *, message: str = "", result: Result | None = None) -> bool:
    """End the job; returns whether it was still the caller's to end. A result of parts stays unless there is another.

    DONE belongs into the transaction of the change: it fails where somebody cancelled or took the job meanwhile, and
    the change goes back with it.
    """
    mine = held(job).filter(cancel_requested=False) if state == JobState.DONE else held(job)
    fields: dict[str, Any] = {"state": state, "message": message, "finished": timezone.now()}
    if result is not None:
        fields["result"] = result
    if state == JobState.DONE:
        fields["done"] = F("total")
    won = bool(mine.update(**fields))
    if won:
        _forget_parts(job)
    return won


def _forget_parts(job: Job) -> None:
    JobPart.objects.filter(batch_id=job.batch_id).delete()


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
    if idle.update(state=JobState.CANCELLED, finished=now, token=""):
        # Nobody works on it any more: what it says is how far it came.
        job.refresh_from_db()
        mine.update(message=cancelled_words(job))
        _forget_parts(job)
    else:
        mine.filter(state__in=AT_WORK).update(cancel_requested=True)
    job.refresh_from_db()
    return job


def cancelled_words(job: Job) -> str:
    """Return what a cancelled job says."""
    return _("Cancelled. %s") % what_stays(job)


def what_stays(job: Job) -> str:
    """Return what a job that did not come to its end has left."""
    if not job.changed:
        return _("Nothing was changed.")
    numbers = {
        "n": grouped(job.changed),
        "total": grouped(job.total),
    }
    text = ngettext("%(n)s of %(total)s is done and stays so.", "%(n)s of %(total)s are done and stay so.", job.changed)
    return text % numbers


def actor_of_job(job: Job) -> Actor | None:
    """Return who began the job, with the batch of its events; None once that admin is gone, off or another."""
    row = Admin.objects.filter(username=job.actor, active=True).first()
    if row is None or not is_same_row(job.actor_since, row.created):
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
