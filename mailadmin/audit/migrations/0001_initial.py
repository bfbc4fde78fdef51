from django.db import migrations, models

import mailadmin.core.fields
from mailadmin.core.schema import EnsureTable


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        EnsureTable(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("time", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=20)),
                ("actor", mailadmin.core.fields.KeyField(max_length=255)),
                ("via", models.CharField(max_length=20)),
                ("ip", models.CharField(max_length=45)),
                ("request_id", models.CharField(max_length=36)),
                ("batch_id", models.CharField(max_length=36)),
                ("action", models.CharField(max_length=40)),
                ("target", mailadmin.core.fields.KeyField(max_length=255)),
                ("domain", mailadmin.core.fields.KeyField(max_length=255)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("repeats", models.IntegerField(default=1)),
                ("log_id", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "mailadmin_audit_event",
                "indexes": [
                    models.Index(fields=["domain", "id"], name="mailadmin_audit_domain"),
                    models.Index(fields=["actor", "id"], name="mailadmin_audit_actor"),
                    models.Index(fields=["action", "id"], name="mailadmin_audit_action"),
                    models.Index(fields=["target", "id"], name="mailadmin_audit_target"),
                    models.Index(fields=["time"], name="mailadmin_audit_time"),
                ],
            },
        ),
        EnsureTable(
            name="Log",
            fields=[
                (
                    "timestamp",
                    mailadmin.core.fields.ServerDateTimeField(
                        db_default=mailadmin.core.fields.Literal("2000-01-01 00:00:00")
                    ),
                ),
                ("username", models.CharField(max_length=255)),
                ("domain", mailadmin.core.fields.KeyField(max_length=255)),
                ("action", models.CharField(max_length=255)),
                ("data", mailadmin.core.fields.PlainTextField()),
                ("id", models.AutoField(primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "log",
                "indexes": [
                    models.Index(fields=["timestamp"], name="log_timestamp"),
                    models.Index(fields=["domain", "timestamp"], name="log_domain_timestamp"),
                ],
            },
        ),
    ]
