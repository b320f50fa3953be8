"""Digests that people want, what they follow, and what they were told of it."""

import datetime

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

_ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
_KINDS = [("cell", "Cell"), ("kpi", "KPI"), ("tier", "Tier"), ("initiative", "Initiative"), ("theme", "Theme")]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0035_mails_that_go_once"),
        ("customers", "0012_memberships_by_last_day"),
        ("scorecard", "0014_reports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AlertsTold",
            fields=[
                ("id", _ID),
                ("bad", models.JSONField(default=dict)),
                ("word", models.PositiveBigIntegerField(default=0)),
                ("mails", models.PositiveIntegerField(default=0)),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"verbose_name_plural": "alerts told"},
        ),
        migrations.CreateModel(
            name="Follow",
            fields=[
                ("id", _ID),
                ("kind", models.CharField(choices=_KINDS, max_length=12)),
                ("key", models.CharField(max_length=300)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="follows", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "key"],
                "constraints": [
                    models.UniqueConstraint(fields=("person", "kind", "key"), name="one_follows_a_thing_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", _ID),
                ("months", models.BooleanField(default=False, verbose_name="every month")),
                ("quarters", models.BooleanField(default=True, verbose_name="every quarter")),
                ("years", models.BooleanField(default=True, verbose_name="every fiscal year")),
                (
                    "day",
                    models.PositiveSmallIntegerField(
                        default=10,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(28),
                        ],
                        verbose_name="day of the month",
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        blank=True, help_text="A word of ReportFormat, or none", max_length=5, verbose_name="board pack"
                    ),
                ),
                ("since", models.DateField(default=datetime.date.today)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("departments", models.ManyToManyField(blank=True, related_name="+", to="accounts.department")),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subscription",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("tiers", models.ManyToManyField(blank=True, related_name="+", to="customers.tier")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("day__range", (1, 28))), name="a_digest_comes_on_a_day_of_every_month"
                    )
                ],
            },
        ),
    ]
