"""Which of a person's weekly moments was dealt with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0002_policy")]

    operations = [
        migrations.AddField(
            model_name="remindertime",
            name="handled_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
