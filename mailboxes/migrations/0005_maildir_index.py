"""An index of ours: whether a path is taken already, without reading the domain's mailboxes for each new one."""

from django.db import migrations, models

from mailadmin.core.schema import EnsureIndex


class Migration(migrations.Migration):
    dependencies = [("mailboxes", "0004_list_indexes")]

    operations = [
        EnsureIndex(model_name="mailbox", index=models.Index(fields=["maildir"], name="mailadmin_mailbox_maildir")),
    ]
