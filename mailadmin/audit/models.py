"""History: PostfixAdmin's log, and our own with before and after."""

from django.db import models

from mailadmin.core.fields import NOT_SET, KeyField, Literal, PlainTextField, ServerDateTimeField


class Log(models.Model):
    """PostfixAdmin's log row: who, which domain, which action, which object."""

    timestamp = ServerDateTimeField(db_default=Literal(NOT_SET))
    username = models.CharField(max_length=255)
    domain = KeyField()
    action = models.CharField(max_length=255)
    data = PlainTextField()
    id = models.AutoField(primary_key=True)

    class Meta:
        db_table = "log"
        indexes = [
            models.Index(fields=["timestamp"], name="log_timestamp"),
            models.Index(fields=["domain", "timestamp"], name="log_domain_timestamp"),
        ]


class AuditEvent(models.Model):
    """One change or sign-in. Names are copied, nothing refers to a row: history outlives what it tells of."""

    time = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor = KeyField()
    via = models.CharField(max_length=20)
    ip = models.CharField(max_length=45)
    request_id = models.CharField(max_length=36)
    batch_id = models.CharField(max_length=36)
    action = models.CharField(max_length=40)
    target = KeyField()
    domain = KeyField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    repeats = models.IntegerField(default=1)
    log_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "mailadmin_audit_event"
        indexes = [
            models.Index(fields=["domain", "id"], name="mailadmin_audit_domain"),
            models.Index(fields=["actor", "id"], name="mailadmin_audit_actor"),
            models.Index(fields=["action", "id"], name="mailadmin_audit_action"),
            models.Index(fields=["target", "id"], name="mailadmin_audit_target"),
            models.Index(fields=["domain", "action", "id"], name="mailadmin_audit_in_domain"),
            models.Index(fields=["time"], name="mailadmin_audit_time"),
            models.Index(fields=["log_id"], name="mailadmin_audit_log"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
