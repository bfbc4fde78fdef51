"""Mails that wait to be sent, and several links of one account at a time."""

from django.db import migrations, models

import mailadmin.core.fields


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_password_history")]

    operations = [
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("about", mailadmin.core.fields.KeyField(db_default="", default="", max_length=255)),
                ("recipient", models.CharField(db_default="", default="", max_length=255)),
                ("subject", models.CharField(db_default="", default="", max_length=255)),
                ("body", models.TextField(default="")),
                ("ip", models.CharField(db_default="", default="", max_length=45)),
                ("created", models.DateTimeField()),
                ("due", models.DateTimeField(db_index=True, null=True)),
                ("attempts", models.IntegerField(db_default=0, default=0)),
                ("sent", models.DateTimeField(db_index=True, null=True)),
            ],
            options={
                "db_table": "mailadmin_outgoing_mail",
                "indexes": [models.Index(fields=["about", "sent"], name="mailadmin_mail_about")],
            },
        ),
        migrations.RemoveConstraint(model_name="onetimelink", name="mailadmin_link_login"),
        migrations.AddIndex(
            model_name="onetimelink",
            index=models.Index(fields=["login", "purpose"], name="mailadmin_link_of_login"),
        ),
    ]
