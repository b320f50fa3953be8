"""Lifecycle events may be derived from the activity of a KPI; what is there, somebody said."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the KPI and the window of a derived event."""

    dependencies = [("customers", "0007_tiers_are_retired_from_a_month_on")]

    operations = [
        migrations.AddField(
            "lifecycleevent",
            "derived_from",
            models.CharField(blank=True, db_default="", default="", editable=False, max_length=60),
        ),
        migrations.AddField(
            "lifecycleevent",
            "derived_months",
            models.PositiveSmallIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            "lifecycleevent",
            models.CheckConstraint(
                condition=models.Q(("derived_from", ""), ("derived_months", None))
                | models.Q(models.Q(("derived_from", ""), _negated=True), ("derived_months__gt", 0)),
                name="derived_event_names_its_kpi_and_window",
            ),
        ),
    ]
