"""Tiers given anew by rank, each with the load that wrote its memberships."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    """Adds ``Retiering``."""

    dependencies = [
        ("accounts", "0015_company_says_the_day_of_mails"),
        ("kpis", "0017_customers_are_merged"),
    ]

    operations = [
        migrations.CreateModel(
            name="Retiering",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("end", core.fields.MonthField()),
                ("months", models.PositiveSmallIntegerField()),
                (
                    "cut_by",
                    models.CharField(
                        choices=[
                            ("share", "Share of customers"),
                            ("number", "Number of customers"),
                            ("value", "Value"),
                        ],
                        max_length=10,
                    ),
                ),
                ("cuts", models.JSONField()),
                ("percent", core.fields.ExactDecimalField(null=True)),
                ("ends", models.PositiveSmallIntegerField(default=0)),
                ("starts_on", models.DateField()),
                ("up", models.PositiveIntegerField()),
                ("down", models.PositiveIntegerField()),
                ("new", models.PositiveIntegerField()),
                (
                    "kpi",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="kpis.kpi"),
                ),
                (
                    "load",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="retiering", to="accounts.load"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("end__gte", 100001), ("end__lte", 999912)),
                        name="retiering_ends_with_a_month",
                    )
                ],
            },
        ),
    ]
