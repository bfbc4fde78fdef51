"""A table of ours: what the people of a domain may do by themselves."""

from django.db import migrations, models

from mailadmin.core.fields import KeyField


def _text() -> models.Field:
    return models.CharField(default="", max_length=255)


class Migration(migrations.Migration):
    dependencies = [("domains", "0006_list_indexes")]

    operations = [
        migrations.CreateModel(
            name="DomainRules",
            fields=[
                ("domain", KeyField(max_length=255, primary_key=True, serialize=False)),
                ("forward_outside", models.BooleanField(default=True)),
                ("forward_max", models.IntegerField(null=True)),
                ("forward_set_by", _text()),
                ("own_aliases", models.IntegerField(default=0)),
                ("own_aliases_set_by", _text()),
                ("password_min_length", models.IntegerField(null=True)),
                ("password_min_strength", models.IntegerField(null=True)),
                ("password_history", models.IntegerField(null=True)),
                ("imap_host", _text()),
                ("pop3_host", _text()),
                ("smtp_host", _text()),
            ],
            options={"db_table": "mailadmin_domain_rules"},
        ),
    ]
