"""The KPIs that say what a customer tier is worth: one row, none named."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

_OF: Any = {
    "blank": True,
    "null": True,
    "on_delete": django.db.models.deletion.PROTECT,
    "related_name": "+",
    "to": "kpis.kpi",
}


def found(apps: Any, schema_editor: Any) -> None:
    """Create the row."""
    apps.get_model("kpis", "ValueKpis").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("kpis", "0018_retierings")]
    operations = [
        migrations.CreateModel(
            name="ValueKpis",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("revenue", models.ForeignKey(**_OF, help_text="What customers bring")),
                ("margin", models.ForeignKey(**_OF, help_text="What is left of it")),
                (
                    "cost",
                    models.ForeignKey(**_OF, verbose_name="cost to serve", help_text="What serving them takes"),
                ),
            ],
            options={
                "verbose_name_plural": "KPIs of value",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_set_of_value_kpis")
                ],
            },
        ),
        migrations.RunPython(found, migrations.RunPython.noop),
    ]
