"""A table of ours: second credentials, for the challenge mechanisms that are switched on."""

from django.db import migrations, models

from mailadmin.core.fields import ExactField, KeyField


class Migration(migrations.Migration):
    dependencies = [("mailboxes", "0005_maildir_index")]

    operations = [
        migrations.CreateModel(
            name="Credential",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "username", "mechanism", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("username", KeyField(max_length=255)),
                ("mechanism", models.CharField(max_length=20)),
                ("secret", ExactField(max_length=255)),
                ("made_for", ExactField(max_length=255)),
            ],
            options={"db_table": "mailadmin_credential"},
        ),
    ]
