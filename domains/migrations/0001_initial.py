from django.db import migrations, models

import mailadmin.core.fields
from mailadmin.core.schema import EnsureTable


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        EnsureTable(
            name="Config",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(db_default="", default="", max_length=20, unique=True)),
                ("value", models.CharField(db_default="", default="", max_length=20)),
            ],
            options={
                "db_table": "config",
            },
        ),
        EnsureTable(
            name="Domain",
            fields=[
                ("domain", mailadmin.core.fields.KeyField(max_length=255, primary_key=True, serialize=False)),
                ("description", models.CharField(max_length=255)),
                ("aliases", models.IntegerField(db_default=0, default=0)),
                ("mailboxes", models.IntegerField(db_default=0, default=0)),
                ("maxquota", models.BigIntegerField(db_default=0, default=0)),
                ("quota", models.BigIntegerField(db_default=0, default=0)),
                ("transport", models.CharField(max_length=255)),
                ("backupmx", models.BooleanField(db_default=False, default=False)),
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
                ("password_expiry", models.IntegerField(db_default=0, default=0, null=True)),
            ],
            options={
                "db_table": "domain",
            },
        ),
        EnsureTable(
            name="DomainGuard",
            fields=[
                ("domain", mailadmin.core.fields.KeyField(max_length=255, primary_key=True, serialize=False)),
                ("version", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                "db_table": "mailadmin_domain",
            },
        ),
        EnsureTable(
            name="AliasDomain",
            fields=[
                (
                    "alias_domain",
                    mailadmin.core.fields.KeyField(db_default="", max_length=255, primary_key=True, serialize=False),
                ),
                ("target_domain", mailadmin.core.fields.KeyField(db_default="", max_length=255)),
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
                "db_table": "alias_domain",
                "indexes": [
                    models.Index(fields=["active"], name="alias_domain_active"),
                    models.Index(fields=["target_domain"], name="alias_domain_target_domain"),
                ],
            },
        ),
        EnsureTable(
            name="Dkim",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("domain_name", mailadmin.core.fields.CascadingKeyField(max_length=255, parent="domain.domain")),
                ("description", models.CharField(db_default="", default="", max_length=255, null=True)),
                ("selector", models.CharField(db_default="default", default="default", max_length=63)),
                ("private_key", mailadmin.core.fields.PlainTextField(null=True)),
                ("public_key", mailadmin.core.fields.PlainTextField(null=True)),
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
            ],
            options={
                "db_table": "dkim",
                "indexes": [models.Index(fields=["domain_name", "description"], name="dkim_domain_name")],
            },
        ),
        EnsureTable(
            name="DkimSigning",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("author", mailadmin.core.fields.KeyField(db_default="", default="", max_length=255)),
                ("dkim_id", mailadmin.core.fields.CascadingIntegerField(parent="dkim.id")),
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
            ],
            options={
                "db_table": "dkim_signing",
                "indexes": [
                    models.Index(fields=["author"], name="dkim_signing_author"),
                    models.Index(fields=["dkim_id"], name="dkim_signing_dkim_id"),
                ],
            },
        ),
        EnsureTable(
            name="DomainAdmin",
            fields=[
                ("username", mailadmin.core.fields.KeyField(max_length=255)),
                ("domain", mailadmin.core.fields.KeyField(max_length=255)),
                (
                    "created",
                    mailadmin.core.fields.ServerDateTimeField(
                        db_default=mailadmin.core.fields.Literal("2000-01-01 00:00:00")
                    ),
                ),
                ("active", models.BooleanField(db_default=True, default=True)),
                ("id", models.AutoField(primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "domain_admins",
                "indexes": [
                    models.Index(fields=["username"], name="domain_admins_username"),
                    models.Index(fields=["username", "domain", "active"], name="idx_domadm_user_domain_active"),
                    models.Index(fields=["domain"], name="mailadmin_domain_admins_domain"),
                ],
            },
        ),
    ]
