from django.db import migrations, models

import mailadmin.core.fields
from mailadmin.core.schema import EnsureTable


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        EnsureTable(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch_id", models.CharField(max_length=36, unique=True)),
                ("kind", models.CharField(max_length=40)),
                ("domain", mailadmin.core.fields.KeyField(max_length=255)),
                ("actor_kind", models.CharField(max_length=20)),
                ("actor", mailadmin.core.fields.KeyField(max_length=255)),
                ("actor_since", models.DateTimeField(null=True)),
                ("via", models.CharField(max_length=20)),
                ("ip", models.CharField(max_length=45)),
                ("request_id", models.CharField(max_length=36)),
                ("language", models.CharField(max_length=10)),
                ("arguments", models.JSONField()),
                ("state", models.CharField(default="queued", max_length=10)),
                ("done", models.IntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("message", models.TextField(default="")),
                ("result", models.JSONField(null=True)),
                ("cancel_requested", models.BooleanField(default=False)),
                ("attempts", models.IntegerField(default=0)),
                ("token", models.CharField(default="", max_length=32)),
                ("lease_until", models.DateTimeField(null=True)),
                ("heartbeat", models.DateTimeField(null=True)),
                ("created", models.DateTimeField()),
                ("started", models.DateTimeField(null=True)),
                ("finished", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "mailadmin_job",
                "indexes": [
                    models.Index(fields=["state", "id"], name="mailadmin_job_state"),
                    models.Index(fields=["actor", "id"], name="mailadmin_job_actor"),
                ],
            },
        ),
    ]
