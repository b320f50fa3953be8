"""Signals: whether a month really changed, the steps from which limits are taken anew, and seasonal KPIs."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0004_a_tiers_rank_has_a_limit"),
        ("kpis", "0019_kpis_of_value"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="kpi",
            name="seasonal",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Held against the same month a year before, to see whether it changed",
            ),
        ),
        migrations.AddField(
            model_name="rolluprun",
            name="signal_touches",
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.CreateModel(
            name="SignalTouch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", core.fields.MonthField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "kpi",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="kpis.kpi"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MonthSignal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", core.fields.MonthField()),
                (
                    "signal",
                    models.CharField(
                        blank=True,
                        choices=[("better", "really better"), ("worse", "really worse"), ("changed", "really changed")],
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("outside", "outside the limits"),
                            ("shift", "eight months in a row on one side of the middle"),
                            ("two_of_three", "two of three months near the same limit"),
                        ],
                        default="",
                        max_length=15,
                    ),
                ),
                ("window", models.TextField(blank=True, default="")),
                (
                    "kpi",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="kpis.kpi",
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.tier",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("month", "kpi", "tier"), name="one_signal_per_month_kpi_and_tier")
                ],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", core.fields.MonthField()),
                ("reason", models.TextField(validators=[django.core.validators.MaxLengthValidator(10000)])),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
                ("why_taken_back", models.TextField(blank=True, db_default="", default="")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "kpi",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="kpis.kpi"),
                ),
                (
                    "taken_back_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.tier",
                    ),
                ),
            ],
            options={
                "ordering": ["kpi", "month", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("taken_back_at", None)),
                        fields=("kpi", "tier", "month"),
                        name="kpi_has_one_step_of_a_column_from_a_month",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("taken_back_at", None), ("tier", None)),
                        fields=("kpi", "month"),
                        name="kpi_has_one_step_of_all_columns_from_a_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__gte", 100001), ("month__lte", 999912)), name="step_month_is_a_month"
                    ),
                ],
            },
        ),
    ]
