"""Unit, currency and absolute band belong to a version; those that are there take today's of their KPI."""

from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery

import core.fields

FILLED = ("unit", "currency", "near_band_abs")


def fill(apps: Any, schema_editor: Any) -> None:
    """What a KPI is counted in stood for all months until now."""
    kpis = apps.get_model("kpis", "Kpi").objects.filter(pk=OuterRef("kpi"))
    today = {name: Subquery(kpis.values(name)[:1]) for name in FILLED}
    apps.get_model("kpis", "KpiVersion").objects.update(**today)


UNITS = [("number", "Number"), ("percent", "Percent"), ("currency", "Money"), ("days", "Days"), ("score", "Score")]


class Migration(migrations.Migration):
    dependencies = [("kpis", "0012_source_and_confirmed_months")]
    operations = [
        migrations.AddField(
            model_name="kpiversion",
            name="unit",
            field=models.CharField(choices=UNITS, default="number", max_length=10),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="kpiversion",
            name="currency",
            field=models.CharField(blank=True, default="", max_length=3),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="kpiversion",
            name="near_band_abs",
            field=core.fields.ExactDecimalField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="kpiversion",
            name="withdrew",
            field=models.ManyToManyField(
                blank=True,
                help_text="Approved targets that it ended; they stand again after it",
                related_name="+",
                to="kpis.target",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
