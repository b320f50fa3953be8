"""The day on which owners of KPIs are written to is the company's; it begins as the environment has it."""

import django.core.validators
from django.conf import settings
from django.db import migrations, models


def take_over(apps, schema_editor):
    """The day that this installation had chosen."""
    apps.get_model("accounts", "Company").objects.update(kpi_mail_day=settings.KPI_MAIL_DAY)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_threads_and_actions")]

    operations = [
        migrations.AddField(
            model_name="company",
            name="kpi_mail_day",
            field=models.PositiveSmallIntegerField(
                default=5,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(28),
                ],
                verbose_name="day of mails about KPIs",
                help_text="Of each month: owners are told what the month before misses, and what the quarter missed",
            ),
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
