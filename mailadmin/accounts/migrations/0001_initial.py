from django.db import migrations, models

import mailadmin.core.fields
from mailadmin.core.schema import EnsureTable


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        EnsureTable(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("login", mailadmin.core.fields.KeyField(max_length=255, unique=True)),
                ("row_created", models.DateTimeField(null=True)),
                ("must_change_password", models.BooleanField(default=False)),
                ("language", models.CharField(blank=True, default="", max_length=10)),
                ("time_zone", models.CharField(blank=True, default="", max_length=64)),
            ],
            options={
                "db_table": "mailadmin_account",
            },
        ),
        EnsureTable(
            name="Admin",
            fields=[
                ("username", mailadmin.core.fields.KeyField(max_length=255, primary_key=True, serialize=False)),
                ("password", models.CharField(max_length=255)),
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
                ("superadmin", models.BooleanField(db_default=False, default=False)),
                ("phone", models.CharField(db_default="", default="", max_length=30)),
                ("email_other", models.CharField(db_default="", default="", max_length=255)),
                ("token", models.CharField(db_default="", default="", max_length=255)),
                (
                    "token_validity",
                    mailadmin.core.fields.ServerDateTimeField(
                        db_default=mailadmin.core.fields.Literal("2000-01-01 00:00:00"), default=None
                    ),
                ),
                ("totp_secret", models.CharField(max_length=255, null=True)),
            ],
            options={
                "db_table": "admin",
            },
        ),
        EnsureTable(
            name="AdminPreference",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "username", "pref_key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("username", mailadmin.core.fields.KeyField(db_default="", default="", max_length=255)),
                ("pref_key", models.CharField(db_default="", default="", max_length=64)),
                ("pref_value", models.CharField(db_default="", default="", max_length=2048)),
            ],
            options={
                "db_table": "admin_preferences",
            },
        ),
        EnsureTable(
            name="Throttle",
            fields=[
                ("key", mailadmin.core.fields.KeyField(max_length=200, primary_key=True, serialize=False)),
                ("failures", models.IntegerField(default=0)),
                ("until", models.DateTimeField(null=True)),
                ("updated", models.DateTimeField(db_index=True)),
            ],
            options={
                "db_table": "mailadmin_throttle",
            },
        ),
        EnsureTable(
            name="TotpException",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("ip", models.CharField(max_length=46)),
                ("username", mailadmin.core.fields.KeyField(max_length=255, null=True)),
                ("description", models.CharField(max_length=255, null=True)),
                (
                    "created",
                    mailadmin.core.fields.ServerTimestampField(db_default=mailadmin.core.fields.CurrentTimestamp()),
                ),
                (
                    "modified",
                    mailadmin.core.fields.ServerTimestampField(db_default=mailadmin.core.fields.CurrentTimestamp()),
                ),
            ],
            options={
                "db_table": "totp_exception_address",
                "constraints": [models.UniqueConstraint(fields=("ip", "username"), name="ip_user")],
            },
        ),
    ]
