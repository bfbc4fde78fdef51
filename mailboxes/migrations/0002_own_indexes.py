"""Indexes of ours, so that nothing of a name is searched for by reading a whole table."""

from django.db import migrations, models

from mailadmin.core.schema import EnsureIndex


class Migration(migrations.Migration):
    dependencies = [("mailboxes", "0001_initial")]

    operations = [
        EnsureIndex(
            model_name="fetchmail",
            index=models.Index(fields=["mailbox"], name="mailadmin_fetchmail_mailbox"),
        ),
        EnsureIndex(
            model_name="mailboxapppassword",
            index=models.Index(fields=["username"], name="mailadmin_app_password_user"),
        ),
    ]
