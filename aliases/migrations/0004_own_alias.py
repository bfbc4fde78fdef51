"""A table of ours: aliases that the owners of mailboxes made for themselves, and when they end."""

from django.db import migrations, models

from mailadmin.core.fields import KeyField, ServerDateTimeField


class Migration(migrations.Migration):
    dependencies = [("aliases", "0003_list_indexes")]

    operations = [
        migrations.CreateModel(
            name="OwnAlias",
            fields=[
                ("address", KeyField(max_length=255, primary_key=True, serialize=False)),
                ("alias_created", ServerDateTimeField()),
                ("owner", KeyField(max_length=255)),
                ("owner_created", ServerDateTimeField()),
                ("ends", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "mailadmin_own_alias",
                "indexes": [models.Index(fields=["owner"], name="mailadmin_own_alias_owner")],
            },
        ),
    ]
