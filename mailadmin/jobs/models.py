"""Work that takes longer than a request may."""

from typing import Self

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mailadmin.accounts.models import Admin
from mailadmin.core.actor import Actor
from mailadmin.core.fields import KeyField


class JobState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    CHECKING = "checking", _("Checking")
    RUNNING = "running", _("Changing")
    DONE = "done", _("Done")
    FAILED = "failed", _("Nothing changed")
    CANCELLED = "cancelled", _("Cancelled")


ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
AT_WORK = (JobState.CHECKING, JobState.RUNNING)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the jobs that the actor may see: a superadmin all, an admin those they began themselves."""
        if actor.is_superadmin:
            return self
        if not actor.is_admin:
            return self.none()
        # A name that was deleted and made again does not inherit the jobs of the one before.
        made = Admin.objects.filter(username=actor.username).values_list("created", flat=True).first()
        return self.filter(actor=actor.username, actor_since=made) if made else self.none()

    def managed_by(self, actor: Actor) -> Self:
        """Return the jobs that the actor may cancel."""
        return self.visible_to(actor)


class Job(models.Model):
    """A job and how far it is; `batch_id` is its name in addresses and joins the audit events of its changes.

    Whoever wrote `token` last works on it, until `lease_until`. `arguments` never holds a secret. `result` is what was
    done at the end; of a job in parts it is what is done by now, and None until its parts are planned.
    """

    batch_id = models.CharField(max_length=36, unique=True)
    kind = models.CharField(max_length=40)
    domain = KeyField()
    actor_kind = models.CharField(max_length=20)
    actor = KeyField()
    actor_since = models.DateTimeField(null=True)
    via = models.CharField(max_length=20)
    ip = models.CharField(max_length=45)
    request_id = models.CharField(max_length=36)
    language = models.CharField(max_length=10)
    arguments = models.JSONField()
    state = models.CharField(max_length=10, default=JobState.QUEUED)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    message = models.TextField(default="")
    result = models.JSONField(null=True)
    cancel_requested = models.BooleanField(default=False)
    attempts = models.IntegerField(default=0)
    token = models.CharField(max_length=32, default="")
    lease_until = models.DateTimeField(null=True)
    heartbeat = models.DateTimeField(null=True)
    created = models.DateTimeField()
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        db_table = "mailadmin_job"
        indexes = [
            models.Index(fields=["state", "id"], name="mailadmin_job_state"),
            models.Index(fields=["actor", "id"], name="mailadmin_job_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.batch_id}"

    @property
    def in_parts(self) -> bool:
        """Return whether each part stays done; else it is all or nothing."""
        return bool(self.arguments.get("in_parts"))

    @property
    def changed(self) -> int:
        """Return how many rows have changed for good."""
        return int((self.result or {}).get("changed", 0))

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def state_label(self) -> str | Promise:
        if self.state == JobState.FAILED and self.changed:
            return _("Stopped")
        return JobState(self.state).label


class JobPart(models.Model):
    """What a part of a job has to do, in the order of `number`; the part deletes it, so what is left is to be done."""

    batch_id = models.CharField(max_length=36)
    number = models.IntegerField()
    keys = models.JSONField()

    class Meta:
        db_table = "mailadmin_job_part"
        constraints = [models.UniqueConstraint(fields=["batch_id", "number"], name="mailadmin_job_part_number")]
