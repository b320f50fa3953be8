"""A mail that could not be sent waits before it is tried again."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_rates_and_mail")]

    operations = [
        migrations.AddField(
            model_name="outgoingmail",
            name="not_before",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
    ]
