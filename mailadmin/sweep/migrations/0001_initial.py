from django.db import migrations, models

import mailadmin.core.fields
from mailadmin.core.schema import EnsureTable


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        EnsureTable(
            name="Sweep",
            fields=[
                ("id", models.IntegerField(primary_key=True, serialize=False)),
                ("token", models.CharField(default="", max_length=32)),
                ("lease_until", models.DateTimeField(null=True)),
                ("begun", models.DateTimeField(null=True)),
                ("phase", models.CharField(default="", max_length=20)),
                ("place", mailadmin.core.fields.KeyField(default="", max_length=255)),
                ("sums", models.JSONField(default=dict)),
                ("seen", models.DateTimeField(null=True)),
                ("finished", models.DateTimeField(null=True)),
                ("totals", models.JSONField(default=dict)),
            ],
            options={"db_table": "mailadmin_sweep"},
        ),
        EnsureTable(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=10)),
                ("key", mailadmin.core.fields.KeyField(max_length=255)),
                ("domain", mailadmin.core.fields.KeyField(default="", max_length=255)),
                ("share", models.BigIntegerField()),
            ],
            options={
                "db_table": "mailadmin_finding",
                "constraints": [models.UniqueConstraint(fields=["kind", "key"], name="mailadmin_finding_key")],
                "indexes": [
                    models.Index(fields=["kind", "share"], name="mailadmin_finding_share"),
                    models.Index(fields=["kind", "domain", "share"], name="mailadmin_finding_domain"),
                ],
            },
        ),
    ]
