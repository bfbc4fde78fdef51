"""Earlier passwords as hashes, and who was told that a password is about to be too old."""

from django.db import migrations, models

import mailadmin.core.fields


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_stored_anew")]

    operations = [
        migrations.CreateModel(
            name="PasswordHistory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("login", mailadmin.core.fields.KeyField(max_length=255)),
                ("row_created", models.DateTimeField(null=True)),
                ("stored", mailadmin.core.fields.ExactField(max_length=255)),
                ("time", models.DateTimeField()),
            ],
            options={
                "db_table": "mailadmin_password_history",
                "indexes": [models.Index(fields=["login"], name="mailadmin_password_login")],
            },
        ),
        migrations.CreateModel(
            name="ExpiryWarning",
            fields=[
                ("username", mailadmin.core.fields.KeyField(max_length=255, primary_key=True, serialize=False)),
                ("expires", models.DateTimeField(db_index=True)),
                ("days", models.IntegerField()),
            ],
            options={"db_table": "mailadmin_expiry_warning"},
        ),
    ]
