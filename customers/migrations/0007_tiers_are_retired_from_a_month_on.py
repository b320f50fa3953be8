"""A tier is retired from a month on: those that were retired are so from the month of this upgrade."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.db import migrations, models
from django.utils import timezone

import core.fields


def date_the_retired(apps: Any, schema_editor: Any) -> None:
    """Give the tiers that were retired the month in which the company's day lies."""
    retired = apps.get_model("customers", "Tier").objects.filter(retired=True)
    if retired.exists():
        zone = apps.get_model("accounts", "Company").objects.values_list("time_zone", flat=True).first() or "UTC"
        today = timezone.now().astimezone(ZoneInfo(zone)).date()
        retired.update(retired_from=today.year * 100 + today.month)


class Migration(migrations.Migration):
    """Adds ``Tier.retired_from``. The column ``retired`` is left for the release before, and goes a release later."""

    dependencies = [
        ("customers", "0005_customers_retire_merge_and_are_found"),
        ("accounts", "0015_company_says_the_day_of_mails"),
    ]

    operations = [
        migrations.AddField("tier", "retired_from", core.fields.MonthField(blank=True, null=True)),
        migrations.AlterField("tier", "retired", models.BooleanField(default=False, db_default=False)),
        migrations.RunPython(date_the_retired, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("tier", "retired")]),
    ]
