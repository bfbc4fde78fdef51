"""Links that work once, kept as digests."""

from django.db import migrations, models

import mailadmin.core.fields


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="OneTimeLink",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("login", mailadmin.core.fields.KeyField(max_length=255)),
                ("purpose", models.CharField(max_length=20)),
                ("stamp", models.CharField(max_length=64)),
                ("made_by", mailadmin.core.fields.KeyField(max_length=255)),
                ("created", models.DateTimeField()),
                ("expires", models.DateTimeField(db_index=True)),
            ],
            options={
                "db_table": "mailadmin_one_time_link",
                "constraints": [models.UniqueConstraint(fields=("login", "purpose"), name="mailadmin_link_login")],
            },
        ),
    ]
