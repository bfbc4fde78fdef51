"""Indexes of ours: a page of a list in each of its orders and states, without reading the domain."""

from django.db import migrations, models

from mailadmin.core.schema import EnsureIndex


class Migration(migrations.Migration):
    dependencies = [("mailboxes", "0002_own_indexes")]

    operations = [
        EnsureIndex(
            model_name="mailbox",
            index=models.Index(fields=["domain", "name", "username"], name="mailadmin_mailbox_name"),
        ),
        EnsureIndex(
            model_name="mailbox",
            index=models.Index(fields=["domain", "quota", "username"], name="mailadmin_mailbox_quota"),
        ),
        EnsureIndex(
            model_name="mailbox",
            index=models.Index(fields=["domain", "active", "username"], name="mailadmin_mailbox_active"),
        ),
        EnsureIndex(
            model_name="mailbox",
            index=models.Index(fields=["domain", "smtp_active", "username"], name="mailadmin_mailbox_smtp"),
        ),
    ]
