"""What people write of a KPI has the limit that files have."""

from typing import Any

from django.core.validators import MaxLengthValidator
from django.db import migrations, models


def text(name: str, **words: Any) -> migrations.AlterField:
    """The field, checked when it is written."""
    field = models.TextField(blank=True, validators=[MaxLengthValidator(10_000)], **words)
    return migrations.AlterField(model_name="kpi", name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [("kpis", "0009_who_wrote_a_target_before")]
    operations = [
        text("customer_criterion", help_text="The customer's own words for it"),
        text("data_source", help_text="Where the data comes from"),
        text("definition"),
        text("purpose", help_text="Why it is measured"),
    ]
