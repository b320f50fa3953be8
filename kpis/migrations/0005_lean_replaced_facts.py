"""Replaced values get the key that they are looked up by, and nothing else.

A surrogate key and two indexes cost more than the rows. Django does not change a primary key in
place, so the rows move to a new table; each is written once, under no lock on any other table.
"""

from django.db import migrations, models

import core.fields

_MOVE = """
    INSERT INTO kpis_replacedfact (load_id, month, kpi_id, customer_id, numerator, denominator, replaced_load_id)
    SELECT load_id, month, kpi_id, customer_id, numerator, denominator, replaced_load_id
    FROM kpis_oldreplacedfact ORDER BY load_id, month, kpi_id, customer_id"""
_MOVE_BACK = """
    INSERT INTO kpis_oldreplacedfact (load_id, month, kpi_id, customer_id, numerator, denominator, replaced_load_id)
    SELECT load_id, month, kpi_id, customer_id, numerator, denominator, replaced_load_id
    FROM kpis_replacedfact"""


class Migration(migrations.Migration):
    dependencies = [("kpis", "0004_rollups_are_sent_again")]

    operations = [
        migrations.RenameModel("ReplacedFact", "OldReplacedFact"),
        migrations.CreateModel(
            name="ReplacedFact",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        *("load_id", "month", "kpi_id", "customer_id"),
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("load_id", models.BigIntegerField()),
                ("month", core.fields.MonthField()),
                ("kpi_id", models.BigIntegerField()),
                ("customer_id", models.BigIntegerField()),
                ("numerator", core.fields.ExactDecimalField()),
                ("denominator", core.fields.ExactDecimalField(null=True)),
                ("replaced_load_id", models.BigIntegerField(help_text="The load that had written the replaced value")),
            ],
        ),
        migrations.RunSQL(_MOVE, _MOVE_BACK),
        migrations.DeleteModel("OldReplacedFact"),
    ]
