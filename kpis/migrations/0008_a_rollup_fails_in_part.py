# A KPI that cannot be computed is noted with its part of the run, and the others are published.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kpis", "0007_cells_without_triggers"),
    ]

    operations = [
        migrations.AddField(
            model_name="runpart",
            name="failed",
            field=models.JSONField(
                default=dict,
                db_default=models.Value({}, models.JSONField()),
                help_text="Why it could not be computed, by the id of the KPI",
            ),
        ),
        migrations.AlterField(
            model_name="rolluprun",
            name="state",
            field=models.CharField(
                choices=[
                    ("running", "Running"),
                    ("done", "Done"),
                    ("partial", "Done in part"),
                    ("failed", "Failed"),
                    ("superseded", "Done by a later run"),
                ],
                default="running",
                max_length=10,
            ),
        ),
    ]
