from django.db import migrations, models

import mailadmin.core.fields
from mailadmin.core.schema import EnsureTable


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        EnsureTable(
            name="MailboxAppPassword",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("username", mailadmin.core.fields.KeyField(max_length=255, null=True)),
                ("description", models.CharField(max_length=255, null=True)),
                ("password_hash", models.CharField(max_length=255, null=True)),
            ],
            options={
                "db_table": "mailbox_app_password",
            },
        ),
        EnsureTable(
            name="Quota",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "username", "path", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("username", mailadmin.core.fields.KeyField(max_length=255)),
                ("path", models.CharField(max_length=100)),
                ("current", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                "db_table": "quota",
            },
        ),
        EnsureTable(
            name="Quota2",
            fields=[
                ("username", mailadmin.core.fields.KeyField(max_length=255, primary_key=True, serialize=False)),
                ("bytes", models.BigIntegerField(db_default=0, default=0)),
                ("messages", models.IntegerField(db_default=0, default=0)),
            ],
            options={
                "db_table": "quota2",
            },
        ),
        EnsureTable(
            name="Vacation",
            fields=[
                ("email", mailadmin.core.fields.KeyField(max_length=255, primary_key=True, serialize=False)),
                ("subject", models.CharField(max_length=255)),
                ("body", mailadmin.core.fields.PlainTextField()),
                (
                    "cache",
                    mailadmin.core.fields.PlainTextField(db_default=mailadmin.core.fields.Literal(""), default=""),
                ),
                ("domain", mailadmin.core.fields.KeyField(max_length=255)),
                (
                    "created",
                    mailadmin.core.fields.ServerDateTimeField(
                        db_default=mailadmin.core.fields.Literal("2000-01-01 00:00:00")
                    ),
                ),
                ("active", models.BooleanField(db_default=True, default=True)),
                (
                    "modified",
                    mailadmin.core.fields.ServerTimestampField(db_default=mailadmin.core.fields.CurrentTimestamp()),
                ),
                (
                    "activefrom",
                    mailadmin.core.fields.ServerTimestampField(
                        default=None, db_default=mailadmin.core.fields.Literal("2000-01-01 00:00:00")
                    ),
                ),
                (
                    "activeuntil",
                    mailadmin.core.fields.ServerTimestampField(
                        default=None, db_default=mailadmin.core.fields.Literal("2038-01-18 00:00:00")
                    ),
                ),
                ("interval_time", models.IntegerField(db_default=0, default=0)),
            ],
            options={
                "db_table": "vacation",
            },
        ),
        EnsureTable(
            name="VacationNotification",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "on_vacation", "notified", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("on_vacation", mailadmin.core.fields.CascadingKeyField(max_length=255, parent="vacation.email")),
                ("notified", mailadmin.core.fields.KeyField(db_default="", default="", max_length=255)),
                (
                    "notified_at",
                    mailadmin.core.fields.ServerTimestampField(db_default=mailadmin.core.fields.CurrentTimestamp()),
                ),
            ],
            options={
                "db_table": "vacation_notification",
            },
        ),
        EnsureTable(
            name="DeletedMaildir",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("username", mailadmin.core.fields.KeyField(max_length=255)),
                ("maildir", models.CharField(max_length=255)),
                ("deleted", models.DateTimeField()),
            ],
            options={
                "db_table": "mailadmin_deleted_maildir",
                "indexes": [models.Index(fields=["username"], name="mailadmin_deleted_maildir_name")],
            },
        ),
        EnsureTable(
            name="Fetchmail",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("mailbox", mailadmin.core.fields.KeyField(max_length=255)),
                ("src_server", models.CharField(max_length=255)),
                (
                    "src_auth",
                    mailadmin.core.fields.EnumField(
                        choices=[
                            ("password", "password"),
                            ("kerberos_v5", "kerberos_v5"),
                            ("kerberos", "kerberos"),
                            ("kerberos_v4", "kerberos_v4"),
                            ("gssapi", "gssapi"),
                            ("cram-md5", "cram-md5"),
                            ("otp", "otp"),
                            ("ntlm", "ntlm"),
                            ("msn", "msn"),
                            ("ssh", "ssh"),
                            ("any", "any"),
                        ],
                        max_length=15,
                        null=True,
                    ),
                ),
                ("src_user", models.CharField(max_length=255)),
                ("src_password", models.CharField(max_length=255)),
                ("src_folder", models.CharField(max_length=255)),
                (
                    "poll_time",
                    mailadmin.core.fields.UnsignedField(column_type="int unsigned", db_default=10, default=10),
                ),
                (
                    "fetchall",
                    mailadmin.core.fields.UnsignedField(column_type="tinyint(1) unsigned", db_default=0, default=0),
                ),
                (
                    "keep",
                    mailadmin.core.fields.UnsignedField(column_type="tinyint(1) unsigned", db_default=0, default=0),
                ),
                (
                    "protocol",
                    mailadmin.core.fields.EnumField(
                        choices=[
                            ("POP3", "POP3"),
                            ("IMAP", "IMAP"),
                            ("POP2", "POP2"),
                            ("ETRN", "ETRN"),
                            ("AUTO", "AUTO"),
                        ],
                        max_length=15,
                        null=True,
                    ),
                ),
                (
                    "usessl",
                    mailadmin.core.fields.UnsignedField(column_type="tinyint(1) unsigned", db_default=0, default=0),
                ),
                ("extra_options", mailadmin.core.fields.PlainTextField(null=True)),
                ("returned_text", mailadmin.core.fields.PlainTextField(null=True)),
                ("mda", models.CharField(max_length=255, null=True)),
                (
                    "date",
                    mailadmin.core.fields.ServerTimestampField(
                        db_default=mailadmin.core.fields.Literal("2000-01-01 00:00:00")
                    ),
                ),
                ("sslcertck", models.BooleanField(db_default=False, default=False)),
                ("sslcertpath", models.CharField(db_default="", default="", max_length=255, null=True)),
                ("sslfingerprint", models.CharField(db_default="", default="", max_length=255, null=True)),
                ("domain", mailadmin.core.fields.KeyField(db_default="", default="", max_length=255, null=True)),
                ("active", models.BooleanField(db_default=False, default=False)),
                (
                    "created",
                    mailadmin.core.fields.ServerTimestampField(
                        db_default=mailadmin.core.fields.Literal("2000-01-01 00:00:00")
                    ),
                ),
                (
                    "modified",
                    mailadmin.core.fields.ServerTimestampField(db_default=mailadmin.core.fields.CurrentTimestamp()),
                ),
                ("src_port", models.IntegerField(db_default=0, default=0)),
            ],
            options={
                "db_table": "fetchmail",
                "indexes": [models.Index(fields=["domain"], name="idx_fetchmail_domain")],
            },
        ),
        EnsureTable(
            name="Mailbox",
            fields=[
                ("username", mailadmin.core.fields.KeyField(max_length=255, primary_key=True, serialize=False)),
                ("password", models.CharField(max_length=255)),
                ("name", models.CharField(max_length=255)),
                ("maildir", models.CharField(max_length=255)),
                ("quota", models.BigIntegerField(db_default=0, default=0)),
                ("local_part", mailadmin.core.fields.KeyField(max_length=255)),
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
                ("phone", models.CharField(db_default="", default="", max_length=30)),
                ("email_other", models.CharField(db_default="", default="", max_length=255)),
                ("token", models.CharField(db_default="", default="", max_length=255)),
                (
                    "token_validity",
                    mailadmin.core.fields.ServerDateTimeField(
                        db_default=mailadmin.core.fields.Literal("2000-01-01 00:00:00"), default=None
                    ),
                ),
                (
                    "password_expiry",
                    mailadmin.core.fields.ServerDateTimeField(
                        db_default=mailadmin.core.fields.Literal("2000-01-01 00:00:00"), default=None
                    ),
                ),
                ("totp_secret", models.CharField(max_length=255, null=True)),
                ("smtp_active", models.BooleanField(db_default=True, default=True)),
            ],
            options={
                "db_table": "mailbox",
                "indexes": [models.Index(fields=["domain"], name="mailbox_domain")],
            },
        ),
    ]
