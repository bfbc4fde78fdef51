"""A table of ours: what a vacation reply has beside PostfixAdmin's row."""

from django.db import migrations

from mailadmin.core.fields import KeyField, PlainTextField


class Migration(migrations.Migration):
    dependencies = [("mailboxes", "0006_credential")]

    operations = [
        migrations.CreateModel(
            name="VacationMore",
            fields=[
                ("email", KeyField(max_length=255, primary_key=True, serialize=False)),
                ("inside_body", PlainTextField(default="")),
            ],
            options={"db_table": "mailadmin_vacation"},
        ),
    ]
