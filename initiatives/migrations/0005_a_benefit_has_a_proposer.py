"""Whoever wrote a draft of a benefit and whoever put it before finance: neither decides on it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("initiatives", "0004_approved_benefits_are_frozen"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "benefit",
            "proposed_by",
            models.ForeignKey(
                blank=True,
                help_text="Who put a draft before finance; empty where that was who wrote it",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
