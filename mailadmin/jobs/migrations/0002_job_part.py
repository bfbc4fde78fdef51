from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="JobPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch_id", models.CharField(max_length=36)),
                ("number", models.IntegerField()),
                ("keys", models.JSONField()),
            ],
            options={
                "db_table": "mailadmin_job_part",
                "constraints": [
                    models.UniqueConstraint(fields=("batch_id", "number"), name="mailadmin_job_part_number")
                ],
            },
        ),
    ]
