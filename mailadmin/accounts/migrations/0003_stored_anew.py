"""What lets sessions go on after a password was stored anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_one_time_link")]

    operations = [
        migrations.AddField(
            "account", "stored_anew_from", models.CharField(blank=True, db_default="", default="", max_length=64)
        ),
        migrations.AddField(
            "account", "stored_anew_to", models.CharField(blank=True, db_default="", default="", max_length=64)
        ),
    ]
