"""What the worker's sweep keeps: how far it is, and what it found."""

from django.db import models

from mailadmin.core.fields import KeyField


class Sweep(models.Model):
    """The sweep over all domains and admins: one row.

    Whoever wrote `token` last works on it, until `lease_until`. `phase` and `place` say how far it is and `sums` what
    it has counted so far; `begun` is empty while none is under way. `totals` are the sums of the last whole sweep,
    which began at `seen` and ended at `finished`. `log_seen` is the last row of PostfixAdmin's log that was read.
    """

    id = models.IntegerField(primary_key=True)
    token = models.CharField(max_length=32, default="")
    lease_until = models.DateTimeField(null=True)
    begun = models.DateTimeField(null=True)
    phase = models.CharField(max_length=20, default="")
    place = KeyField(default="")
    sums = models.JSONField(default=dict)
    seen = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    totals = models.JSONField(default=dict)
    log_seen = models.BigIntegerField(default=0)

    class Meta:
        db_table = "mailadmin_sweep"


class FindingKind(models.TextChoices):
    DOMAIN = "domain"
    MAILBOX = "mailbox"
    ADMIN = "admin"
    SIGN_IN = "sign_in"


class Finding(models.Model):
    """Something that may need somebody, by its key: whoever shows it looks at the live row first.

    `share` says how much it does: a domain's or mailbox's use of its limit in per mille, an admin's days without
    sign-in, the number of the event of a refused sign-in.
    """

    kind = models.CharField(max_length=10)
    key = KeyField()
    domain = KeyField(default="")
    share = models.BigIntegerField()

    class Meta:
        db_table = "mailadmin_finding"
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="mailadmin_finding_key")]
        indexes = [
            models.Index(fields=["kind", "share"], name="mailadmin_finding_share"),
            models.Index(fields=["kind", "domain", "share"], name="mailadmin_finding_domain"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
