from django.db import migrations, models
from django.db.models.deletion import CASCADE


def without_trigger(cell: str, name: str, to: str) -> migrations.AlterField:
    """A cell names its KPI and tier without a foreign-key trigger: it is made from facts, thousands at a time."""
    field = models.ForeignKey(db_constraint=False, db_index=False, on_delete=CASCADE, related_name="+", to=to)
    return migrations.AlterField(model_name=cell, name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_reserved_tiers"),
        ("kpis", "0006_kpi_proposals"),
    ]
    operations = [
        without_trigger(cell, name, to)
        for cell in ("monthcell", "periodcell", "stagedcell")
        for name, to in (("kpi", "kpis.kpi"), ("tier", "customers.tier"))
    ]
