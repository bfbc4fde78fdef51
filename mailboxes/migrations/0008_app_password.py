"""Tables of ours: app passwords, who uses nothing else, and when mail programs last signed in."""

from django.db import migrations, models

from mailadmin.core.fields import NOT_SET, KeyField, Literal, ServerDateTimeField


class Migration(migrations.Migration):
    dependencies = [("mailboxes", "0007_vacation_more")]

    operations = [
        migrations.CreateModel(
            name="AppPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("username", KeyField(max_length=255)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("made_for", ServerDateTimeField(db_default=Literal(NOT_SET))),
                ("imap", models.BooleanField()),
                ("pop3", models.BooleanField()),
                ("smtp", models.BooleanField()),
                ("sieve", models.BooleanField()),
                ("created", models.DateTimeField()),
                ("ends", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "mailadmin_app_password",
                "indexes": [models.Index(fields=["username", "id"], name="mailadmin_app_password_of")],
            },
        ),
        migrations.CreateModel(
            name="AppPasswordsOnly",
            fields=[
                ("username", KeyField(max_length=255, primary_key=True, serialize=False)),
                ("made_for", ServerDateTimeField(db_default=Literal(NOT_SET))),
            ],
            options={"db_table": "mailadmin_app_passwords_only"},
        ),
        migrations.CreateModel(
            name="MailSignIn",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "username",
                        "service",
                        "ip",
                        "app_password",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("username", KeyField(max_length=255)),
                ("service", models.CharField(max_length=20)),
                ("ip", models.CharField(max_length=45)),
                ("app_password", models.BigIntegerField(db_default=0, default=0)),
                ("last_login", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                "db_table": "mailadmin_mail_sign_in",
                "indexes": [models.Index(fields=["last_login"], name="mailadmin_mail_sign_in_last")],
            },
        ),
    ]
