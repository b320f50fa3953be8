"""The one company, named and dated by the environment of the day the database is set up."""

from typing import Any

from django.conf import settings
from django.db import migrations


def found_company(apps: Any, schema_editor: Any) -> None:
    """Create the company's row."""
    apps.get_model("accounts", "Company").objects.create(
        pk=1,
        name=settings.COMPANY_NAME,
        currency=settings.COMPANY_CURRENCY,
        time_zone=settings.TIME_ZONE,
        fiscal_year_start_month=settings.FISCAL_YEAR_START_MONTH or 1,
        fiscal_year_named_by=settings.FISCAL_YEAR_NAMED_BY or "end",
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(found_company, migrations.RunPython.noop)]
