"""Signals of what was rolled up before: each KPI is marked, and the next rollup works them out."""

from typing import Any

from django.db import migrations

_ALWAYS = 100001


def mark(apps: Any, schema_editor: Any) -> None:
    """A mark for each KPI, from its first month on; none where nothing was rolled up yet."""
    if apps.get_model("kpis", "RolledSlice").objects.exists():
        touch = apps.get_model("kpis", "SignalTouch")
        ids = apps.get_model("kpis", "Kpi").objects.values_list("pk", flat=True)
        touch.objects.bulk_create([touch(kpi_id=pk, month=_ALWAYS) for pk in ids], batch_size=1_000)


class Migration(migrations.Migration):
    dependencies = [("kpis", "0021_signals")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
