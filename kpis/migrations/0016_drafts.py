"""A KPI may be a draft. What exists is published."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds ``Kpi.state``."""

    dependencies = [("kpis", "0015_targets_know_what_they_supersede")]

    operations = [
        migrations.AddField(
            model_name="kpi",
            name="state",
            field=models.CharField(
                choices=[("published", "Published"), ("draft", "Draft")],
                db_default="published",
                default="published",
                max_length=10,
            ),
        ),
    ]
