from django.db import migrations, models

import mailadmin.core.fields
from mailadmin.core.schema import EnsureTable


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        EnsureTable(
            name="Alias",
            fields=[
                ("address", mailadmin.core.fields.KeyField(max_length=255, primary_key=True, serialize=False)),
                ("goto", mailadmin.core.fields.PlainTextField()),
                ("domain", mailadmin.core.fields.KeyField(max_length=255)),
                (
                    "created",
                    mailadmin.core.fields.ServerDateTimeField(
                        db_default=mailadmin.core.fields.Literal("2000-01-01 00:00:00")
                    ),
                ),
                (
                    "modified",
                    mailadmin.core.fields.ServerDateTimeField(
                        db_default=mailadmin.core.fields.Literal("2000-01-01 00:00:00")
                    ),
                ),
                ("active", models.BooleanField(db_default=True, default=True)),
                ("description", models.CharField(db_default="", default="", max_length=255)),
            ],
            options={
                "db_table": "alias",
                "indexes": [models.Index(fields=["domain"], name="alias_domain_name")],
            },
        ),
        EnsureTable(
            name="AliasTarget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("target", mailadmin.core.fields.KeyField(max_length=255)),
                ("target_domain", mailadmin.core.fields.KeyField(max_length=255)),
                ("address", mailadmin.core.fields.KeyField(max_length=255)),
            ],
            options={
                "db_table": "mailadmin_alias_target",
                "indexes": [
                    models.Index(fields=["address"], name="mailadmin_alias_target_address"),
                    models.Index(fields=["target_domain"], name="mailadmin_alias_target_domain"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("target", "address"), name="mailadmin_alias_target_pair")
                ],
            },
        ),
    ]
