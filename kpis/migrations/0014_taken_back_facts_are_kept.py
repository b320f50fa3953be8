"""What a load of facts had said, and had replaced, stays when it is taken back."""

from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies = [("kpis", "0013_versions_have_unit_and_band")]

    operations = [
        migrations.CreateModel(
            name="TakenBackFact",
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
                ("old_numerator", core.fields.ExactDecimalField(null=True)),
                ("old_denominator", core.fields.ExactDecimalField(null=True)),
                ("old_load_id", models.BigIntegerField(null=True)),
            ],
        ),
    ]
