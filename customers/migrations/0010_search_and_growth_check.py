"""Customers' ids and names without case and accents, for searches; and where growth does not add up."""

from itertools import islice
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import core.fields
from core.keys import folded

_FILL = "UPDATE customers_customer SET folded_id = %s, folded_name = %s WHERE id = %s"
_BATCH = 5_000
_LONGEST = 255


def fill(apps: Any, schema_editor: Any) -> None:
    """Fold what is there."""
    names = iter(list(apps.get_model("customers", "Customer").objects.values_list("external_id", "name", "pk")))
    with schema_editor.connection.cursor() as cursor:
        while batch := list(islice(names, _BATCH)):
            cursor.executemany(
                _FILL, [(folded(key)[:_LONGEST], folded(name)[:_LONGEST], pk) for key, name, pk in batch]
            )


class Migration(migrations.Migration):
    dependencies = [("customers", "0008_events_may_be_derived")]
    operations = [
        migrations.AddField("customer", "folded_id", core.fields.FoldedField(of="external_id")),
        migrations.AddField("customer", "folded_name", core.fields.FoldedField(of="name")),
        migrations.CreateModel(
            name="GrowthBreach",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", core.fields.MonthField()),
                ("too_many", models.IntegerField()),
                (
                    "tier",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        help_text="Empty: untiered",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.tier",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "growth breaches",
                "constraints": [core.fields.month_is_valid("growth_breach_is_of_a_month")],
            },
        ),
        migrations.CreateModel(
            name="GrowthCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen", models.CharField(max_length=200)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_growth_check")],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex("customer", models.Index(fields=["folded_id"], name="customer_by_folded_id")),
        migrations.AddIndex(
            "customer", models.Index(fields=["folded_name", "folded_id"], name="customer_by_folded_name")
        ),
    ]
