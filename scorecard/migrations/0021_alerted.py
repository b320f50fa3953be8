"""What alerts rested on when they were last written, so that nothing is read where nothing changed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds a column."""

    dependencies = [("scorecard", "0019_approved_goals_are_frozen")]

    operations = [
        migrations.AddField("comparison", "alerted", models.CharField(blank=True, default="", max_length=400)),
    ]
